import type { ReactNode } from "react";
import { NavLink } from "react-router";
import { useT } from "../i18n";
import { Page } from "../ui/Page";

/** A page of the audit, with the ways to the others and the notice that reading is recorded. */
export function AuditPage({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  const t = useT();
  return (
    <Page
      title={title}
      over={
        <nav aria-label={t("place.audit")} className="subnav">
          <NavLink to="/audit" end>
            {t("audit.log")}
          </NavLink>
          <NavLink to="/audit/verification">{t("audit.verification")}</NavLink>
          <NavLink to="/audit/export">{t("audit.export")}</NavLink>
        </nav>
      }
      lead={
        <>
          {lead}
          <p className="muted small">{t("audit.recorded")}</p>
        </>
      }
    >
      {children}
    </Page>
  );
}
