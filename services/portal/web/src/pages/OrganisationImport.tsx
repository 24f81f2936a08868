import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { importKinds, type Chosen, type ImportKind } from "../api/importing";
import { T, useT } from "../i18n";
import { Choice } from "../ui/fields";
import { OrganisationPage } from "./Organisation";
import { ChooseFile } from "./OrganisationImportFile";
import { Foretold } from "./OrganisationImportPlan";

/** A file of units or people: what it would do, line by line, and then that. */
export function OrganisationImport() {
  const t = useT();
  const [kind, setKind] = useState<ImportKind>("people");
  const [full, setFull] = useState(false);
  const [file, setFile] = useState<Chosen>();
  const [again, setAgain] = useState(false);
  return (
    <OrganisationPage title={t("org.import")} lead={<p className="muted">{t("import.lead")}</p>}>
      <div className="column">
        {file ? (
          <>
            <div className="buttons about">
              <p>
                <T id={file.kind === "units" ? "import.file.units" : file.full ? "import.file.people.full" : "import.file.people"} name={<strong>{file.name}</strong>} />
              </p>
              <Button className="button quiet" onPress={() => (setAgain(true), setFile(undefined))}>
                {t("import.other")}
              </Button>
            </div>
            <Foretold key={file.id} file={file} />
          </>
        ) : (
          <>
            <Choice label={t("import.kind")} value={kind} onChange={setKind} options={importKinds.map((k) => ({ value: k, words: t(`import.kind.${k}`) }))} />
            {kind === "people" && (
              <Choice
                label={t("import.full")}
                value={full ? "full" : "part"}
                onChange={(v) => setFull(v === "full")}
                options={[
                  { value: "part", words: t("import.full.no") },
                  { value: "full", words: t("import.full.yes") },
                ]}
              />
            )}
            <ChooseFile kind={kind} again={again} onChoose={(name, bytes) => setFile({ id: crypto.randomUUID(), name, kind, bytes, full: full && kind === "people" })} />
          </>
        )}
      </div>
    </OrganisationPage>
  );
}
