import { useIntl } from "react-intl";
import { useNow } from "./now";

const minute = 60_000;
const steps = [
  { unit: "minute", length: minute, until: 60 * minute },
  { unit: "hour", length: 60 * minute, until: 24 * 60 * minute },
  { unit: "day", length: 24 * 60 * minute, until: 7 * 24 * 60 * minute },
] as const;

/** A moment: relative for a week once it is past, else its date. The exact time is on hover and for screen readers. */
export function Time({ at }: { at: string }) {
  const intl = useIntl();
  const date = new Date(at);
  const age = useNow() - date.getTime();
  const exact = intl.formatDate(date, { dateStyle: "full", timeStyle: "short" });
  const step = age < minute ? undefined : steps.find((s) => age < s.until);
  let short = intl.formatDate(date, { day: "numeric", month: "long", year: "numeric" });
  if (step) short = intl.formatRelativeTime(-Math.floor(age / step.length), step.unit, { numeric: "auto" });
  else if (Math.abs(age) < minute) short = intl.formatRelativeTime(0, "second", { numeric: "auto" });
  return (
    <time dateTime={at} title={exact}>
      <span aria-hidden="true">{short}</span>
      <span className="unseen">{exact}</span>
    </time>
  );
}
