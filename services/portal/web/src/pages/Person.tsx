import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useIntl } from "react-intl";
import { Link, useParams } from "react-router";
import type { Membership } from "../api/client";
import { personQuery, useUnits } from "../api/names";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { SelectInput } from "../ui/fields";
import { Page } from "../ui/Page";
import { Prose } from "../ui/Prose";
import { seenBy, viewers, type Viewer } from "../ui/seen";
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

function Profile({ person: known }: { person: Membership["Person"] }) {
  const t = useT();
  const intl = useIntl();
  const own = known.id === usePerson().person;
  const [viewer, setViewer] = useState<Viewer>("organisation");
  const person = own ? seenBy(known, viewer) : known;
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
    [t("profile.languages"), profile?.languages?.map((l) => intl.formatDisplayName(l, { type: "language" }) ?? l).join(", ")],
    [t("profile.availability"), profile?.availability && t(`availability.${profile.availability}`)],
    [t("profile.email"), person.email],
  ];
  const said = facts.filter(([, value]) => value);
  return (
    <Page title={person.name} lead={<p className="muted">{[unit, person.site].filter(Boolean).join(" · ")}</p>}>
      <div className="column">
        {own && (
          <SelectInput label={t("seen.by")} value={viewer} onChange={(v) => setViewer(v as Viewer)} options={viewers.map((v) => ({ value: v, words: t(`visibility.${v}`) }))} />
        )}
        {!person.active && <p className="muted">{t("person.inactive")}</p>}
        {profile?.about && <div className="about"><Prose text={profile.about} /></div>}
        <dl className="facts">
          {said.map(([label, value]) => (
            <Fact key={label} label={label} value={value ?? ""} mail={value === person.email} />
          ))}
        </dl>
        {said.length <= 1 && !profile?.about && <p className="empty">{own ? t("person.empty.own") : t("person.empty")}</p>}
        {own && (
          <p className="more">
            <Link className="button" to="/me">
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
