import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Label } from "react-aria-components/Label";
import { Radio, RadioGroup } from "react-aria-components/RadioGroup";
import { foretell, type Chosen, type ImportCounts, type ImportLine, type Show } from "../api/importing";
import { rowsOf } from "../api/lists";
import { Problem } from "../api/problem";
import { kept } from "../api/queries";
import { T, useT } from "../i18n";
import { LongList } from "../ui/LongList";
import { Empty, Failure, Waiting } from "../ui/states";
import { ImportColumns } from "./ImportColumns";
import { LineRow } from "./OrganisationImportLine";
import { RunImport } from "./OrganisationImportRun";

/** What a file would do, and the way to do it. */
export function Foretold({ file }: { file: Chosen }) {
  const t = useT();
  const first = useForetold(file, "changes");
  const [chosen, setChosen] = useState<Show>();
  const [done, setDone] = useState<ImportCounts>();
  if (first.isError) return <Unreadable error={first.error} file={file} retry={() => void first.refetch()} />;
  if (!first.data)
    return (
      <>
        <p className="muted">{t("import.reading")}</p>
        <Waiting />
      </>
    );
  const counts = first.data.pages[0]?.counts;
  if (!counts) return null;
  const wrong = counts.wrong ?? 0;
  const show = chosen ?? (wrong > 0 ? "errors" : "changes");
  const own = first.data.pages.flatMap((p) => p.lines);
  // Later somebody else may have changed something: then the lines told another story.
  const same = !done || (["created", "changed", "moved", "reactivated", "deactivated"] as const).every((k) => (done[k] ?? 0) === (counts[k] ?? 0));
  return (
    <>
      <RunImport file={file} counts={counts} lines={own} done={done} setDone={setDone} />
      {same ? (
        <section>
          <h2 className="about">{t("import.lines")}</h2>
          <ShowChoice counts={counts} show={show} onChange={setChosen} />
          <Lines file={file} show={show} />
        </section>
      ) : (
        <p className="muted">{t("import.lines.differ")}</p>
      )}
    </>
  );
}

function useForetold(file: Chosen, show: Show) {
  return useInfiniteQuery({
    // Not asked again after a command: it is what was so before the import.
    queryKey: [kept, "import", file.id, show],
    queryFn: ({ pageParam }) => foretell(file, show, pageParam),
    initialPageParam: 0,
    getNextPageParam: (last) => last.counts.next,
    staleTime: Infinity,
    gcTime: 60_000,
  });
}

function Unreadable({ error, file, retry }: { error: unknown; file: Chosen; retry: () => void }) {
  if (!(error instanceof Problem) || error.code !== "invalid") return <Failure error={error} retry={retry} />;
  return (
    <>
      <p>
        <T id="import.unreadable" columns={<ImportColumns kind={file.kind} />} />
      </p>
      <Failure error={error} />
    </>
  );
}

function ShowChoice({ counts, show, onChange }: { counts: ImportCounts; show: Show; onChange: (show: Show) => void }) {
  const t = useT();
  return (
    <RadioGroup className="segments" value={show} onChange={(v) => onChange(v as Show)}>
      <Label className="unseen">{t("import.show")}</Label>
      {(["changes", "errors", "all"] as const).map((s) => (
        <Radio key={s} value={s} className="segment">
          {s === "errors" ? t("import.show.errors", { count: counts.wrong ?? 0 }) : t(`import.show.${s}`)}
        </Radio>
      ))}
    </RadioGroup>
  );
}

const lineId = (l: ImportLine) => (l.line ? String(l.line) : (l.person ?? ""));

function Lines({ file, show }: { file: Chosen; show: Show }) {
  const t = useT();
  const list = useForetold(file, show);
  if (list.isError) return <Failure error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <Waiting />;
  const lines = list.data.pages.flatMap((p) => p.lines);
  if (lines.length === 0) return <Empty words={show === "errors" ? t("import.lines.right") : t("import.lines.none")} />;
  return (
    <LongList still rows={rowsOf(["import", file.id, show], lines, lineId, list)} height={57} className="lines" label={t("import.lines")}>
      {(line) => <LineRow line={line} />}
    </LongList>
  );
}
