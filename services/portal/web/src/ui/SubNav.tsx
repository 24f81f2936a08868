import { NavLink } from "react-router";
import { useT, type MessageId } from "../i18n";
import "../styles/subnav.css";

export interface SubPlace {
  to: string;
  words: MessageId;
  /** Whether only the address itself is this place, and what is below it others. */
  end?: boolean;
}

/** The places within a place, as a quiet line. */
export function SubNav({ of, places }: { of: MessageId; places: readonly SubPlace[] }) {
  const t = useT();
  return (
    <nav className="subnav" aria-label={t(of)}>
      <ul>
        {places.map((p) => (
          <li key={p.to}>
            <NavLink to={p.to} end={p.end ?? false}>
              {t(p.words)}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
