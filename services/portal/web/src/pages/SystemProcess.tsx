import { useIntl } from "react-intl";
import type { System } from "../api/client";
import { T, useT } from "../i18n";
import { Time } from "../ui/Time";
import { Views } from "./SystemViews";

type State = System["State"];

const late = 30; // seconds; from then on the services refuse to judge permissions

/** One process: how it is doing, what is wrong with it, and its views. */
export function Process({ state, alone }: { state: State; alone: boolean }) {
  const t = useT();
  const intl = useIntl();
  const events = Math.max(...state.lanes.map((l) => l.events), 0);
  const seconds = Math.max(...state.lanes.map((l) => l.seconds), 0);
  return (
    <section className="section process">
      <div className="head">
        <h2>{alone ? t("system.one") : intl.formatList(state.services)}</h2>
        <span className={`state ${state.ready ? "good" : "bad"}`}>{state.ready ? t("system.ready") : t("system.not_ready")}</span>
      </div>
      {alone && <p className="muted">{intl.formatList(state.services)}</p>}
      <Loud state={state} />
      <dl className="facts">
        <dt>{t("system.version")}</dt>
        <dd>{state.version}</dd>
        <dt>{t("system.uptime")}</dt>
        <dd>
          <Uptime seconds={state.uptime_seconds} />
        </dd>
        <dt>{t("system.log")}</dt>
        <dd>{t("system.log.at", { position: state.position, end: state.end })}</dd>
        <dt>{t("system.lag")}</dt>
        <dd>{t("system.lag.is", { events, seconds })}</dd>
        <dt>{t("system.sync")}</dt>
        <dd>{state.sync === "always" ? t("system.sync.always") : state.sync}</dd>
        {state.checkpoint && (
          <>
            <dt>{t("system.checkpoint")}</dt>
            <dd>
              <T id="system.checkpoint.is" size={state.checkpoint.size} time={<Time at={state.checkpoint.time} />} />
            </dd>
          </>
        )}
      </dl>
      <Views state={state} />
    </section>
  );
}

/** What somebody should do something about. */
function Loud({ state }: { state: State }) {
  const t = useT();
  const seconds = Math.max(...state.lanes.map((l) => l.seconds), 0);
  const said = [
    !state.ready && t("system.loud.not_ready"),
    state.sync !== "always" && t("system.loud.sync", { sync: state.sync }),
    seconds > late && t("system.loud.lag", { seconds }),
    state.checkpoint?.damaged && t("system.loud.damaged"),
    state.unreadable.newer > 0 && t("system.loud.newer", { count: state.unreadable.newer }),
    state.unreadable.damaged > 0 && t("system.loud.unreadable", { count: state.unreadable.damaged }),
  ].filter((words) => words !== false && words !== undefined);
  return said.map((words) => (
    <p key={words} className="loud">
      {words}
    </p>
  ));
}

function Uptime({ seconds }: { seconds: number }) {
  const t = useT();
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t("system.uptime.minutes", { count: minutes });
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? t("system.uptime.hours", { count: hours }) : t("system.uptime.days", { count: Math.floor(hours / 24) });
}
