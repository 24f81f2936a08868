import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { community, read } from "../api/client";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { RequestRow } from "../ui/RequestRow";
import { Empty, Shown } from "../ui/states";
import { Time } from "../ui/Time";
import { Belonging } from "./CommunityBelonging";
import { CharterInShort } from "./CommunityCharter";
import { Checklist } from "./CommunityChecklist";
import { LinksInShort } from "./CommunityLinks";
import { Faces } from "./CommunityFaces";
import { CommunityPage, type Detail } from "./CommunityPage";
import { Pulse } from "./CommunityPulse";
import { Standing } from "./CommunityStanding";
import { WaitingPeople } from "./CommunityWaiting";

export function Community() {
  return <CommunityPage all>{(detail) => <Overview key={detail.community.id} detail={detail} />}</CommunityPage>;
}

function Overview({ detail }: { detail: Detail }) {
  const t = useT();
  const { community: c, role, may } = detail;
  const coordinates = usePerson().roles.includes("coordinator");
  const reads = may.includes("read");
  const forms = may.includes("change_state") && role === "host" && ["draft", "forming"].includes(c.state);
  return (
    <div className="with-margin">
      <div>
        <Standing detail={detail} />
        <Belonging detail={detail} />
        {forms && <Checklist detail={detail} />}
        {(role === "host" || (coordinates && detail.succession)) && c.joining === "request" && <WaitingPeople community={c.id} />}
        {reads ? (
          <>
            <Requests community={c.id} asks={may.includes("ask") && !role} />
            <Faces community={c.id} of="community.people" />
            <Pulse community={c.id} />
          </>
        ) : (
          <p className="empty">{t("community.closed.words")}</p>
        )}
      </div>
      <aside className="margin">
        <section>
          <h2>{t("community.about")}</h2>
          <ul>
            <li>{t(`community.${c.state}`)}</li>
            <li>{c.visibility === "closed" ? t("community.is_closed") : t("community.is_open")}</li>
            {c.state !== "closed" && <li>{t(`joining.${c.joining}`)}</li>}
            <li>
              {t("community.founded")} <Time at={c.founded} />
            </li>
          </ul>
          {c.topics.length > 0 && (
            <p className="topics muted">
              {c.topics.map((topic) => (
                <Link key={topic} to={`/communities?topic=${encodeURIComponent(topic)}`}>
                  {topic}
                </Link>
              ))}
            </p>
          )}
        </section>
        {reads && <CharterInShort community={c.id} revises={may.includes("revise_charter")} />}
        {reads && <LinksInShort community={c.id} />}
      </aside>
    </div>
  );
}

function Requests({ community: id, asks }: { community: string; asks: boolean }) {
  const t = useT();
  const query = useQuery({
    queryKey: ["requests", "of", id],
    queryFn: () => read(community.GET("/requests", { params: { query: { community: id, limit: 10 } } })),
  });
  return (
    <section className="section">
      <div className="head">
        <h2>{t("place.requests")}</h2>
        {asks && <Link to={`/ask?community=${id}`}>{t("community.ask")}</Link>}
      </div>
      <Shown query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty words={t("community.requests.empty")} />
          ) : (
            <ul className="rows">
              {items.map((r) => (
                <li key={r.id} data-row>
                  <RequestRow request={r} inside />
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </section>
  );
}
