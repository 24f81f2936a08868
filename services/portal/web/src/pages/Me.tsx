import type { ReactNode } from "react";
import { NavLink } from "react-router";
import { useT, type MessageId } from "../i18n";
import { Page } from "../ui/Page";
import "../styles/mine.css";

const parts = [
  { to: "/me", words: "profile.title" },
  { to: "/me/notifications", words: "notify.title" },
  { to: "/me/meeting", words: "meeting.title" },
  { to: "/me/access", words: "access.title" },
  { to: "/me/data", words: "data.title" },
] as const satisfies readonly { to: string; words: MessageId }[];

interface Props {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
}

/** A page of what is one's own, with the way to the others. */
export function Mine({ title, lead, children }: Props) {
  const t = useT();
  return (
    <Page
      title={title}
      lead={lead}
      over={
        <nav className="own-nav" aria-label={t("place.me")}>
          <ul>
            {parts.map((p) => (
              <li key={p.to}>
                <NavLink to={p.to} end={p.to === "/me"}>
                  {t(p.words)}
                </NavLink>
              </li>
            ))}
          </ul>
        </nav>
      }
    >
      <div className="column">{children}</div>
    </Page>
  );
}
