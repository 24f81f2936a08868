import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { membership, read } from "../api/client";
import { useUnits } from "../api/names";
import { command, useCommand } from "../api/queries";
import { upwards, useForgetNames, type Unit } from "../api/units";
import { useT } from "../i18n";
import { Failure } from "../ui/states";
import { WhyInput, because } from "./OrganisationWhy";
import { UnitForm, type UnitFields } from "./OrganisationUnitForm";

/** Renames a unit, or gives it another place in the tree. */
export function ChangeUnit({ unit, etag, done }: { unit: Unit; etag: string; done: (words?: string) => void }) {
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
      <WhyInput unit value={reason} onChange={setReason} />
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
