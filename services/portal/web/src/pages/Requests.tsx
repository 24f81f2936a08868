import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { matching, read } from "../api/client";
import { requestFilters, requestsList, useList } from "../api/lists";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { SearchInput, SelectInput } from "../ui/fields";
import { LongList } from "../ui/LongList";
import { Page } from "../ui/Page";
import { Name } from "../ui/people";
import { RequestRow, State } from "../ui/RequestRow";
import { Empty, Shown, Waiting } from "../ui/states";
import { Time } from "../ui/Time";
import { kinds } from "./asking";

const states = ["open", "resolved", "unresolved", "withdrawn"] as const;

export function Requests() {
  const t = useT();
  const [search, setSearch] = useState("");
  const settled = useDebounced(search.trim(), 300);
  return (
    <Page title={t("place.requests")} lead={<p className="muted">{t("requests.lead")}</p>}>
      <div className="column">
        <div className="filters single">
          <SearchInput label={t("requests.search")} value={search} onChange={setSearch} />
        </div>
        {settled.length > 2 ? <Resembling text={settled} /> : <All />}
      </div>
    </Page>
  );
}

/** What comes close to some words, best first. */
function Resembling({ text }: { text: string }) {
  const t = useT();
  const query = useQuery({
    queryKey: ["similar", text, "search"],
    queryFn: () => read(matching.GET("/similar", { params: { query: { text, at_most: 30 } } })),
    placeholderData: (before) => before,
  });
  return (
    <Shown query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty words={t("requests.empty")}>
            <Link className="button primary" to="/ask">
              {t("ask.do")}
            </Link>
          </Empty>
        ) : (
          <ul className="rows">
            {items.map((r) => (
              <li key={r.request} data-row>
                <Link className="row-title" to={`/requests/${r.request}`}>
                  {r.title}
                </Link>
                <div className="meta">
                  <State state={r.state} />
                  <span>{t(`kind.${r.kind}`)}</span>
                  <Name id={r.asker} />
                  <Time at={r.created} />
                  {r.responses > 0 && <span>{t("request.count", { count: r.responses })}</span>}
                </div>
              </li>
            ))}
          </ul>
        )
      }
    </Shown>
  );
}

function All() {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const choose = (name: string) => (value: string) => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    setParams(next, { replace: true });
  };
  const filters = requestFilters(params);
  const { state, kind, mine = false, whose } = filters;
  const { head, rows, nothingYet } = useList(requestsList(filters));
  const all = { value: "", words: t("filter.all") };
  return (
    <>
      <div className="filters three">
        <SelectInput
          label={t("filter.whose")}
          value={mine ? "mine" : whose ? "communities" : ""}
          onChange={choose("whose")}
          options={[all, { value: "communities", words: t("filter.whose.near") }, { value: "mine", words: t("filter.whose.mine") }]}
        />
        <SelectInput label={t("filter.state")} value={state ?? ""} onChange={choose("state")} options={[all, ...states.map((s) => ({ value: s, words: t(`state.${s}`) }))]} />
        <SelectInput label={t("filter.kind")} value={kind ?? ""} onChange={choose("kind")} options={[all, ...kinds.map((k) => ({ value: k, words: t(`kind.${k}`) }))]} />
      </div>
      <Shown query={head}>
        {() => {
          if (nothingYet) return <Waiting />;
          if (rows.items.length === 0)
            return (
              <Empty words={t("requests.empty")}>
                <Link className="button primary" to="/ask">
                  {t("ask.do")}
                </Link>
              </Empty>
            );
          return (
            <LongList rows={rows} className="rows" height={76}>
              {(r) => <RequestRow request={r} own={mine} />}
            </LongList>
          );
        }}
      </Shown>
    </>
  );
}
