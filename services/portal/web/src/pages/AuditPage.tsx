import type { ReactNode } from "react";
import { useT } from "../i18n";
import { Page } from "../ui/Page";
import { SubNav, type SubPlace } from "../ui/SubNav";

const places = [
  { to: "/audit", words: "audit.log" },
  { to: "/audit/verification", words: "audit.verification" },
  { to: "/audit/export", words: "audit.export" },
] as const satisfies readonly SubPlace[];

/** A page of the audit, with the ways to the others and the notice that reading is recorded. */
export function AuditPage({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  const t = useT();
  return (
    <Page
      title={title}
      over={<SubNav of="place.audit" places={places} />}
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
