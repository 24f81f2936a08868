import { useQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { membershipsQuery } from "../api/belonging";
import { membership, read, type Communities, type Membership } from "../api/client";
import { communityQuery, meQuery } from "../api/names";
import { command, useCommand, type See } from "../api/queries";
import { useT } from "../i18n";
import { AskFirst } from "../ui/AskFirst";
import { Opening } from "../ui/Opening";
import { ReasonForm } from "../ui/ReasonForm";
import { Failure } from "../ui/states";
import { Time } from "../ui/Time";
import type { Detail } from "./CommunityPage";
import { InvitationOf } from "./Invitations";

/** How the reader belongs to a community, and how that can change. */
export function Belonging({ detail }: { detail: Detail }) {
  const { community: c, role } = detail;
  const own = useQuery(membershipsQuery).data?.items.find((m) => m.community === c.id);
  const status = role ? "member" : own?.status;
  if (role) return <Within detail={detail} />;
  return (
    <div className="belonging">
      <Before own={own} />
      {status === "requested" && <Requested community={c} />}
      {status === "invited" && <InvitationOf community={c.id} />}
      {status !== "requested" && status !== "invited" && c.state !== "closed" && <Joining detail={detail} />}
    </div>
  );
}

/** A member asks, or leaves. */
function Within({ detail: { community: c, role, may } }: { detail: Detail }) {
  const t = useT();
  const leave = useCommand((_: "leave", key) => read(membership.POST("/communities/{community}/leave", { params: { path: { community: c.id }, header: command(key) } })), {
    name: ["leave", c.id],
    foresee: (_, see) => belongs(see, c, undefined),
  });
  const back = useCommand((_: "back", key) => read(membership.POST("/communities/{community}/lay-down-role", { params: { path: { community: c.id }, header: command(key) } })));
  return (
    <div className="belonging">
      <div className="buttons">
        <span className="state good">{role && t(`role.${role}.own`)}</span>
        {may.includes("ask") && (
          <Link className="button primary" to={`/ask?community=${c.id}`}>
            {t("community.ask")}
          </Link>
        )}
        {c.state !== "closed" && (role === "host" || role === "sponsor" || role === "core") && (
          <AskFirst label={t("lay_down.do")} words={role === "host" ? t("lay_down.host") : t("lay_down.words")} sure={t("lay_down.sure")} busy={back.isPending} onSure={() => back.mutate("back")} />
        )}
        <Opening words={t("leave.do")} className="button quiet">
          {(close) => (
            <>
              {role === "host" && c.state !== "closed" && <p className="muted small sure">{t("leave.host")}</p>}
              <Button className="button" autoFocus isDisabled={leave.isPending} onPress={() => leave.mutate("leave")}>
                {t("leave.sure")}
              </Button>
              <Button className="button quiet" onPress={close}>
                {t("do.cancel")}
              </Button>
            </>
          )}
        </Opening>
      </div>
      {leave.isError && <Failure error={leave.error} undone />}
      {back.isError && <Failure error={back.error} />}
    </div>
  );
}

/** What the person who is no member should know of what was before. */
function Before({ own }: { own: Membership["Membership"] | undefined }) {
  const t = useT();
  const last = own?.past?.at(-1);
  return (
    <>
      {own?.declined && <p className="muted">{own.declined.reason ? t("join.declined.reason", { reason: own.declined.reason }) : t("join.declined")}</p>}
      {own?.status === "past" && last?.end === "removed" && (
        <p className="standing">
          {t("join.removed")} <Time at={last.until} />
          {last.reason && <span className="muted">{t("standing.reason", { reason: last.reason })}</span>}
        </p>
      )}
    </>
  );
}

function Requested({ community: c }: { community: Community }) {
  const t = useT();
  const withdraw = useCommand(
    (_: "withdraw", key) => read(membership.POST("/communities/{community}/join-request/withdraw", { params: { path: { community: c.id }, header: command(key) } })),
    { name: ["withdraw", c.id], foresee: (_, see) => stands(see, c, "past") },
  );
  return (
    <>
      <div className="buttons">
        <span>{t("join.requested")}</span>
        <Button className="button" isDisabled={withdraw.isPending} onPress={() => withdraw.mutate("withdraw")}>
          {t("join.withdraw")}
        </Button>
      </div>
      {withdraw.isError && <Failure error={withdraw.error} undone />}
    </>
  );
}

function Joining({ detail: { community: c } }: { detail: Detail }) {
  const t = useT();
  const join = useCommand(
    (said: string, key) => read(membership.POST("/communities/{community}/join", { params: { path: { community: c.id }, header: command(key) }, body: said ? { message: said } : {} })),
    { name: ["join", c.id], foresee: (_, see) => (c.joining === "open" ? belongs(see, c, "member") : stands(see, c, "requested")) },
  );
  return (
    <>
      <p className="muted">{t(`join.${c.joining}`)}</p>
      {c.joining === "open" && (
        <Button className="button primary" isDisabled={join.isPending} onPress={() => join.mutate("")}>
          {t("join.do")}
        </Button>
      )}
      {c.joining === "request" && (
        <Opening words={t("join.ask")} className="button primary">
          {(close) => (
            <ReasonForm draft={`join.${c.id}`} label={t("join.message")} hint={t("join.message.hint")} does={t("join.ask")} busy={join.isPending} failed={join.error} send={(said) => join.mutateAsync(said)} cancel={close} />
          )}
        </Opening>
      )}
      {c.joining === "open" && join.isError && <Failure error={join.error} undone />}
    </>
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
  see<Membership["MembershipPage"]>(membershipsQuery.queryKey, (page) => {
    const tie = { ...(page.items.find((m) => m.community === id) ?? none), status };
    delete tie.declined; // of the request before
    return { ...page, items: [tie, ...page.items.filter((m) => m.community !== id)] };
  });
}
