import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { community, read, type Communities } from "../api/client";
import { useT } from "../i18n";
import { focusHeading } from "../ui/focus";
import { More } from "../ui/More";
import { Opening } from "../ui/Opening";
import { Shown } from "../ui/states";
import { CommunityPage, type Detail } from "./CommunityPage";
import { LinkRow, LinkWords } from "./LinkRow";
import { ProposeLink, type Target } from "./ProposeLink";
import { SplitSuggested, SuggestedLinks } from "./SuggestedLinks";

type State = Communities["Link"]["state"];

/** The relationships that a community has agreed on with others; for hosts, those that it could have. */
export function CommunityLinks() {
  return <CommunityPage part="links.title">{(detail) => <Links key={detail.community.id} detail={detail} />}</CommunityPage>;
}

function Links({ detail: { community: c, role } }: { detail: Detail }) {
  const t = useT();
  const hosts = role === "host" && c.state !== "closed";
  const [target, setTarget] = useState<Target | "any">();
  return (
    <div className="column">
      <p className="muted about">{t("links.lead")}</p>
      {hosts &&
        (target ? (
          <ProposeLink key={target === "any" ? "" : target.id} from={c} to={target === "any" ? undefined : target} close={() => (setTarget(undefined), focusHeading())} />
        ) : (
          <p className="about">
            <Button className="button primary" onPress={() => setTarget("any")}>
              {t("links.propose")}
            </Button>
          </p>
        ))}
      {hosts && <Those community={c.id} state="proposed" title={t("links.proposed")} />}
      <Those community={c.id} state="agreed" title={t("links.agreed")} empty={t("links.empty")} />
      {hosts && <SuggestedLinks community={c.id} propose={setTarget} />}
      {hosts && <SplitSuggested community={c.id} />}
      {role === "host" && (
        <Opening words={t("links.earlier")} className="button quiet">
          {() => (
            <>
              <Those community={c.id} state="declined" title={t("links.declined")} empty={t("links.none")} />
              <Those community={c.id} state="withdrawn" title={t("links.withdrawn")} empty={t("links.none")} />
              <Those community={c.id} state="ended" title={t("links.ended")} empty={t("links.none")} />
            </>
          )}
        </Opening>
      )}
    </div>
  );
}

function useLinks(id: string, state: State) {
  return useInfiniteQuery({
    queryKey: ["links", id, state],
    queryFn: ({ pageParam }) => read(community.GET("/communities/{community}/links", { params: { path: { community: id }, query: { state, limit: 50, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
}

/** The links in one state; a heading without any only where it says so. */
function Those({ community: id, state, title, empty }: { community: string; state: State; title: string; empty?: string }) {
  const list = useLinks(id, state);
  const items = list.data?.pages.flatMap((p) => p.items) ?? [];
  if (list.data && items.length === 0 && !list.hasNextPage && !empty) return null;
  return (
    <section className="section">
      <div className="head">
        <h2 tabIndex={-1}>{title}</h2>
      </div>
      <Shown query={list}>
        {() =>
          items.length === 0 && !list.hasNextPage ? (
            <p className="empty">{empty}</p>
          ) : (
            <ul className="rows">
              {items.map((l) => (
                <li key={l.id} data-row>
                  <LinkRow link={l} of={id} />
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
      <More list={list} />
    </section>
  );
}

/** In the margin of a community: what it is linked with. */
export function LinksInShort({ community: id }: { community: string }) {
  const t = useT();
  const { data } = useQuery({
    queryKey: ["links", id, "first"],
    queryFn: () => read(community.GET("/communities/{community}/links", { params: { path: { community: id }, query: { limit: 5 } } })),
  });
  if (!data?.items.length) return null;
  return (
    <section>
      <h2>{t("links.title")}</h2>
      <ul className="linked">
        {data.items.map((l) => (
          <li key={l.id}>
            <LinkWords link={l} of={id} />
          </li>
        ))}
      </ul>
      {data.next && (
        <p>
          <Link to={`/communities/${id}/links`}>{t("links.all")}</Link>
        </p>
      )}
    </section>
  );
}
