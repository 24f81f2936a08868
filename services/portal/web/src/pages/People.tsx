import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { membership, read } from "../api/client";
import { useUnits } from "../api/names";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { SearchInput, SelectInput } from "../ui/fields";
import { Face, UnitName } from "../ui/people";
import { Page } from "../ui/Page";
import { Empty, Shown } from "../ui/states";
import { VirtualRows } from "../ui/VirtualRows";

export function People() {
  const t = useT();
  const [query, setQuery] = useState("");
  const [unit, setUnit] = useState("");
  const settled = useDebounced(query.trim(), 250);
  const units = [...useUnits().values()].filter((u) => !u.closed).sort((a, b) => a.name.localeCompare(b.name));
  const filters = { ...(settled && { query: settled }), ...(unit && { unit }) };
  const list = useInfiniteQuery({
    queryKey: ["people", filters],
    queryFn: ({ pageParam }) => read(membership.GET("/people", { params: { query: { ...filters, limit: 100, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    placeholderData: (before) => before,
  });
  return (
    <Page title={t("place.people")} lead={<p className="muted">{t("people.lead")}</p>}>
      <div className="column">
        <div className="filters">
          <SearchInput label={t("people.search")} value={query} onChange={setQuery} />
          <SelectInput bare label={t("people.unit")} value={unit} onChange={setUnit} options={[{ value: "", words: t("people.unit.all") }, ...units.map((u) => ({ value: u.id, words: u.name }))]} />
        </div>
        <Shown query={list}>
          {({ pages }) => {
            const people = pages.flatMap((p) => p.items);
            return people.length === 0 ? (
              <Empty words={t("people.empty")} />
            ) : (
              <VirtualRows items={people} id={(p) => p.id} height={64} className="people" reached more={() => list.hasNextPage && !list.isFetchingNextPage && void list.fetchNextPage()}>
                {(p) => (
                  <>
                    <Face name={p.name} />
                    <span className="line">
                      <Link className="row-title" to={`/people/${p.id}`}>
                        {p.name}
                      </Link>
                      <span className="small muted unit">
                        <UnitName id={p.unit} />
                      </span>
                    </span>
                  </>
                )}
              </VirtualRows>
            );
          }}
        </Shown>
      </div>
    </Page>
  );
}
