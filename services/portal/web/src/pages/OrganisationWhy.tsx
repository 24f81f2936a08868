import type { UseMutationResult } from "@tanstack/react-query";
import { useT } from "../i18n";
import { TextInput } from "../ui/fields";
import { ReasonForm } from "../ui/ReasonForm";

const most = 500; // characters, as membership takes them

/** Why something is done, if it is said. */
export const because = (reason: string) => (reason.trim() ? { reason: reason.trim() } : {});

/** How it is asked why something is done to a person, or to a unit. */
function useWords(unit = false) {
  const t = useT();
  return { label: t("org.why"), hint: t(unit ? "org.why.unit.hint" : "org.why.hint") };
}

/** Why something is done to a person or a unit, among other fields. */
export function WhyInput({ unit, value, onChange }: { unit?: boolean; value: string; onChange: (reason: string) => void }) {
  return <TextInput {...useWords(unit)} value={value} onChange={onChange} max={most} />;
}

interface Props {
  draft: string;
  meaning?: string;
  unit?: boolean;
  does: string;
  act: Pick<UseMutationResult<unknown, Error, string>, "isPending" | "error" | "mutateAsync">;
  done: () => void;
  cancel: () => void;
}

/** Asks once before something is done to a person or a unit, and why, which may be left out. */
export function WhyForm({ unit, act, ...asked }: Props) {
  return <ReasonForm {...asked} {...useWords(unit)} most={most} busy={act.isPending} failed={act.error} send={(reason) => act.mutateAsync(reason)} />;
}
