import { Link } from "react-router";
import { useT } from "../i18n";

/** Back to the tree, where the screen has room for one of both. */
export function Back() {
  const t = useT();
  return (
    <p className="narrow about">
      <Link to="/organisation/units">{t("org.units.back")}</Link>
    </p>
  );
}
