import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { membership, read } from "../api/client";
import { personId, rowsOf } from "../api/lists";
import { useUnits } from "../api/names";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { SearchInput, SelectInput } from "../ui/fields";
import { LongList } from "../ui/LongList";
import { Face, UnitName } from "../ui/people";
import { Empty, Shown } from "../ui/states";
import { OrganisationPage } from "./Organisation";

export function OrganisationPeople() {
  const t = useT();
  const [query, setQuery] = useState("");
  const [unit, setUnit] = useState("");
  const [active, setActive] = useState("yes");
  const settled = useDebounced(query.trim(), 250);
  const units = [...useUnits().values()].filter((u) => !u.closed).sort((a, b) => a.name.localeCompare(b.name));
  const filters = { ...(settled && { query: settled }), ...(unit && { unit }), ...(active === "no" && { inactive: true }) };
  const key = ["people", "administered", filters];
  const list = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read(membership.GET("/people", { params: { query: { ...filters, limit: 100, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    placeholderData: (before) => before,
  });
  return (
    <OrganisationPage
      title={t("place.people")}
      lead={
        <p>
          <Link className="button" to="/organisation/people/new">
            {t("org.person.new")}
          </Link>
        </p>
      }
    >
      <div className="column">
        <div className="filters">
          <SearchInput label={t("people.search")} value={query} onChange={setQuery} />
          <SelectInput bare label={t("people.unit")} value={unit} onChange={setUnit} options={[{ value: "", words: t("people.unit.all") }, ...units.map((u) => ({ value: u.id, words: u.name }))]} />
          <SelectInput
            bare
            label={t("org.people.active")}
            value={active}
            onChange={setActive}
            options={[
              { value: "yes", words: t("org.people.active.yes") },
              { value: "no", words: t("org.people.active.no") },
            ]}
          />
        </div>
        <Shown query={list}>
          {({ pages }) => {
            const people = pages.flatMap((p) => p.items);
            if (people.length === 0) return <Empty words={active === "no" ? t("org.people.empty.inactive") : t("people.empty")} />;
            return (
              <LongList rows={rowsOf(key, people, personId, list)} className="people" height={64}>
                {(p) => (
                  <>
                    <Face name={p.name} />
                    <span className="line">
                      <Link className="row-title" to={`/organisation/people/${p.id}`}>
                        {p.name}
                      </Link>
                      <span className="small muted unit">
                        <UnitName id={p.unit} />
                      </span>
                    </span>
                  </>
                )}
              </LongList>
            );
          }}
        </Shown>
      </div>
    </OrganisationPage>
  );
}
