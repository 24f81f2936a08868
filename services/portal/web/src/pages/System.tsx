import { Problem } from "../api/problem";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { Page } from "../ui/Page";
import { Failure, Shown } from "../ui/states";
import { useProcesses } from "./processes";
import { Letters } from "./SystemLetters";
import { Process } from "./SystemProcess";

export function System() {
  const t = useT();
  const { first, processes } = useProcesses();
  const { dev } = usePerson();
  return (
    <Page title={t("place.system")} lead={<p className="muted">{t("system.lead")}</p>}>
      <div className="column system">
        {dev && <p className="loud">{t("system.dev")}</p>}
        <Shown query={first}>
          {(state) => (
            <>
              {processes.map((p) =>
                p.state ? (
                  <Process key={p.service} state={p.state} alone={state.elsewhere.length === 0} />
                ) : (
                  <section key={p.service} className="section">
                    <div className="head">
                      <h2>{p.service}</h2>
                    </div>
                    {p.error instanceof Problem && p.error.code === "not-found" ? <p className="muted">{t("system.not_here")}</p> : <Failure error={p.error} />}
                  </section>
                ),
              )}
              <Letters count={state.dead_letters} />
            </>
          )}
        </Shown>
      </div>
    </Page>
  );
}
