import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { community, matching, read } from "../api/client";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { SearchInput, SelectInput } from "../ui/fields";
import { More } from "../ui/More";
import { Page } from "../ui/Page";
import { RequestRow, State } from "../ui/RequestRow";
import { Empty, Shown } from "../ui/states";
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
  const state = states.find((s) => s === params.get("state"));
  const kind = kinds.find((k) => k === params.get("kind"));
  const mine = params.get("whose") === "mine";
  const filters = { ...(state && { state }), ...(kind && { kind }), ...(mine && { mine }) };
  const list = useInfiniteQuery({
    queryKey: ["requests", "list", filters],
    queryFn: ({ pageParam }) =>
      read(community.GET("/requests", { params: { query: { ...filters, limit: 30, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  const all = { value: "", words: t("filter.all") };
  return (
    <>
      <div className="filters three">
        <SelectInput label={t("filter.whose")} value={mine ? "mine" : ""} onChange={choose("whose")} options={[{ value: "", words: t("filter.whose.all") }, { value: "mine", words: t("filter.whose.mine") }]} />
        <SelectInput label={t("filter.state")} value={state ?? ""} onChange={choose("state")} options={[all, ...states.map((s) => ({ value: s, words: t(`state.${s}`) }))]} />
        <SelectInput label={t("filter.kind")} value={kind ?? ""} onChange={choose("kind")} options={[all, ...kinds.map((k) => ({ value: k, words: t(`kind.${k}`) }))]} />
      </div>
      <Shown query={list}>
        {({ pages }) => {
          const items = pages.flatMap((p) => p.items);
          if (items.length === 0)
            return (
              <Empty words={t("requests.empty")}>
                <Link className="button primary" to="/ask">
                  {t("ask.do")}
                </Link>
              </Empty>
            );
          return (
            <ul className="rows">
              {items.map((r) => (
                <li key={r.id} data-row>
                  <RequestRow request={r} own={mine} />
                </li>
              ))}
            </ul>
          );
        }}
      </Shown>
      <More list={list} />
    </>
  );
}
