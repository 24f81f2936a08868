import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import type { Membership } from "../api/client";
import { personQuery, useUnits } from "../api/names";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { Page } from "../ui/Page";
import { Prose } from "../ui/Prose";
import { Shown } from "../ui/states";

export function Person() {
  const t = useT();
  const id = useParams().person ?? "";
  const query = useQuery(personQuery(id));
  if (!query.data)
    return (
      <Page title={t("person.title")}>
        <Shown query={query}>{() => null}</Shown>
      </Page>
    );
  return <Profile key={id} person={query.data} />;
}

function Profile({ person }: { person: Membership["Person"] }) {
  const t = useT();
  const own = person.id === usePerson().person;
  const units = useUnits();
  const { profile } = person;
  if (person.former || !person.name)
    return (
      <Page title={t("person.former")}>
        <p>{t("person.former.words")}</p>
      </Page>
    );
  const unit = units.get(person.unit ?? "")?.name;
  const facts: [string, string | undefined][] = [
    [t("profile.can_help"), profile?.can_help?.join(", ")],
    [t("profile.want_to_learn"), profile?.want_to_learn?.join(", ")],
    [t("profile.languages"), profile?.languages?.map((l) => (l === "de" || l === "en" ? t(`language.${l}`) : l)).join(", ")],
    [t("profile.availability"), profile?.availability && t(`availability.${profile.availability}`)],
    [t("profile.email"), person.email],
  ];
  const known = facts.filter(([, value]) => value);
  return (
    <Page title={person.name} lead={<p className="muted">{[unit, person.site].filter(Boolean).join(" · ")}</p>}>
      <div className="column">
        {!person.active && <p className="muted">{t("person.inactive")}</p>}
        {profile?.about && <div className="about"><Prose text={profile.about} /></div>}
        <dl className="facts">
          {known.map(([label, value]) => (
            <Fact key={label} label={label} value={value ?? ""} mail={value === person.email} />
          ))}
        </dl>
        {known.length <= 1 && !profile?.about && <p className="empty">{own ? t("person.empty.own") : t("person.empty")}</p>}
        {own && (
          <p className="more">
            <Link className="button" to="/me#profile">
              {t("profile.edit")}
            </Link>
          </p>
        )}
      </div>
    </Page>
  );
}

function Fact({ label, value, mail }: { label: string; value: string; mail: boolean }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{mail ? <a href={`mailto:${value}`}>{value}</a> : value}</dd>
    </>
  );
}
