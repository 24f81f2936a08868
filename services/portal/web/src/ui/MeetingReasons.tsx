import { useIntl } from "react-intl";
import type { Matching } from "../api/client";
import { useT } from "../i18n";

type Reason = Matching["MeetingReason"];

/** Why the reader and somebody should meet, as one would say it to a colleague. */
export function MeetingReasons({ reasons, me }: { reasons: readonly Reason[] | undefined; me: string }) {
  const say = useWords(me);
  if (!reasons?.length) return null;
  return (
    <ul className="small muted">
      {reasons.slice(0, 4).map((reason, i) => (
        <li key={i}>{say(reason)}</li>
      ))}
    </ul>
  );
}

function useWords(me: string): (reason: Reason) => string {
  const t = useT();
  const intl = useIntl();
  return (reason) => {
    const own = reason.person === me; // topic is a line of the reader's profile then
    const theirs = (own ? reason.other : reason.topic) ?? "";
    switch (reason.code) {
      case "other_unit":
        return t("meetreason.other_unit");
      case "same_site":
        return t("meetreason.same_site");
      case "language":
        return t("meetreason.language", { language: intl.formatDisplayName(reason.language ?? "", { type: "language" }) ?? "" });
      case "helps":
        return own ? t("meetreason.learns", { topic: theirs }) : t("meetreason.helps", { topic: theirs });
      case "both_learn":
        return t("meetreason.both_learn", { topic: theirs });
      case "both_know":
        return t("meetreason.both_know", { topic: theirs });
      case "is_available":
        return t("meetreason.is_available");
    }
  };
}
