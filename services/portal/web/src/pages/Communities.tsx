import { useEffect, useState } from "react";
import { Link, useSearchParams } from "react-router";
import type { Communities as Parts } from "../api/client";
import { communitiesList, useList } from "../api/lists";
import { useMe } from "../api/names";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { SearchInput, SelectInput } from "../ui/fields";
import { LongList } from "../ui/LongList";
import { Page } from "../ui/Page";
import { Empty, Shown, Waiting } from "../ui/states";

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
  const { head, rows, nothingYet } = useList(communitiesList(filters));
  const all = { value: "", words: t("filter.all") };
  return (
    <Page title={t("place.communities")} lead={<p className="muted">{t("communities.lead")}</p>}>
      <div className="column">
        <div className="filters">
          <SearchInput label={t("communities.search")} value={query} onChange={setQuery} />
          <SelectInput bare label={t("filter.state")} value={state ?? ""} onChange={choose("state")} options={[{ value: "", words: t("filter.state.all") }, ...states.map((s) => ({ value: s, words: t(`community.${s}`) }))]} />
          <SelectInput bare label={t("filter.language")} value={language} onChange={choose("language")} options={[{ ...all, words: t("filter.language.all") }, { value: "de", words: t("language.de") }, { value: "en", words: t("language.en") }]} />
        </div>
        <p>
          <Link to="/communities/new">{t("found.do")}</Link>
        </p>
        <Shown query={head}>
          {() => {
            if (nothingYet) return <Waiting />;
            if (rows.items.length === 0) return <Empty words={t("communities.empty")} />;
            return (
              <LongList rows={rows} className="rows" height={100}>
                {(c) => <CommunityRow community={c} />}
              </LongList>
            );
          }}
        </Shown>
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
