import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { system, type System } from "../api/client";
import { readLines, type Progress } from "../api/lines";
import { command, useCommand } from "../api/queries";
import { useT } from "../i18n";
import { Bar } from "../ui/Bar";
import { Failure } from "../ui/states";

type State = System["State"];
type Rebuilt = System["Rebuilt"];

/** The views of a process; each can be folded anew from the log while everything goes on. */
export function Views({ state }: { state: State }) {
  const t = useT();
  const service = state.services[0];
  const [progress, setProgress] = useState<Progress>();
  const [running, setRunning] = useState<string>();
  const [rebuilt, setRebuilt] = useState<ReadonlyMap<string, Rebuilt>>(new Map());
  const rebuild = useCommand((view: string, key) =>
    readLines<Rebuilt>(
      system.POST("/views/{view}/rebuild", { params: { path: { view }, query: { ...(service && { service }) }, header: command(key) }, parseAs: "stream" }),
      setProgress,
    ),
  );
  const run = async (views: string[]) => {
    try {
      for (const view of views) {
        setProgress(undefined);
        setRunning(view);
        const result = await rebuild.mutateAsync(view);
        setRebuilt((before) => new Map(before).set(view, result));
      }
    } catch {
      // The command says it below.
    } finally {
      setRunning(undefined);
    }
  };
  const able = state.views.filter((v) => v.rebuildable).map((v) => v.name);
  return (
    <details className="views">
      <summary>{t("system.views", { count: state.views.length })}</summary>
      <p className="muted small">{t("system.views.words")}</p>
      {able.length > 1 && (
        <div className="buttons">
          <Button className="button" isPending={running !== undefined} onPress={() => void run(able)}>
            {t("system.rebuild.all")}
          </Button>
        </div>
      )}
      {rebuild.isError && <Failure error={rebuild.error} />}
      <ul className="rows">
        {state.views.map((v) => (
          <li key={v.name} data-row className="view">
            <div>
              <strong>{v.name}</strong>
              <div className="small muted">{v.position >= state.end ? t("system.view.current") : t("system.view.behind", { count: state.end - v.position })}</div>
              <Result result={rebuilt.get(v.name)} />
            </div>
            {running === v.name && <Bar label={t("system.rebuilding", { view: v.name })} progress={progress} />}
            {v.rebuildable && (
              <Button className="button quiet" isPending={running !== undefined} onPress={() => void run([v.name])} aria-label={t("system.rebuild.one", { view: v.name })}>
                {t("system.rebuild")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Result({ result }: { result: Rebuilt | undefined }) {
  const t = useT();
  const same = result?.before === result?.after;
  return (
    <div role="status" className="small">
      {result && <span className={`state ${same ? "good" : "warn"}`}>{same ? t("system.rebuilt.same", { count: result.events }) : t("system.rebuilt.mended")}</span>}
    </div>
  );
}
