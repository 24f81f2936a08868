import type { Membership } from "../api/client";
import type { ImportLine } from "../api/importing";
import { useUnits } from "../api/names";
import { T, useT } from "../i18n";

/** What happens because of one line, or what is wrong with it and the way out. */
export function LineRow({ line }: { line: ImportLine }) {
  const t = useT();
  return (
    <>
      <span className="line-number">
        <span className="unseen">{line.line ? t("import.line") : t("import.line.missing")} </span>
        {line.line}
      </span>
      <div className="line-words">
        <div className="line-who">
          <span className="row-title">{line.name ?? line.id ?? t("import.line.unnamed")}</span>
          {line.name && <span className="small muted">{line.id}</span>}
        </div>
        <div className="small">
          {line.does.map((does) => (
            <span key={does} className={`does state ${tones[does]}`}>
              {t(`import.does.${does}`)}
            </span>
          ))}
          {!line.line && <span className="muted">{t("import.missing")}</span>}
        </div>
        {line.changes?.map((c) => (
          <Change key={c.field} change={c} />
        ))}
        {line.problems?.map((p) => (
          <p key={p.field + p.code} className="small line-who">
            {p.field !== "line" && <code>{p.field}</code>}
            <span>{t(`import.problem.${p.code}`, { number: p.number ?? 0 })}</span>
          </p>
        ))}
      </div>
    </>
  );
}

const tones: Record<ImportLine["does"][number], string> = {
  created: "good",
  changed: "good",
  moved: "good",
  reactivated: "good",
  deactivated: "warn",
  unchanged: "quiet",
  wrong: "bad",
};

/** One column, before and after. */
function Change({ change: { field, from, to } }: { change: Membership["ImportChange"] }) {
  const t = useT();
  const units = useUnits();
  const shown = (value: string) => {
    if (!value) return <em>{t("import.nothing")}</em>;
    const unit = field === "unit_id" || field === "parent_id" ? [...units.values()].find((u) => u.code === value) : undefined;
    return <>{unit ? `${value} ${unit.name}` : value}</>;
  };
  return (
    <p className="small">
      <T id="import.change" field={<code>{field}</code>} from={shown(from)} to={shown(to)} />
    </p>
  );
}
