import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { membership, read, readTagged } from "../api/client";
import { useUnits } from "../api/names";
import { command, useCommand } from "../api/queries";
import { upwards, useForgetNames, type Unit } from "../api/units";
import { useT } from "../i18n";
import { TextInput } from "../ui/fields";
import { Opening } from "../ui/Opening";
import { ReasonForm } from "../ui/ReasonForm";
import { Said, type Saying } from "../ui/Said";
import { Failure, Shown } from "../ui/states";
import { because } from "./OrganisationRolesOf";
import { Back, UnitForm, type UnitFields } from "./OrganisationUnitForm";
import { PeopleOfUnit } from "./OrganisationUnitPeople";

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
      {!unit.closed && changing && <Change unit={unit} etag={etag} done={changed} />}
      {!unit.closed && !changing && (
        <div className="buttons about">
          <Button className="button" onPress={() => setChanging(true)}>
            {t("org.unit.change")}
          </Button>
          <Opening words={t("org.unit.close")} className="button quiet">
            {(cancel) => (
              <ReasonForm
                draft={`unit.close.${unit.id}`}
                meaning={t("org.unit.close.about", { name: unit.name })}
                label={t("org.why")}
                hint={t("org.why.unit.hint")}
                most={500}
                does={t("org.unit.close.sure")}
                busy={close.isPending}
                failed={close.error}
                send={(reason) => close.mutateAsync(reason)}
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

/** Renames a unit, or gives it another place in the tree. */
function Change({ unit, etag, done }: { unit: Unit; etag: string; done: (words?: string) => void }) {
  const t = useT();
  const units = useUnits();
  const forget = useForgetNames();
  const [fields, setFields] = useState<UnitFields>({ name: unit.name, kind: unit.kind, parent: unit.parent ?? "" });
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const change = useCommand((next: UnitFields, key) =>
    read(
      membership.PUT("/units/{unit}", {
        params: { path: { unit: unit.id }, header: { ...command(key), "If-Match": etag } },
        body: { name: next.name.trim(), kind: next.kind, ...(next.parent ? { parent: next.parent } : {}), ...because(reason) },
      }),
    ),
  );
  const send = () => {
    setTried(true);
    if (fields.name.trim()) change.mutate(fields, { onSuccess: () => (void forget(), done(t("org.unit.changed"))) });
  };
  return (
    <form
      className="quietbox section"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
    >
      <UnitForm autoFocus fields={fields} set={(next) => setFields({ ...fields, ...next })} tried={tried} not={(other) => upwards(units, other).some((u) => u.id === unit.id)} />
      <TextInput label={t("org.why")} hint={t("org.why.unit.hint")} value={reason} onChange={setReason} max={500} />
      <p className="small muted about">{t("org.unit.change.about")}</p>
      {change.isError && <Failure error={change.error} typed />}
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={change.isPending}>
          {t("profile.save")}
        </Button>
        <Button className="button quiet" onPress={() => done()}>
          {t("do.cancel")}
        </Button>
      </div>
    </form>
  );
}
