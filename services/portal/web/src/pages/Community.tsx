import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { community, membership, read, type Communities } from "../api/client";
import { communityQuery } from "../api/names";
import { useT } from "../i18n";
import { Face, UnitName } from "../ui/people";
import { Page } from "../ui/Page";
import { RequestRow } from "../ui/RequestRow";
import { Empty, Shown } from "../ui/states";
import { Time } from "../ui/Time";
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
  const { community: c, may } = detail;
  const reads = may.includes("read");
  return (
    <Page title={c.name} lead={<p className="lead">{c.purpose}</p>}>
      <div className="with-margin">
        <div>
          <Belonging detail={detail} />
          {reads ? (
            <>
              <Requests community={c.id} asks={may.includes("ask")} />
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
          {reads && <Charter community={c.id} />}
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

const roles = ["sponsor", "host", "core", "guest", "member", "peripheral"] as const;

/** People by role, never by rank. */
function People({ community: id }: { community: string }) {
  const t = useT();
  const query = useQuery({
    queryKey: ["members", id],
    queryFn: () => read(membership.GET("/communities/{community}/members", { params: { path: { community: id }, query: { limit: 100 } } })),
  });
  return (
    <section className="section">
      <div className="head">
        <h2>{t("community.people")}</h2>
      </div>
      <Shown query={query}>
        {({ items, next }) => (
          <>
            {roles.map((role) => {
              const those = items.filter((m) => m.role === role);
              return (
                those.length > 0 && (
                  <div key={role}>
                    <h3 className="day">{t(`role.${role}`)}</h3>
                    <ul className="people members">
                      {those.map((m) => (
                        <li key={m.person}>
                          <Face name={m.name} />
                          <span>
                            <Link to={`/people/${m.person}`}>{m.name ?? t("person.former")}</Link>
                            <span className="small muted unit">
                              <UnitName id={m.unit} />
                            </span>
                          </span>
                        </li>
                      ))}
                    </ul>
                  </div>
                )
              );
            })}
            {next && <p className="muted small">{t("community.people.more", { count: items.length })}</p>}
          </>
        )}
      </Shown>
    </section>
  );
}

function Charter({ community: id }: { community: string }) {
  const t = useT();
  const query = useQuery({
    queryKey: ["charter", id],
    queryFn: () => read(community.GET("/communities/{community}/charter", { params: { path: { community: id } } })),
  });
  return (
    <section>
      <h2>{t("charter.title")}</h2>
      <Shown query={query}>
        {(charter) =>
          charter.version === 0 ? (
            <p className="muted">{t("charter.empty")}</p>
          ) : (
            <>
              {charter.purpose && <p>{charter.purpose}</p>}
              {charter.vision && (
                <p>
                  <strong>{t("charter.vision")}</strong> {charter.vision}
                </p>
              )}
              <Lines title={t("charter.objectives")} lines={charter.objectives} />
              <Lines title={t("charter.norms")} lines={charter.norms} />
              <Lines title={t("charter.stakeholders")} lines={charter.stakeholders.map((s) => `${s.name}: ${s.interest}`)} />
              <p className="muted">
                {t("charter.version", { version: charter.version })} {charter.at && <Time at={charter.at} />}
              </p>
            </>
          )
        }
      </Shown>
    </section>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <h3 className="small">{title}</h3>
      <ul className="bullets">
        {lines.map((line, i) => (
          <li key={i}>{line}</li>
        ))}
      </ul>
    </>
  );
}
