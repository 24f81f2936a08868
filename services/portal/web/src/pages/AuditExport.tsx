import { useT } from "../i18n";
import { pending } from "../ui/now";
import { AuditFilters } from "./AuditFilters";
import { AuditPage } from "./AuditPage";
import { useIntegrity } from "./AuditVerification";
import { queryOf, useSelection, verifyCommand, withSelection } from "./auditing";

const file = "kith-log.ndjson.gz";

/** A part of the log, or all of it, to be taken along and verified without Kith. */
export function AuditExport() {
  const t = useT();
  const { selection, choose, clear } = useSelection();
  const filters = queryOf(selection);
  const whole = Object.keys(filters).length === 0;
  const key = useIntegrity().data?.verifier_key;
  return (
    <AuditPage title={t("audit.export")} lead={<p>{t("audit.export.lead")}</p>}>
      <div className="column">
        <h2 className="what">{t("audit.export.what")}</h2>
        <AuditFilters selection={selection} choose={choose} clear={clear} />
        <p role="status">{whole ? t("audit.export.whole") : t("audit.export.part")}</p>
        <div className="buttons export-do">
          <a className="button primary" href={withSelection("/api/audit/export", { ...filters, gzip: true })} download={file}>
            {t("audit.export.download")}
          </a>
        </div>
        <section className="section">
          <div className="head">
            <h2>{t("audit.export.verify")}</h2>
          </div>
          <p>{t("audit.export.verify.words")}</p>
          <pre className="command" tabIndex={0} aria-label={t("audit.export.verify")}>
            <code>{verifyCommand(file, `'${key ?? pending}'`)}</code>
          </pre>
        </section>
      </div>
    </AuditPage>
  );
}
