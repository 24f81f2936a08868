import { Administration } from "../app/Administration";
import { usePerson } from "../app/context";
import { administered } from "../app/places";
import { useT } from "../i18n";

/** The way to administration on a phone, where there is no rail. */
export function MyAdministration() {
  const t = useT();
  const { roles } = usePerson();
  if (administered(roles).length === 0) return null;
  return (
    <section className="section narrow">
      <div className="head">
        <h2>{t("place.administration")}</h2>
      </div>
      <Administration />
    </section>
  );
}
