import type { ReactNode } from "react";
import type { MessageId } from "../i18n";
import { icons } from "./icons";

/** Where everybody can go. */
export const places = [
  { to: "/", words: "place.home", icon: icons.home },
  { to: "/ask", words: "place.ask", icon: icons.ask },
  { to: "/requests", words: "place.requests", icon: icons.requests },
  { to: "/communities", words: "place.communities", icon: icons.communities },
  { to: "/people", words: "place.people", icon: icons.people },
  { to: "/inbox", words: "place.inbox", icon: icons.inbox },
] as const satisfies readonly { to: string; words: MessageId; icon: ReactNode }[];

/** What is one's own. */
export const own = [
  { to: "/me", words: "profile.title" },
  { to: "/me/notifications", words: "notify.title" },
  { to: "/me/meeting", words: "meeting.title" },
  { to: "/me/access", words: "access.title" },
  { to: "/me/data", words: "data.title" },
] as const satisfies readonly { to: string; words: MessageId }[];

type Administered = { to: string; words: MessageId; role: string };

/** Where those go who have a role in the organisation. */
export const administration: readonly Administered[] = [
  { to: "/organisation", words: "place.organisation", role: "administrator" },
  { to: "/audit", words: "place.audit", role: "auditor" },
  { to: "/system", words: "place.system", role: "administrator" },
];

/** What administrators look after within the organisation. */
export const within = [
  { to: "/organisation/units", words: "org.units" },
  { to: "/organisation/roles", words: "org.roles" },
  { to: "/organisation/import", words: "org.import" },
] as const satisfies readonly { to: string; words: MessageId }[];

/** The places of administration that somebody with these roles has. */
export const administered = (roles: readonly string[]) => administration.filter((p) => roles.includes(p.role));
