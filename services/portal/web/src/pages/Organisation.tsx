import type { ReactNode } from "react";
import { Only } from "../app/Only";
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
  return <Only role="administrator" place="place.organisation" />;
}

export function OrganisationPage({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  return (
    <Page title={title} over={<SubNav of="place.organisation" places={places} />} lead={lead}>
      {children}
    </Page>
  );
}
