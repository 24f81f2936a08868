import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy, useState } from "react";
import { Link, useParams } from "react-router";
import { membership, read, type Membership } from "../api/client";
import { useUnits } from "../api/names";
import { pathOf } from "../api/units";
import { useT } from "../i18n";
import { Said, type Saying } from "../ui/Said";
import { Shown, Waiting } from "../ui/states";
import { Time } from "../ui/Time";
import { OrganisationPage } from "./Organisation";
import { Blocking } from "./OrganisationPersonActs";
import { RolesOf } from "./OrganisationRolesOf";
import { TokensOf } from "./OrganisationTokens";

// Who the person is is there before what can be done.
const Moving = lazy(async () => ({ default: (await import("./OrganisationPersonMoving")).Moving }));

export function OrganisationPerson() {
  const t = useT();
  const id = useParams().person ?? "";
  const query = useQuery({ queryKey: ["person", id], queryFn: () => read(membership.GET("/people/{person}", { params: { path: { person: id } } })) });
  if (!query.data)
    return (
      <OrganisationPage title={t("person.title")}>
        <Shown query={query}>{() => null}</Shown>
      </OrganisationPage>
    );
  return <Administered key={id} person={query.data} />;
}

function Administered({ person }: { person: Membership["Person"] }) {
  const t = useT();
  const [said, setSaid] = useState<Saying>();
  const say = (words: string) => setSaid({ words });
  if (person.former || !person.name)
    return (
      <OrganisationPage title={t("person.former")}>
        <p>{t("person.former.words")}</p>
      </OrganisationPage>
    );
  return (
    <OrganisationPage
      title={person.name}
      lead={
        <p>
          <span className={person.active ? "state good" : "state warn"}>{person.active ? t("org.person.active") : t("org.person.inactive")}</span>
        </p>
      }
    >
      <div className="column">
        <Said said={said} />
        <Record person={person} />
        {person.active && (
          <Suspense fallback={<Waiting />}>
            <Moving person={person} say={say} />
          </Suspense>
        )}
        {person.active && <RolesOf person={person} say={say} />}
        <TokensOf person={person.id} say={say} />
        <Blocking person={person} say={say} />
      </div>
    </OrganisationPage>
  );
}

/** What the organisation has on record, and where the person worked before. */
function Record({ person }: { person: Membership["Person"] }) {
  const t = useT();
  const units = useUnits();
  const past = (person.affiliations ?? []).filter((a) => a.until).reverse();
  const facts = [
    [t("people.unit"), pathOf(units, person.unit)],
    [t("org.person.site"), person.site],
    [t("profile.email"), person.email],
    [t("org.person.number"), person.staff_number],
    [t("filter.language"), person.language === "de" || person.language === "en" ? t(`language.${person.language}`) : person.language],
  ] as const;
  return (
    <>
      <section className="section">
        <dl className="facts">
          {facts.map(
            ([label, value]) =>
              value && (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{value}</dd>
                </div>
              ),
          )}
        </dl>
        <p className="small muted next">
          {t("org.person.record")} <Link to={`/people/${person.id}`}>{t("org.person.seen")}</Link>
        </p>
      </section>
      {past.length > 0 && (
        <section className="section">
          <div className="head">
            <h2>{t("org.person.past")}</h2>
          </div>
          <ul className="rows">
            {past.map((a) => (
              <li key={a.from}>
                {units.get(a.unit ?? "")?.name ?? t("org.unit.none")}
                <div className="meta">
                  {a.site && <span>{a.site}</span>}
                  {a.until && (
                    <span>
                      {t("org.person.until")} <Time at={a.until} />
                    </span>
                  )}
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
