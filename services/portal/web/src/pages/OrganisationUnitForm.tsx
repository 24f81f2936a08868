import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { membership, read } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useForgetNames, type Unit } from "../api/units";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { UnitInput } from "../ui/choosing";
import { SelectInput, TextInput } from "../ui/fields";
import { Failure } from "../ui/states";
import { Back } from "./OrganisationUnitBack";

export const kinds = ["organisation", "department", "team", "site"] as const satisfies readonly Unit["kind"][];

export interface UnitFields {
  name: string;
  kind: Unit["kind"];
  parent: string;
}

interface Props {
  fields: UnitFields;
  set: (change: Partial<UnitFields>) => void;
  /** Whether what is missing should be said. */
  tried: boolean;
  not?: (unit: string) => boolean;
  autoFocus?: boolean;
}

/** What a unit is called, what it is, and what it lies in. */
export function UnitForm({ fields, set, tried, not, autoFocus = false }: Props) {
  const t = useT();
  return (
    <>
      <TextInput label={t("org.unit.name")} autoFocus={autoFocus} value={fields.name} onChange={(name) => set({ name })} max={200} wrong={tried && !fields.name.trim() ? t("org.unit.name.missing") : undefined} />
      <SelectInput label={t("org.unit.kind")} value={fields.kind} onChange={(kind) => set({ kind: kind as Unit["kind"] })} options={kinds.map((k) => ({ value: k, words: t(`org.unit.kind.${k}`) }))} />
      <UnitInput label={t("org.unit.parent")} hint={t("org.unit.parent.hint")} value={fields.parent} onChange={(parent) => set({ parent })} {...(not ? { not } : {})} />
    </>
  );
}

const empty = { name: "", kind: "team" as Unit["kind"], parent: "", code: "" };

export function FoundUnit({ done }: { done: (unit: string) => void }) {
  const t = useT();
  const forgetNames = useForgetNames();
  const [draft, keep, forget] = useDraft("org.unit", empty);
  const [tried, setTried] = useState(false);
  const found = useCommand((d: typeof empty, key) =>
    read(
      membership.POST("/units", {
        params: { header: command(key) },
        body: { name: d.name.trim(), code: d.code.trim(), kind: d.kind, ...(d.parent ? { parent: d.parent } : {}) },
      }),
    ),
  );
  const send = () => {
    setTried(true);
    if (!draft.name.trim() || !draft.code.trim()) return;
    found.mutate(draft, { onSuccess: forget, here: ({ id }) => void forgetNames().then(() => done(id)) });
  };
  return (
    <form
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
    >
      <Back />
      <h2 className="about">{t("org.unit.new")}</h2>
      <UnitForm fields={draft} set={(change) => keep({ ...draft, ...change })} tried={tried} />
      <TextInput label={t("org.unit.code")} hint={t("org.unit.code.hint")} value={draft.code} onChange={(code) => keep({ ...draft, code })} max={64} wrong={tried && !draft.code.trim() ? t("org.unit.code.missing") : undefined} />
      {found.isError && <Failure error={found.error} typed />}
      <Button type="submit" className="button primary" isDisabled={found.isPending}>
        {t("org.unit.new.do")}
      </Button>
    </form>
  );
}
