import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { membership, read, type Membership } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { TextInput } from "../ui/fields";
import { Name, UnitName } from "../ui/people";
import { Failure } from "../ui/states";
import { Time } from "../ui/Time";

/** For hosts: who has asked to join, and waits for an answer. */
export function WaitingPeople({ community }: { community: string }) {
  const t = useT();
  const query = useQuery({
    queryKey: ["join-requests", community],
    queryFn: () => read(membership.GET("/communities/{community}/join-requests", { params: { path: { community }, query: { limit: 50 } } })),
  });
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
  const [declining, setDeclining] = useState(false);
  const [reason, setReason, forget] = useDraft(`decline.${community}.${request.person}`, "");
  const [tried, setTried] = useState(false);
  const path = { community, person: request.person };
  const admit = useCommand((_: "admit", key) =>
    read(membership.POST("/communities/{community}/join-requests/{person}/admit", { params: { path, header: command(key) } })),
  );
  const decline = useCommand((why: string, key) =>
    read(membership.POST("/communities/{community}/join-requests/{person}/decline", { params: { path, header: command(key) }, body: { reason: why } })),
  );
  const failed = admit.error ?? decline.error;
  return (
    <>
      <div className="meta">
        <Name id={request.person} />
        <span>
          <UnitName id={request.unit} />
        </span>
        <Time at={request.asked} />
      </div>
      {request.message && <p className="prose">{request.message}</p>}
      {declining ? (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            setTried(true);
            if (reason.trim()) void decline.mutateAsync(reason.trim()).then(forget, () => undefined);
          }}
        >
          <TextInput label={t("waiting.reason")} value={reason} onChange={setReason} max={2000} wrong={tried && !reason.trim() ? t("waiting.reason.missing") : undefined} />
          <div className="buttons">
            <Button type="submit" className="button" isDisabled={decline.isPending}>
              {t("waiting.decline")}
            </Button>
            <Button className="button quiet" onPress={() => setDeclining(false)}>
              {t("do.cancel")}
            </Button>
          </div>
        </form>
      ) : (
        <div className="buttons">
          <Button className="button" isDisabled={admit.isPending} onPress={() => admit.mutate("admit")}>
            {t("waiting.admit")}
          </Button>
          <Button className="button quiet" onPress={() => setDeclining(true)}>
            {t("waiting.decline")}
          </Button>
        </div>
      )}
      {failed && <Failure error={failed} typed={declining} />}
    </>
  );
}
