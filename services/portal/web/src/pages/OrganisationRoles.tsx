import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { useT } from "../i18n";
import { PersonInput } from "../ui/choosing";
import { Choice, TextInput } from "../ui/fields";
import { UnitOf } from "../ui/people";
import { Said, type Saying } from "../ui/Said";
import { Failure, Shown } from "../ui/states";
import { OrganisationPage } from "./Organisation";
import { givable, roles, Taking, useGrant, useHolders, type Holder, type Role } from "./OrganisationRolesOf";

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

function Giving({ say }: { say: (words: string) => void }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const [cancelled, setCancelled] = useState(false);
  const [person, setPerson] = useState("");
  const [role, setRole] = useState<Role | "">("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const grant = useGrant();
  const close = () => (setOpen(false), setPerson(""), setRole(""), setReason(""), setTried(false), grant.reset());
  const give = () => {
    setTried(true);
    if (person && role) grant.mutate({ person, role, reason }, { onSuccess: () => (close(), say(t("org.role.given.short", { role: t(`org.role.${role}`) }))) });
  };
  if (!open)
    return (
      <p className="about">
        <Button autoFocus={cancelled} className="button" onPress={() => (setCancelled(false), setOpen(true))}>
          {t("org.role.give")}
        </Button>
      </p>
    );
  return (
    <form
      className="quietbox section"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        give();
      }}
    >
      <PersonInput autoFocus label={t("org.role.give.whom")} value={person} onChange={setPerson} wrong={tried && !person ? t("org.role.give.whom.missing") : undefined} />
      <Choice
        label={t("org.role.give.which")}
        value={role}
        onChange={setRole}
        options={givable.map((r) => ({
          value: r,
          words: (
            <>
              {t(`org.role.${r}`)}
              <span className="small muted option-about">{t(`org.role.${r}.about`)}</span>
            </>
          ),
        }))}
        wrong={tried && !role ? t("org.role.give.which.missing") : undefined}
      />
      <TextInput label={t("org.why")} hint={t("org.why.hint")} value={reason} onChange={setReason} max={500} />
      {grant.isError && <Failure error={grant.error} />}
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={grant.isPending}>
          {t("org.role.give")}
        </Button>
        <Button className="button quiet" onPress={() => (setCancelled(true), close())}>
          {t("do.cancel")}
        </Button>
      </div>
    </form>
  );
}
