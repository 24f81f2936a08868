import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { charterQuery } from "../api/charter";
import { community, membership, read } from "../api/client";
import { useT } from "../i18n";
import type { Detail } from "./CommunityPage";
import { StateChange } from "./CommunityStates";

/** For hosts: what a community agrees on before it is active, and where each of it is done. */
export function Checklist({ detail: { community: c } }: { detail: Detail }) {
  const t = useT();
  const charter = useQuery(charterQuery(c.id)).data;
  const members = useQuery({
    queryKey: ["members", c.id, "many"],
    queryFn: () => read(membership.GET("/communities/{community}/members", { params: { path: { community: c.id }, query: { limit: 200 } } })),
  }).data?.items;
  const asked = useQuery({
    queryKey: ["requests", "of", c.id],
    queryFn: () => read(community.GET("/requests", { params: { query: { community: c.id, limit: 10 } } })),
  }).data?.items;
  if (!charter || !members || !asked) return null;
  const at = `/communities/${c.id}`;
  const units = new Set(members.map((m) => m.unit).filter(Boolean));
  const caring = members.filter((m) => ["host", "sponsor", "core"].includes(m.role));
  const points = [
    { what: "who", done: units.size >= 2, to: `${at}/people` },
    { what: "purpose", done: charter.version > 0, to: `${at}/charter` },
    { what: "goals", done: charter.objectives.length > 0, to: `${at}/charter` },
    { what: "roles", done: caring.length >= 2, to: `${at}/people` },
    { what: "talk", done: asked.length > 0, to: `/ask?community=${c.id}` },
    { what: "norms", done: charter.norms.length > 0, to: `${at}/charter` },
  ] as const;
  const open = points.filter((p) => !p.done);
  const later = (what: string) => what === "talk" && c.state === "draft"; // a draft takes no questions
  const to = c.state === "draft" ? "forming" : "active";
  return (
    <section className="section">
      <div className="head">
        <h2>{t("checklist.title")}</h2>
        <span className="muted">{t("checklist.done", { done: points.length - open.length, all: points.length })}</span>
      </div>
      <p className="muted">{open.length > 0 ? t("checklist.words") : t("checklist.complete")}</p>
      <ul className="checklist">
        {points.map(({ what, done, to: where }) => (
          <li key={what} className={done ? "done" : "open"} data-row={done ? undefined : true}>
            <span className="unseen">{done ? t("checklist.is_done") : t("checklist.is_open")}</span>
            {done || later(what) ? <span>{t(`checklist.${what}`)}</span> : <Link to={where}>{t(`checklist.${what}`)}</Link>}
            <span className="small muted">
              {t(`checklist.${what}.means`)} {later(what) && t("checklist.talk.later")}
            </span>
          </li>
        ))}
      </ul>
      <p className="muted small">{t(`hosting.${to}.means`)}</p>
      <StateChange community={c} to={to} main={open.length === 0 || c.state === "draft"} />
    </section>
  );
}
