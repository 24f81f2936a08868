import type { ReactNode } from "react";
import { NavLink } from "react-router";
import { own } from "../app/places";
import { useT } from "../i18n";
import { Page } from "../ui/Page";
import "../styles/mine.css";

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
            {own.map((p) => (
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
