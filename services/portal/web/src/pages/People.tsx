import { useState } from "react";
import { Link } from "react-router";
import { peopleList, useList } from "../api/lists";
import { useUnits } from "../api/names";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { SearchInput, SelectInput } from "../ui/fields";
import { LongList } from "../ui/LongList";
import { Face, UnitName } from "../ui/people";
import { Page } from "../ui/Page";
import { Empty, Shown, Waiting } from "../ui/states";

export function People() {
  const t = useT();
  const [query, setQuery] = useState("");
  const [unit, setUnit] = useState("");
  const settled = useDebounced(query.trim(), 250);
  const units = [...useUnits().values()].filter((u) => !u.closed).sort((a, b) => a.name.localeCompare(b.name));
  const filters = { ...(settled && { query: settled }), ...(unit && { unit }) };
  const { head, rows, nothingYet } = useList(peopleList(filters));
  return (
    <Page title={t("place.people")} lead={<p className="muted">{t("people.lead")}</p>}>
      <div className="column">
        <div className="filters">
          <SearchInput label={t("people.search")} value={query} onChange={setQuery} />
          <SelectInput bare label={t("people.unit")} value={unit} onChange={setUnit} options={[{ value: "", words: t("people.unit.all") }, ...units.map((u) => ({ value: u.id, words: u.name }))]} />
        </div>
        <Shown query={head}>
          {() => {
            if (nothingYet) return <Waiting />;
            if (rows.items.length === 0) return <Empty words={t("people.empty")} />;
            return (
              <LongList rows={rows} className="people" height={64}>
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
              </LongList>
            );
          }}
        </Shown>
      </div>
    </Page>
  );
}
