import { community, read, type Communities } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useT } from "../i18n";
import { Opening } from "../ui/Opening";
import { ReasonForm } from "../ui/ReasonForm";
import { focusHeading } from "../ui/focus";
import type { Detail } from "./CommunityPage";

type Next = Communities["StateChange"]["to"];

const next = (detail: Detail) => (detail.next_states ?? []).filter((s): s is Next => s !== "draft");

/** For hosts and coordinators: where the community can go from here, and what each step means. */
export function States({ detail }: { detail: Detail }) {
  const t = useT();
  const { community: c } = detail;
  return (
    <section className="section" id="state">
      <div className="head">
        <h2>{t("hosting.title")}</h2>
      </div>
      <p>
        <strong>{t(`community.${c.state}`)}</strong>
        <span className="muted unit">{t(`standing.${c.state}`)}</span>
      </p>
      <ul className="rows">
        {next(detail).map((to) => (
          <li key={to} data-row>
            <h3>{t(`hosting.${stepOf(c.state, to)}`)}</h3>
            <p className="muted small">{t(`hosting.${stepOf(c.state, to)}.means`)}</p>
            <StateChange community={c} to={to} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Becoming active again is another step than the first time. */
const stepOf = (from: Detail["community"]["state"], to: Next) => (from === "dormant" && to === "active" ? "wake" : to);

/** One step, with the reason that members read. */
export function StateChange({ community: c, to, main }: { community: Detail["community"]; to: Next; main?: boolean }) {
  const t = useT();
  const step = stepOf(c.state, to);
  const change = useCommand((body: Communities["StateChange"], key) =>
    read(community.POST("/communities/{community}/state", { params: { path: { community: c.id }, header: command(key) }, body })),
  );
  return (
    <Opening words={t(`hosting.${step}`)} className={main ? "button primary" : to === "closed" ? "button quiet" : "button"}>
      {(close) => (
        <ReasonForm
          draft={`state.${c.id}.${to}`}
          meaning={to === "closed" ? t("hosting.closed.sure", { name: c.name }) : ""}
          label={t("hosting.reason")}
          missing={t("hosting.reason.missing")}
          does={t(`hosting.${step}`)}
          busy={change.isPending}
          failed={change.error}
          send={(reason) => change.mutateAsync({ to, reason })}
          done={() => (close(), focusHeading())}
          cancel={close}
        />
      )}
    </Opening>
  );
}
