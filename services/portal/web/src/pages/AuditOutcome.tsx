import { Link } from "react-router";
import type { Audit } from "../api/client";
import { T, useT } from "../i18n";
import { Time } from "../ui/Time";

/** What a verification found. */
export function Outcome({ result }: { result: Audit["Verification"] }) {
  const t = useT();
  const problems = result.problems ?? (result.problem ? [result.problem] : []);
  return (
    <>
      <p className={`state ${result.ok ? "good" : "bad"}`}>{result.ok ? t("audit.whole") : t("audit.damaged")}</p>
      <p>
        <T id="audit.verified" time={<Time at={result.ended} />} events={result.events} checkpoints={result.checkpoints} />
      </p>
      {result.unsigned > 0 && <p className="muted">{t("audit.verified.unsigned", { count: result.unsigned })}</p>}
      {!result.ok && (
        <ul className="rows">
          {problems.map((d) => (
            <li key={`${d.seq}-${d.what}`} data-row>
              <Link className="row-title" to={`/audit?from=${d.seq}&to=${d.to}`}>
                {d.seq === d.to ? t("audit.damage.one", { seq: d.seq }) : t("audit.damage.range", { from: d.seq, to: d.to })}
              </Link>
              <div lang="en">
                <p>{d.what}</p>
                <p className="muted small">{d.hint}</p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
