import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { community, read, type Communities } from "../api/client";
import { communityQuery } from "../api/names";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { Page } from "../ui/Page";
import { RequestRow } from "../ui/RequestRow";
import { Empty, Shown } from "../ui/states";
import { Time } from "../ui/Time";
import { Charter } from "./CommunityCharter";
import { Hosting } from "./CommunityHosting";
import { People } from "./CommunityMemberList";
import { WaitingPeople } from "./CommunityWaiting";
import { Belonging } from "./CommunityBelonging";

export function Community() {
  const t = useT();
  const id = useParams().community ?? "";
  const query = useQuery(communityQuery(id));
  if (!query.data)
    return (
      <Page title={t("community.title")}>
        <Shown query={query}>{() => null}</Shown>
      </Page>
    );
  return <Open key={id} detail={query.data} />;
}

function Open({ detail }: { detail: Communities["CommunityDetail"] }) {
  const t = useT();
  const { community: c, role, may } = detail;
  const coordinates = usePerson().roles.includes("coordinator");
  const reads = may.includes("read");
  return (
    <Page title={c.name} lead={<p className="lead">{c.purpose}</p>}>
      <div className="with-margin">
        <div>
          <Belonging detail={detail} />
          {(role === "host" || coordinates) && c.joining === "request" && <WaitingPeople community={c.id} />}
          {reads ? (
            <>
              <Requests community={c.id} asks={may.includes("ask") && !role} />
              <People community={c.id} />
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
              <li>{t(`joining.${c.joining}`)}</li>
              <li>
                {t("community.founded")} <Time at={c.founded} />
              </li>
            </ul>
            {c.topics.length > 0 && <p className="topics muted">{c.topics.map((topic) => <span key={topic}>{topic}</span>)}</p>}
          </section>
          {reads && <Charter community={c.id} revises={may.includes("revise_charter")} />}
          <Hosting detail={detail} />
        </aside>
      </div>
    </Page>
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
