import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { community, read, type Communities as Parts } from "../api/client";
import { useMe } from "../api/names";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { SearchInput, SelectInput } from "../ui/fields";
import { More } from "../ui/More";
import { Page } from "../ui/Page";
import { Empty, Shown } from "../ui/states";

const states = ["forming", "active", "dormant", "closed"] as const;

export function Communities() {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const [query, setQuery] = useState(params.get("query") ?? "");
  const settled = useDebounced(query.trim(), 250);
  const state = states.find((s) => s === params.get("state"));
  const language = params.get("language") ?? "";
  useEffect(() => {
    setParams((now) => {
      const next = new URLSearchParams(now);
      if (settled) next.set("query", settled);
      else next.delete("query");
      return next;
    }, { replace: true });
  }, [settled, setParams]);
  const choose = (name: string) => (value: string) =>
    setParams((now) => {
      const next = new URLSearchParams(now);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    }, { replace: true });
  const filters = { ...(settled && { query: settled }), ...(state && { state }), ...(language && { language }) };
  const list = useInfiniteQuery({
    queryKey: ["communities", filters],
    queryFn: ({ pageParam }) => read(community.GET("/communities", { params: { query: { ...filters, limit: 50, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    placeholderData: (before) => before,
  });
  const all = { value: "", words: t("filter.all") };
  return (
    <Page title={t("place.communities")} lead={<p className="muted">{t("communities.lead")}</p>}>
      <div className="column">
        <div className="filters">
          <SearchInput label={t("communities.search")} value={query} onChange={setQuery} />
          <SelectInput bare label={t("filter.state")} value={state ?? ""} onChange={choose("state")} options={[{ value: "", words: t("filter.state.all") }, ...states.map((s) => ({ value: s, words: t(`community.${s}`) }))]} />
          <SelectInput bare label={t("filter.language")} value={language} onChange={choose("language")} options={[{ ...all, words: t("filter.language.all") }, { value: "de", words: t("language.de") }, { value: "en", words: t("language.en") }]} />
        </div>
        <Shown query={list}>
          {({ pages }) => {
            const items = pages.flatMap((p) => p.items);
            if (items.length === 0) return <Empty words={t("communities.empty")} />;
            return (
              <ul className="rows">
                {items.map((c) => (
                  <li key={c.id} data-row>
                    <CommunityRow community={c} />
                  </li>
                ))}
              </ul>
            );
          }}
        </Shown>
        <More list={list} />
        <p className="more">
          <Link className="button" to="/communities/new">
            {t("found.do")}
          </Link>
        </p>
      </div>
    </Page>
  );
}

export function CommunityRow({ community: c }: { community: Parts["Community"] }) {
  const t = useT();
  const role = useMe().data?.communities.find((m) => m.community === c.id)?.role;
  return (
    <>
      <Link className="row-title" to={`/communities/${c.id}`}>
        {c.name}
      </Link>
      <p>{c.purpose}</p>
      <div className="meta">
        {role && <span className="state good">{t(`role.${role}.own`)}</span>}
        {c.state !== "active" && <span>{t(`community.${c.state}`)}</span>}
        <span>{c.visibility === "closed" ? t("community.is_closed") : t(`joining.${c.joining}`)}</span>
        {c.topics.length > 0 && <span>{c.topics.slice(0, 4).join(", ")}</span>}
      </div>
    </>
  );
}
