import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { membership, read, type Communities, type Membership } from "../api/client";
import { communityQuery, meQuery } from "../api/names";
import { command, useCommand, type See } from "../api/queries";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { TextInput } from "../ui/fields";
import { Failure } from "../ui/states";

const ownMemberships = ["memberships"];

/** How the reader belongs to a community, and how that can change. */
export function Belonging({ detail: { community: c, role, may } }: { detail: Communities["CommunityDetail"] }) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const [message, setMessage, forget] = useDraft(`join.${c.id}`, "");
  const [leaving, setLeaving] = useState(false);
  const memberships = useQuery({
    queryKey: ownMemberships,
    queryFn: () => read(membership.GET("/me/memberships", { params: { query: { limit: 200 } } })),
  });
  const own = memberships.data?.items.find((m) => m.community === c.id);
  const path = { community: c.id };
  const join = useCommand(
    (said: string, key) => read(membership.POST("/communities/{community}/join", { params: { path, header: command(key) }, body: said ? { message: said } : {} })),
    { name: ["join", c.id], foresee: (_, see) => (c.joining === "open" || own?.status === "invited" ? belongs(see, c, "member") : stands(see, c, "requested")) },
  );
  const leave = useCommand((_: "leave", key) => read(membership.POST("/communities/{community}/leave", { params: { path, header: command(key) } })), {
    name: ["leave", c.id],
    foresee: (_, see) => belongs(see, c, undefined),
  });
  const withdraw = useCommand(
    (_: "withdraw", key) => read(membership.POST("/communities/{community}/join-request/withdraw", { params: { path, header: command(key) } })),
    { name: ["withdraw", c.id], foresee: (_, see) => stands(see, c, "past") },
  );
  const failed = join.error ?? leave.error ?? withdraw.error;
  const status: Membership["Membership"]["status"] | undefined = role ? "member" : own?.status;
  return (
    <div className="belonging">
      {role && (
        <div className="buttons">
          <span className="state good">{t(`role.${role}.own`)}</span>
          {may.includes("ask") && (
            <Link className="button primary" to={`/ask?community=${c.id}`}>
              {t("community.ask")}
            </Link>
          )}
          {leaving ? (
            <>
              <Button className="button" isDisabled={leave.isPending} onPress={() => leave.mutate("leave", { onSuccess: () => setLeaving(false) })}>
                {t("leave.sure")}
              </Button>
              <Button className="button quiet" onPress={() => setLeaving(false)}>
                {t("do.cancel")}
              </Button>
            </>
          ) : (
            <Button className="button quiet" onPress={() => setLeaving(true)}>
              {t("leave.do")}
            </Button>
          )}
        </div>
      )}
      {!role && status === "requested" && (
        <div className="buttons">
          <span>{t("join.requested")}</span>
          <Button className="button" isDisabled={withdraw.isPending} onPress={() => withdraw.mutate("withdraw")}>
            {t("join.withdraw")}
          </Button>
        </div>
      )}
      {!role && own?.declined && (
        <p className="muted">{own.declined.reason ? t("join.declined.reason", { reason: own.declined.reason }) : t("join.declined")}</p>
      )}
      {!role && status !== "requested" && c.state !== "closed" && (
        <>
          <p className="muted">{status === "invited" ? t("join.invited") : t(`join.${c.joining}`)}</p>
          {asking ? (
            <form
              onSubmit={(e) => {
                e.preventDefault();
                join.mutate(message.trim(), { onSuccess: forget });
              }}
            >
              <TextInput label={t("join.message")} hint={t("join.message.hint")} lines value={message} onChange={setMessage} max={2000} />
              <Button type="submit" className="button primary" isDisabled={join.isPending}>
                {t("join.ask")}
              </Button>
            </form>
          ) : (
            (c.joining !== "invitation" || status === "invited") && (
              <Button className="button primary" isDisabled={join.isPending} onPress={() => (c.joining === "request" && status !== "invited" ? setAsking(true) : join.mutate(""))}>
                {c.joining === "request" && status !== "invited" ? t("join.ask") : t("join.do")}
              </Button>
            )
          )}
        </>
      )}
      {failed && <Failure error={failed} typed={asking} undone />}
    </div>
  );
}

type Community = Communities["Community"];

/** Shows that the reader has a role in a community, or none. What they may do there is for the service to say. */
function belongs(see: See, c: Community, role: Communities["Role"] | undefined) {
  see<Communities["CommunityDetail"]>(communityQuery(c.id).queryKey, (detail) => {
    const { role: before, ...others } = detail;
    return role ? { ...others, role: before ?? role } : others;
  });
  see<Membership["Me"]>(meQuery.queryKey, (me) => {
    const others = me.communities.filter((m) => m.community !== c.id);
    return { ...me, communities: role ? [...others, { community: c.id, name: c.name, role }] : others };
  });
  stands(see, c, role ? "member" : "past");
}

function stands(see: See, { id, name }: Community, status: Membership["Membership"]["status"]) {
  const none: Membership["Membership"] = { community: id, community_name: name, status, since: new Date().toISOString() };
  see<Membership["MembershipPage"]>(ownMemberships, (page) => {
    const tie = { ...(page.items.find((m) => m.community === id) ?? none), status };
    delete tie.declined; // of the request before
    return { ...page, items: [tie, ...page.items.filter((m) => m.community !== id)] };
  });
}
