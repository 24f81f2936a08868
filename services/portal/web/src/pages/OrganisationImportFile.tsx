import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { DropZone } from "react-aria-components/DropZone";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { mostBytes, type ImportKind } from "../api/importing";
import { T, useT } from "../i18n";
import { ImportColumns } from "./ImportColumns";

/** Takes a file that is chosen or dropped, as it is at that moment. */
export function ChooseFile({ kind, again, onChoose }: { kind: ImportKind; again: boolean; onChoose: (name: string, bytes: Blob) => void }) {
  const t = useT();
  const [wrong, setWrong] = useState("");
  const take = async (file: File | undefined) => {
    if (!file) return;
    if (file.size === 0) return setWrong(t("import.file.empty"));
    if (file.size > mostBytes) return setWrong(t("import.file.large"));
    try {
      // Read at once: what is imported later is what was looked at.
      onChoose(file.name, new Blob([await file.arrayBuffer()], { type: "text/csv" }));
    } catch {
      setWrong(t("import.file.unreadable"));
    }
  };
  return (
    <>
      <DropZone
        className="drop"
        aria-label={t("import.drop")}
        onDrop={(e) => {
          const first = e.items.find((item) => item.kind === "file");
          if (first?.kind === "file") void first.getFile().then(take);
        }}
      >
        <FileTrigger acceptedFileTypes={[".csv", "text/csv"]} onSelect={(files) => void take(files?.[0])}>
          <Button className="button primary" autoFocus={again}>{t("import.choose")}</Button>
        </FileTrigger>
        <span className="muted wide">{t("import.drop.or")}</span>
      </DropZone>
      <p role="alert" className="wrong">
        {wrong}
      </p>
      <div className="small muted">
        <p>
          <T id="import.columns" columns={<ImportColumns kind={kind} />} />
        </p>
        <p>{kind === "units" ? t("import.columns.units") : t("import.columns.people")}</p>
        <p>{t("import.form")}</p>
      </div>
    </>
  );
}
