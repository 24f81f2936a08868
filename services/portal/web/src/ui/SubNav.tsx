import { Link, useLocation } from "react-router";
import { useT, type MessageId } from "../i18n";
import { currentOf } from "./current";
import "../styles/subnav.css";

export interface SubPlace {
  to: string;
  words: MessageId;
}

/** The places within a place, as a quiet line. One of them is current, also on pages below it. */
export function SubNav({ of, places }: { of: MessageId; places: readonly SubPlace[] }) {
  const t = useT();
  const { pathname } = useLocation();
  const current = currentOf(places, pathname);
  return (
    <nav className="subnav" aria-label={t(of)}>
      <ul>
        {places.map((p) => (
          <li key={p.to}>
            <Link to={p.to} aria-current={p.to === current && (p.to === pathname ? "page" : "true")}>
              {t(p.words)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
