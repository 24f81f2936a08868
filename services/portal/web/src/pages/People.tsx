import { useInfiniteQuery } from "@tanstack/react-query";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { membership, read, type Membership } from "../api/client";
import { useUnits } from "../api/names";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { SearchInput, SelectInput } from "../ui/fields";
import { Face, UnitName } from "../ui/people";
import { Page } from "../ui/Page";
import { Empty, Shown } from "../ui/states";

type Person = Membership["PersonSummary"];

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
              <Rows people={people} more={() => list.hasNextPage && !list.isFetchingNextPage && void list.fetchNextPage()} />
            );
          }}
        </Shown>
      </div>
    </Page>
  );
}

/** Only the rows on the screen are in the document, as high as their text is; the next page comes near the end. */
function Rows({ people, more }: { people: Person[]; more: () => void }) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useEffect(() => setTop(list.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({ count: people.length, estimateSize: () => 64, overscan: 8, scrollMargin: top, getItemKey: (i) => people[i]?.id ?? i });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= people.length - 20) more();
  });
  return (
    <ul className="people virtual" ref={list} style={{ height: rows.getTotalSize() }}>
      {items.map((item) => {
        const p = people[item.index];
        return (
          p && (
            <li key={item.key} ref={rows.measureElement} data-index={item.index} data-row style={{ transform: `translateY(${item.start - top}px)` }} aria-setsize={people.length} aria-posinset={item.index + 1}>
              <Face name={p.name} />
              <span className="line">
                <Link className="row-title" to={`/people/${p.id}`}>
                  {p.name}
                </Link>
                <span className="small muted unit">
                  <UnitName id={p.unit} />
                </span>
              </span>
            </li>
          )
        );
      })}
    </ul>
  );
}
