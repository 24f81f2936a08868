import { useEffect, useMemo, useState } from "react";
import { FormattedList } from "react-intl";
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
import { Invitations } from "./Invitations";
import { SuggestedCommunities } from "./SuggestedCommunities";

const states = ["forming", "active", "dormant", "closed"] as const;
const joinings = ["open", "request", "invitation"] as const;
const names = ["query", "state", "joining", "language", "topic", "whose"] as const;

export function Communities() {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const [query, setQuery] = useState(params.get("query") ?? "");
  const settled = useDebounced(query.trim(), 250);
  const choose = (name: (typeof names)[number]) => (value: string) =>
    setParams(
      (now) => {
        const next = new URLSearchParams(now);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  useEffect(() => {
    if (settled !== (params.get("query") ?? "")) choose("query")(settled);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the address follows what is typed, and nothing else
  }, [settled]);
  const { head, rows, nothingYet } = useDirectory(params);
  const value = (name: (typeof names)[number]) => params.get(name) ?? "";
  const topic = value("topic");
  const free = names.every((n) => !params.get(n));
  return (
    <Page title={t("place.communities")} lead={<p className="muted">{t("communities.lead")}</p>}>
      <div className="column">
        {free && <Invitations />}
        {free && <SuggestedCommunities />}
        <div className="filters directory">
          <SearchInput label={t("communities.search")} value={query} onChange={setQuery} />
          <SelectInput bare label={t("filter.whose.communities")} value={value("whose")} onChange={choose("whose")} options={[{ value: "", words: t("communities.all") }, { value: "mine", words: t("communities.mine") }]} />
          <SelectInput bare label={t("filter.state")} value={value("state")} onChange={choose("state")} options={[{ value: "", words: t("filter.state.all") }, ...states.map((s) => ({ value: s, words: t(`community.${s}`) }))]} />
          <SelectInput bare label={t("found.joining")} value={value("joining")} onChange={choose("joining")} options={[{ value: "", words: t("filter.joining.all") }, ...joinings.map((j) => ({ value: j, words: t(`joining.${j}`) }))]} />
          <SelectInput bare label={t("filter.language")} value={value("language")} onChange={choose("language")} options={[{ value: "", words: t("filter.language.all") }, { value: "de", words: t("language.de") }, { value: "en", words: t("language.en") }]} />
        </div>
        {topic && (
          <p className="about">
            {t("communities.topic", { topic })} <button type="button" className="button quiet" onClick={() => choose("topic")("")}>{t("communities.topic.all")}</button>
          </p>
        )}
        <p className="about">
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

/** The directory as the address says it. */
function useDirectory(params: URLSearchParams) {
  const me = useMe().data;
  const given = (name: string) => params.get(name) ?? "";
  const state = states.find((s) => s === given("state"));
  const own = useMemo(() => new Set(me?.communities.map((c) => c.community)), [me]);
  return useList(
    communitiesList(
      { ...(given("query") && { query: given("query") }), ...(state && { state }), ...(given("language") && { language: given("language") }), ...(given("topic") && { topic: given("topic") }) },
      { joining: given("joining"), mine: given("whose") === "mine" ? own : undefined },
    ),
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
        {c.state !== "closed" && <span>{t(`joining.${c.joining}`)}</span>}
        {c.visibility === "closed" && <span>{t("community.is_closed")}</span>}
        {c.topics.length > 0 && (
          <span>
            <FormattedList type="unit" value={c.topics.slice(0, 4).map((topic) => <Link key={topic} to={`/communities?topic=${encodeURIComponent(topic)}`}>{topic}</Link>)} />
          </span>
        )}
      </div>
    </>
  );
}
