import { useEffect, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Checkbox } from "react-aria-components/Checkbox";
import { Label } from "react-aria-components/Label";
import { ProgressBar } from "react-aria-components/ProgressBar";
import { carryOut, type Chosen, type ImportCounts, type ImportLine } from "../api/importing";
import { useCommand } from "../api/queries";
import { useForgetNames } from "../api/units";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { Failure } from "../ui/states";

const kinds = ["created", "changed", "moved", "reactivated", "deactivated", "unchanged"] as const;

interface Props {
  file: Chosen;
  counts: ImportCounts;
  lines: readonly ImportLine[];
  done: ImportCounts | undefined;
  setDone: (counts: ImportCounts) => void;
}

/** What an import comes to, and what does it: once it is meant, with how far it is. */
export function RunImport({ file, counts, lines, done, setDone }: Props) {
  const t = useT();
  const { person } = usePerson();
  const forget = useForgetNames();
  const [agreed, setAgreed] = useState(false);
  const [progress, setProgress] = useState<{ done: number; total: number }>(); // not known until something is written
  const result = useRef<HTMLHeadingElement>(null);
  const run = useCommand((asked: { file: string; confirm: boolean }, key) => carryOut(file, key, asked.confirm, (n, total) => setProgress({ done: n, total })));
  const start = () => run.mutate({ file: file.id, confirm: agreed }, { onSuccess: (all) => (setDone(all), void forget()) });
  // What the file would do, and what was done: each is read when it is there.
  useEffect(() => result.current?.focus(), [done]);
  const wrong = counts.wrong ?? 0;
  const blocked = counts.deactivated ?? 0;
  const changes = kinds.filter((k) => k !== "unchanged").reduce((sum, k) => sum + (counts[k] ?? 0), 0);
  const shuts = lines.some((l) => l.person === person && l.does.includes("deactivated"));
  if (done)
    return (
      <section className="section">
        <h2 ref={result} tabIndex={-1}>
          {t("import.done")}
        </h2>
        <Counts counts={done} />
        <p className="small muted">{t("import.done.members")}</p>
      </section>
    );
  return (
    <section className="section">
      <h2 ref={result} tabIndex={-1}>
        {wrong > 0 ? t("import.wrong", { count: wrong }) : changes > 0 ? t("import.would") : t("import.same")}
      </h2>
      <Counts counts={counts} others={wrong > 0} />
      {wrong > 0 && <p className="about">{file.full ? t("import.wrong.next.full") : t("import.wrong.next")}</p>}
      {wrong === 0 && changes > 0 && (
        <>
          {shuts && <p className="state bad about">{t("import.self")}</p>}
          {counts.confirm_needed && <p className="about">{t("import.many")}</p>}
          {blocked > 0 && (
            <Checkbox className="agree about" isSelected={agreed} onChange={setAgreed} isDisabled={run.isPending}>
              <span className="box" aria-hidden="true" />
              <span>{t("import.agree", { count: blocked })}</span>
            </Checkbox>
          )}
          {run.isError && (
            <>
              <Failure error={run.error} />
              {progress && <p className="about">{t("import.stopped", progress)}</p>}
            </>
          )}
          {run.isPending ? (
            <ProgressBar className="progress" {...(progress ? { value: progress.done, maxValue: Math.max(progress.total, 1), valueLabel: t("import.progress", progress) } : { isIndeterminate: true })}>
              {({ percentage, valueText }) => (
                <>
                  <Label>{t("import.running")}</Label>
                  {progress && <span className="tabular">{valueText}</span>}
                  <span className="bar">
                    <span style={{ width: `${percentage ?? 0}%` }} />
                  </span>
                </>
              )}
            </ProgressBar>
          ) : (
            <Button className="button primary" isDisabled={blocked > 0 && !agreed} onPress={start}>
              {run.isError ? t("import.again") : t("import.do")}
            </Button>
          )}
          <p className="small muted next">{run.isPending ? t("import.stay") : t("import.members")}</p>
        </>
      )}
    </section>
  );
}

/** How many of each, in words; what there is none of is left out. */
function Counts({ counts, others }: { counts: ImportCounts; others?: boolean }) {
  const t = useT();
  return (
    <p className="meta counts">
      {others && kinds.some((k) => (counts[k] ?? 0) > 0) && <span>{t("import.others")}</span>}
      {kinds.map((k) => {
        const count = counts[k] ?? 0;
        return count > 0 && <span key={k}>{t(`import.count.${k}`, { count })}</span>;
      })}
    </p>
  );
}
