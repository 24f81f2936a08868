import { useT } from "../i18n";
import { Empty, Shown } from "../ui/states";
import { Mine } from "./Me";
import { MyHelping } from "./MeHelping";
import { MeetBuddy } from "./MeetBuddy";
import { MeetIntroduction } from "./MeetIntroduction";
import { MyWishes } from "./MeWishes";
import { useBuddies, useIntroductions } from "./meeting";

/** Buddies, introductions, and how the person wants to be asked. */
export function MeMeeting() {
  const t = useT();
  const buddies = useBuddies();
  const introductions = useIntroductions();
  return (
    <Mine title={t("meeting.title")} lead={<p className="muted">{t("meeting.lead")}</p>}>
      <Shown query={buddies}>
        {(items) =>
          items.length > 0 && (
            <section className="section">
              <div className="head">
                <h2>{t("buddy.title")}</h2>
              </div>
              <ul className="rows">
                {items.map((b) => (
                  <li key={b.id} data-row>
                    <MeetBuddy buddy={b} />
                  </li>
                ))}
              </ul>
            </section>
          )
        }
      </Shown>
      <section className="section">
        <div className="head">
          <h2>{t("intro.title")}</h2>
        </div>
        <Shown query={introductions}>
          {(items) =>
            items.length === 0 ? (
              <Empty words={t("intro.empty")} />
            ) : (
              <ul className="rows">
                {items.map((i) => (
                  <li key={i.id} data-row>
                    <MeetIntroduction introduction={i} />
                  </li>
                ))}
              </ul>
            )
          }
        </Shown>
      </section>
      <MyWishes />
      <MyHelping />
    </Mine>
  );
}
