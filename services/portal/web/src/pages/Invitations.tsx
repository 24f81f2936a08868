import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { invitationsQuery } from "../api/belonging";
import { membership, read, type Membership } from "../api/client";
import { communityQuery } from "../api/names";
import { command, useCommand } from "../api/queries";
import { T, useT } from "../i18n";
import { focusHeading } from "../ui/focus";
import { Name } from "../ui/people";
import { Prose } from "../ui/Prose";
import { Failure } from "../ui/states";
import { Time } from "../ui/Time";

type Invitation = Membership["MyInvitation"];

/** The communities that the reader is invited to; nothing if there are none. */
export function Invitations() {
  const t = useT();
  const { data } = useQuery(invitationsQuery);
  if (!data?.items.length) return null;
  return (
    <section className="section" aria-labelledby="invitations">
      <div className="head">
        <h2 id="invitations">{t("invitations.title")}</h2>
      </div>
      <ul className="rows">
        {data.items.map((i) => (
          <li key={i.community} data-row>
            <Row invitation={i} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Row({ invitation }: { invitation: Invitation }) {
  const { data } = useQuery(communityQuery(invitation.community));
  return (
    <>
      <Link className="row-title" to={`/communities/${invitation.community}`}>
        {invitation.community_name}
      </Link>
      {data && <p>{data.community.purpose}</p>}
      <Said invitation={invitation} />
      <AnswerInvitation community={invitation.community} name={invitation.community_name} />
    </>
  );
}

/** On the community's page: who invites, with which words, and the answer. */
export function InvitationOf({ community }: { community: string }) {
  const t = useT();
  const invitation = useQuery(invitationsQuery).data?.items.find((i) => i.community === community);
  return (
    <section className="standing">
      <h2>{t("join.invited")}</h2>
      {invitation && <Said invitation={invitation} />}
      <AnswerInvitation community={community} />
    </section>
  );
}

function Said({ invitation: i }: { invitation: Invitation }) {
  return (
    <>
      <div className="meta">
        <span>
          <T id="invitations.by" name={<Name id={i.by} />} />
        </span>
        <Time at={i.invited} />
      </div>
      {i.message && <blockquote className="said"><Prose text={i.message} /></blockquote>}
    </>
  );
}

/** Yes or no, as the invited person wants. */
export function AnswerInvitation({ community, name }: { community: string; name?: string }) {
  const t = useT();
  const here = useRef<HTMLDivElement>(null);
  const path = { community };
  const accept = useCommand((_: "accept", key) => read(membership.POST("/communities/{community}/invitation/accept", { params: { path, header: command(key) } })));
  const decline = useCommand((_: "decline", key) => read(membership.POST("/communities/{community}/invitation/decline", { params: { path, header: command(key) } })));
  const failed = accept.error ?? decline.error;
  const busy = accept.isPending || decline.isPending;
  // The row goes with the answer: the focus goes to what is above it.
  const then = (answer: Promise<unknown>) => {
    const section = here.current?.closest("section.section");
    void answer.then(() => focusHeading(section), () => undefined);
  };
  const label = (words: string) => (name ? { "aria-label": `${words}: ${name}` } : {});
  return (
    <div ref={here}>
      <div className="buttons answer">
        <Button className="button primary" isDisabled={busy} onPress={() => then(accept.mutateAsync("accept"))} {...label(t("invitations.accept"))}>
          {t("invitations.accept")}
        </Button>
        <Button className="button" isDisabled={busy} onPress={() => then(decline.mutateAsync("decline"))} {...label(t("invitations.decline"))}>
          {t("invitations.decline")}
        </Button>
      </div>
      {failed && <Failure error={failed} />}
    </div>
  );
}
