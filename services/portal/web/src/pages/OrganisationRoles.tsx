import { Suspense, lazy, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { useT } from "../i18n";
import { UnitOf } from "../ui/people";
import { Said, type Saying } from "../ui/Said";
import { Shown, Waiting } from "../ui/states";
import { OrganisationPage } from "./Organisation";
import { roles, Taking, useHolders, type Holder, type Role } from "./OrganisationRolesOf";

// Choosing people is much code for a button that is seldom pressed.
const GiveRole = lazy(async () => ({ default: (await import("./OrganisationRolesGive")).GiveRole }));

/** Who has which role in the organisation, and why some are not changed here. */
export function OrganisationRoles() {
  const t = useT();
  const query = useHolders();
  const [said, setSaid] = useState<Saying>();
  const say = (words: string) => setSaid({ words });
  return (
    <OrganisationPage title={t("org.roles")} lead={<p className="muted">{t("org.roles.lead")}</p>}>
      <div className="column">
        <Said said={said} />
        <Giving say={say} />
        <Shown query={query}>
          {(all) => roles.map((role) => <Holders key={role} role={role} holders={all.filter((h) => h.role === role)} say={say} />)}
        </Shown>
      </div>
    </OrganisationPage>
  );
}

function Holders({ role, holders, say }: { role: Role; holders: readonly Holder[]; say: (words: string) => void }) {
  const t = useT();
  const byName = [...holders].sort((a, b) => (a.name ?? "").localeCompare(b.name ?? ""));
  return (
    <section className="section">
      <div className="head">
        <h2>{t(`org.role.${role}`)}</h2>
      </div>
      <p className="muted about">{t(`org.role.${role}.about`)}</p>
      {role === "auditor" && <p className="muted about">{t("org.role.auditor.fixed")}</p>}
      {holders.length === 0 ? (
        <p className="empty">{t("org.role.nobody")}</p>
      ) : (
        <ul className="rows">
          {byName.map((h) => (
            <li key={h.person} data-row className="with-act">
              <div>
                <Link className="row-title" to={`/organisation/people/${h.person}`}>
                  {h.name ?? t("person.former")}
                </Link>
                <div className="meta">
                  <UnitOf person={h.person} />
                </div>
              </div>
              <Taking holder={h} say={say} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** A button with the form in its place. It has the focus again if nothing was given; else what was done has it. */
function Giving({ say }: { say: (words: string) => void }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const [cancelled, setCancelled] = useState(false);
  const close = (given: boolean) => (setOpen(false), setCancelled(!given));
  if (open)
    return (
      <Suspense fallback={<Waiting />}>
        <GiveRole say={say} close={close} />
      </Suspense>
    );
  return (
    <p className="about">
      <Button autoFocus={cancelled} className="button" onPress={() => setOpen(true)}>
        {t("org.role.give")}
      </Button>
    </p>
  );
}
