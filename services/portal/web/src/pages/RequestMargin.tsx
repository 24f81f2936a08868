import { useQuery } from "@tanstack/react-query";
import { useIntl } from "react-intl";
import { community, read, type Communities, type Matching } from "../api/client";
import { useT } from "../i18n";
import { Name, UnitOf } from "../ui/people";
import { Reasons } from "../ui/Reasons";
import { Shown } from "../ui/states";
import { Time } from "../ui/Time";
import { proposalsQuery } from "./answering";

/** Beside the conversation: who was asked and why, and what happened. */
export function Margin({ talk: { request, reason } }: { talk: Communities["Conversation"] }) {
  const t = useT();
  const proposals = useQuery({ ...proposalsQuery(request.id), enabled: !request.imported });
  const timeline = useQuery({
    queryKey: ["request", request.id, "timeline"],
    queryFn: () => read(community.GET("/requests/{request}/timeline", { params: { path: { request: request.id }, query: { limit: 100 } } })),
  });
  return (
    <aside className="margin">
      {reason && (
        <section>
          <h2>{t("request.reason")}</h2>
          <p>{reason}</p>
        </section>
      )}
      {!request.imported && (
        <section>
          <h2>{t("request.asked")}</h2>
          <Shown query={proposals}>
            {({ items, round, routing }) => (
              <>
                {items.length === 0 ? (
                  <p className="muted">{round === 0 ? t("request.asked.yet") : t("request.asked.nobody")}</p>
                ) : (
                  <ul className="helpers">
                    {items.map((p) => (
                      <li key={p.person}>
                        <div className="meta">
                          <Name id={p.person} />
                          <UnitOf person={p.person} />
                          <span>{t(`answer.${p.answer}`)}</span>
                        </div>
                        <Reasons reasons={p.reasons} />
                      </li>
                    ))}
                  </ul>
                )}
                {routing?.next && <Next step={routing.next.step} due={routing.next.due} />}
              </>
            )}
          </Shown>
        </section>
      )}
      <section>
        <h2>{t("request.timeline")}</h2>
        <Shown query={timeline}>
          {({ items }) => (
            <ol className="timeline">
              {items.map((e) => (
                <li key={e.seq}>
                  <span>
                    {t(`event.${e.what}`)} {e.who && <Name id={e.who.id} />}
                  </span>
                  <Time at={e.at} />
                </li>
              ))}
            </ol>
          )}
        </Shown>
      </section>
    </aside>
  );
}

/** What follows if nobody answers. */
function Next({ step, due }: { step: Matching["RoutingStep"]; due: string }) {
  const t = useT();
  const { formatDate } = useIntl();
  return <p className="small muted">{t(`request.next.${step}`, { due: formatDate(due, { weekday: "long", hour: "2-digit", minute: "2-digit" }) })}</p>;
}
