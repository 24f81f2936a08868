import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { Button } from "react-aria-components/Button";
import { waitingQuery } from "../api/belonging";
import { membership, read, type Membership } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useT } from "../i18n";
import { focusHeading } from "../ui/focus";
import { Opening } from "../ui/Opening";
import { Name, UnitName } from "../ui/people";
import { ReasonForm } from "../ui/ReasonForm";
import { Failure } from "../ui/states";
import { Time } from "../ui/Time";

/** For hosts: who has asked to join, and waits for an answer. */
export function WaitingPeople({ community }: { community: string }) {
  const t = useT();
  const query = useQuery(waitingQuery(community));
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (!query.data?.items.length) return null;
  return (
    <section className="section">
      <div className="head">
        <h2>{t("waiting.title")}</h2>
      </div>
      <ul className="rows waiting-people">
        {query.data.items.map((r) => (
          <li key={r.person} data-row>
            <Asking request={r} community={community} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Asking({ request, community }: { request: Membership["JoinRequest"]; community: string }) {
  const t = useT();
  const here = useRef<HTMLDivElement>(null);
  const path = { community, person: request.person };
  const admit = useCommand((_: "admit", key) =>
    read(membership.POST("/communities/{community}/join-requests/{person}/admit", { params: { path, header: command(key) } })),
  );
  const decline = useCommand((why: string, key) =>
    read(membership.POST("/communities/{community}/join-requests/{person}/decline", { params: { path, header: command(key) }, body: { reason: why } })),
  );
  // The row goes with the answer.
  const section = () => here.current?.closest("section");
  const take = () => {
    const above = section();
    void admit.mutateAsync("admit").then(() => focusHeading(above), () => undefined);
  };
  return (
    <>
      <div className="meta" ref={here}>
        <Name id={request.person} />
        <span>
          <UnitName id={request.unit} />
        </span>
        <Time at={request.asked} />
      </div>
      {request.message && <p className="prose">{request.message}</p>}
      <div className="buttons">
        <Button className="button" isDisabled={admit.isPending} onPress={take}>
          {t("waiting.admit")}
        </Button>
        <Opening words={t("waiting.decline")} className="button quiet">
          {(close) => (
            <ReasonForm
              draft={`decline.${community}.${request.person}`}
              label={t("waiting.reason")}
              missing={t("waiting.reason.missing")}
              does={t("waiting.decline")}
              busy={decline.isPending}
              failed={decline.error}
              send={(why) => {
                const above = section();
                return decline.mutateAsync(why).then(() => focusHeading(above));
              }}
              cancel={close}
            />
          )}
        </Opening>
      </div>
      {admit.isError && <Failure error={admit.error} />}
    </>
  );
}
