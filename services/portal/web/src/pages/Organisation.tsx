import type { ReactNode } from "react";
import { Outlet } from "react-router";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { Page } from "../ui/Page";
import { SubNav, type SubPlace } from "../ui/SubNav";
import "../styles/organisation.css";

const places = [
  { to: "/organisation/people", words: "place.people" },
  { to: "/organisation/units", words: "org.units" },
  { to: "/organisation/roles", words: "org.roles" },
  { to: "/organisation/import", words: "org.import" },
] as const satisfies readonly SubPlace[];

/** What administrators look after: people, units, roles, and the files they come from. */
export function Organisation() {
  const t = useT();
  const { roles } = usePerson();
  if (roles.includes("administrator")) return <Outlet />;
  return (
    <Page title={t("place.organisation")}>
      <p>{t("org.forbidden")}</p>
    </Page>
  );
}

export function OrganisationPage({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  return (
    <Page title={title} over={<SubNav of="place.organisation" places={places} />} lead={lead}>
      {children}
    </Page>
  );
}
