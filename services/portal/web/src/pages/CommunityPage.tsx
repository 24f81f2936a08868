import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import type { Communities } from "../api/client";
import { communityQuery } from "../api/names";
import { Problem } from "../api/problem";
import { useT, type MessageId } from "../i18n";
import { Page } from "../ui/Page";
import { SubNav, type SubPlace } from "../ui/SubNav";
import { Shown } from "../ui/states";

export type Detail = Communities["CommunityDetail"];

interface Props {
  /** Of a page within the community; none: the community's own. */
  part?: MessageId;
  /** Whether somebody who may not read the community has something here. */
  all?: boolean;
  children: (detail: Detail) => ReactNode;
}

/** A page of a community: its name, and where one can go within it. */
export function CommunityPage({ part, all, children }: Props) {
  const t = useT();
  const id = useParams().community ?? "";
  const query = useQuery(communityQuery(id));
  if (!query.data) return query.error instanceof Problem && ["not-found", "invalid"].includes(query.error.code) ? <NoCommunity /> : <Page title={t("community.title")}><Shown query={query}>{() => null}</Shown></Page>;
  const { community: c, may } = query.data;
  const reads = may.includes("read");
  return (
    <Page
      key={id + (part ?? "")}
      title={part ? t(part) : c.name}
      over={part && <p className="over"><Link to={`/communities/${id}`}>{c.name}</Link></p>}
      lead={
        <>
          {!part && <p className="lead">{c.purpose}</p>}
          {reads && <SubNav of="community.places" places={placesOf(query.data)} />}
        </>
      }
    >
      {reads || all ? children(query.data) : <p className="empty">{t("community.closed.words")}</p>}
    </Page>
  );
}

function NoCommunity() {
  const t = useT();
  return (
    <Page title={t("community.missing")}>
      <p className="empty">{t("community.missing.words")}</p>
      <p className="more">
        <Link className="button primary" to="/communities">
          {t("community.missing.do")}
        </Link>
      </p>
    </Page>
  );
}

/** The pages of a community; its settings for those who may change something there. */
function placesOf({ community: c, may }: Detail): SubPlace[] {
  const at = `/communities/${c.id}`;
  const sets = may.includes("change_settings") || may.includes("change_state");
  return [
    { to: at, words: "community.overview" },
    { to: `${at}/people`, words: "community.people" },
    { to: `${at}/charter`, words: "charter.title" },
    { to: `${at}/links`, words: "links.title" },
    ...(sets ? [{ to: `${at}/settings`, words: "settings.title" } as const] : []),
  ];
}
