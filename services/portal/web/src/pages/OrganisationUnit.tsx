import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy, useEffect, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { membership, read, readTagged } from "../api/client";
import { useUnits } from "../api/names";
import { command, useCommand } from "../api/queries";
import { upwards, useForgetNames, type Unit } from "../api/units";
import { useT } from "../i18n";
import { Opening } from "../ui/Opening";
import { Said, type Saying } from "../ui/Said";
import { Shown, Waiting } from "../ui/states";
import { Back } from "./OrganisationUnitBack";
import { PeopleOfUnit } from "./OrganisationUnitPeople";
import { WhyForm, because } from "./OrganisationWhy";

// Comes with the choice of a unit, which is much for those who only read.
const ChangeUnit = lazy(async () => ({ default: (await import("./OrganisationUnitChange")).ChangeUnit }));

/** One unit: where it lies, who works there, and what can be changed about it. */
export function OrganisationUnit({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["unit", id], queryFn: () => readTagged(membership.GET("/units/{unit}", { params: { path: { unit: id } } })) });
  return <Shown query={query}>{({ data, etag }) => <Chosen unit={data} etag={etag} />}</Shown>;
}

function Chosen({ unit, etag }: { unit: Unit; etag: string }) {
  const t = useT();
  const units = useUnits();
  const forget = useForgetNames();
  const headline = useRef<HTMLHeadingElement>(null);
  const [said, setSaid] = useState<Saying>();
  const [changing, setChanging] = useState(false);
  // Who chose it in the tree, or comes to it, goes on reading here.
  useEffect(() => headline.current?.focus(), [unit.id]);
  const close = useCommand((reason: string, key) => read(membership.POST("/units/{unit}/close", { params: { path: { unit: unit.id }, header: command(key) }, body: because(reason) })));
  const changed = (words?: string) => {
    setChanging(false);
    if (words) setSaid({ words });
    else headline.current?.focus();
  };
  const above = upwards(units, unit.parent).reverse();
  const below = [...units.values()].filter((u) => u.parent === unit.id && !u.closed).sort((a, b) => a.name.localeCompare(b.name));
  return (
    <>
      <Back />
      <p className="small muted path">
        {above.map((u) => (
          <Link key={u.id} to={`/organisation/units/${u.id}`}>
            {u.name}
          </Link>
        ))}
      </p>
      <h2 ref={headline} tabIndex={-1}>
        {unit.name}
      </h2>
      <p className="meta about">
        <span>{t(`org.unit.kind.${unit.kind}`)}</span>
        <span>{t("org.unit.known", { code: unit.code })}</span>
      </p>
      <Said said={said} />
      {unit.closed && <p className="about">{t("org.unit.closed")}</p>}
      {!unit.closed && changing && (
        <Suspense fallback={<Waiting />}>
          <ChangeUnit unit={unit} etag={etag} done={changed} />
        </Suspense>
      )}
      {!unit.closed && !changing && (
        <div className="buttons about">
          <Button className="button" onPress={() => setChanging(true)}>
            {t("org.unit.change")}
          </Button>
          <Opening words={t("org.unit.close")} className="button quiet">
            {(cancel) => (
              <WhyForm
                unit
                draft={`unit.close.${unit.id}`}
                meaning={t("org.unit.close.about", { name: unit.name })}
                does={t("org.unit.close.sure")}
                act={close}
                done={() => (void forget(), setSaid({ words: t("org.unit.close.done") }))}
                cancel={cancel}
              />
            )}
          </Opening>
        </div>
      )}
      {below.length > 0 && (
        <section className="section">
          <h3>{t("org.unit.below")}</h3>
          <ul className="rows">
            {below.map((u) => (
              <li key={u.id} data-row>
                <Link className="row-title" to={`/organisation/units/${u.id}`}>
                  {u.name}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      <PeopleOfUnit unit={unit.id} />
    </>
  );
}
