import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { membershipsQuery } from "../api/belonging";
import { community, read, type Communities } from "../api/client";
import { usePerson } from "../app/context";
import { T, useT } from "../i18n";
import { RequestRow } from "../ui/RequestRow";
import { Empty, Shown } from "../ui/states";
import { Time } from "../ui/Time";
import { Faces } from "./CommunityFaces";
import { CommunityPage, type Detail } from "./CommunityPage";
import { MeetBuddy } from "./MeetBuddy";
import { useBuddies } from "./meeting";

type Request = Communities["Request"];

/** What has happened since somebody joined, for the end of their first week. */
export function CommunityWeek() {
  return <CommunityPage part="week.title">{(detail) => <Week key={detail.community.id} detail={detail} />}</CommunityPage>;
}

function Week({ detail: { community: c, may } }: { detail: Detail }) {
  const t = useT();
  const { person: me } = usePerson();
  const memberships = useQuery(membershipsQuery);
  return (
    <Shown query={memberships}>
      {({ items }) => {
        const mine = items.find((m) => m.community === c.id && m.status === "member");
        if (!mine) return <Empty words={t("week.not_member")} />;
        return (
          <>
            <p className="muted about">
              <T id="week.since" since={<Time at={mine.since} />} />
            </p>
            <Asked community={c.id} since={mine.since} asks={may.includes("ask")} />
            {/* Whom it is good to know: those who have taken on something. */}
            <Faces community={c.id} of="week.caring" only={(m) => m.person !== me && ["host", "sponsor", "core"].includes(m.role)} />
            <Buddy community={c.id} />
          </>
        );
      }}
    </Shown>
  );
}

/** What was asked in the community since: first what still waits for an answer. */
function Asked({ community: id, since, asks }: { community: string; since: string; asks: boolean }) {
  const t = useT();
  const { person } = usePerson();
  const query = useQuery({
    queryKey: ["requests", "week", id],
    queryFn: () => read(community.GET("/requests", { params: { query: { community: id, limit: 50 } } })),
  });
  const waits = (r: Request) => ["open", "routed"].includes(r.state);
  return (
    <Shown query={query}>
      {({ items }) => {
        const asked = items.filter((r) => r.asker.id !== person && Date.parse(r.created) >= Date.parse(since) && !["withdrawn", "retracted"].includes(r.state));
        return (
          <>
            <section className="section">
              <div className="head">
                <h2>{t("week.waiting")}</h2>
                {asks && <Link to={`/ask?community=${id}`}>{t("community.ask")}</Link>}
              </div>
              <Rows requests={asked.filter(waits)} empty={t(asked.length > 0 ? "week.waiting.none" : "week.asked.none")} />
            </section>
            {asked.some((r) => !waits(r)) && (
              <section className="section">
                <div className="head">
                  <h2>{t("week.answered")}</h2>
                </div>
                <Rows requests={asked.filter((r) => !waits(r)).slice(0, 10)} empty="" />
              </section>
            )}
          </>
        );
      }}
    </Shown>
  );
}

function Rows({ requests, empty }: { requests: readonly Request[]; empty: string }) {
  if (requests.length === 0) return <Empty words={empty} />;
  return (
    <ul className="rows">
      {requests.map((r) => (
        <li key={r.id} data-row>
          <RequestRow request={r} inside />
        </li>
      ))}
    </ul>
  );
}

function Buddy({ community: id }: { community: string }) {
  const t = useT();
  const { person } = usePerson();
  const mine = useBuddies().data?.find((b) => b.community === id && b.newcomer === person);
  if (!mine) return null;
  return (
    <section className="section">
      <div className="head">
        <h2>{t("week.buddy")}</h2>
      </div>
      <MeetBuddy buddy={mine} />
    </section>
  );
}
