import { NavLink } from "react-router";
import { useT } from "../i18n";
import { usePerson } from "./context";
import { administered } from "./places";

/** The places of those who have a role in the organisation; nothing for all others. */
export function Administration() {
  const t = useT();
  const { roles } = usePerson();
  const places = administered(roles);
  if (places.length === 0 && !roles.includes("administrator")) return null;
  return (
    <ul className="administration" aria-label={t("place.administration")}>
      {places.map((p) => (
        <li key={p.to}>
          <NavLink to={p.to}>{t(p.words)}</NavLink>
        </li>
      ))}
      {roles.includes("administrator") && (
        <li>
          <a href="/reference/">{t("place.reference")}</a>
        </li>
      )}
    </ul>
  );
}
