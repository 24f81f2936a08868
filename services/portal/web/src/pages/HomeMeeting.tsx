import { Link } from "react-router";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { useNow } from "../ui/now";
import { MeetBuddy } from "./MeetBuddy";
import { MeetIntroduction } from "./MeetIntroduction";
import { current, useBuddies, useIntroductions, waits } from "./meeting";

/** People to meet, if something waits for the person's word. */
export function ToMeet() {
  const t = useT();
  const { person } = usePerson();
  const now = useNow();
  const buddies = useBuddies().data?.filter((b) => waits(b, person)) ?? [];
  const introductions = useIntroductions().data?.filter((i) => current(i, now)) ?? [];
  if (buddies.length + introductions.length === 0) return null;
  return (
    <section className="section">
      <div className="head">
        <h2>{t("meeting.home")}</h2>
        <Link to="/me/meeting">{t("do.more")}</Link>
      </div>
      <ul className="rows">
        {buddies.map((b) => (
          <li key={b.id} data-row>
            <MeetBuddy buddy={b} />
          </li>
        ))}
        {introductions.map((i) => (
          <li key={i.id} data-row>
            <MeetIntroduction introduction={i} />
          </li>
        ))}
      </ul>
    </section>
  );
}
