import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMembers } from "../api/belonging";
import { membership, read, type Membership } from "../api/client";
import { rowsOf } from "../api/lists";
import { usePerson } from "../app/context";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { SearchInput } from "../ui/fields";
import { Empty, Shown } from "../ui/states";
import { Inviting, OpenInvitations } from "./CommunityInvite";
import { MemberDialog } from "./CommunityMember";
import { memberId, MemberRows } from "./CommunityMembers";
import { CommunityPage, type Detail } from "./CommunityPage";
import { WaitingPeople } from "./CommunityWaiting";

/** Who belongs to a community, by role; for hosts: inviting, admitting, and changing roles. */
export function CommunityPeople() {
  return <CommunityPage part="community.people">{(detail) => <People key={detail.community.id} detail={detail} />}</CommunityPage>;
}

function People({ detail }: { detail: Detail }) {
  const t = useT();
  const { community: c, role } = detail;
  const coordinates = usePerson().roles.includes("coordinator");
  const [text, setText] = useState("");
  const list = useMembers(c.id, useDebounced(text.trim(), 200));
  const [first] = list.data?.pages ?? [];
  const [chosen, setChosen] = useState<Membership["Member"]>();
  const [said, setSaid] = useState("");
  const invites = (role === "host" || role === "core") && c.state !== "closed";
  const changes = (role === "host" || coordinates) && c.state !== "closed";
  // Who has not been asked whether they want to is not among these: people ask, or are invited.
  const open = useQuery({
    queryKey: ["invitations", "of", c.id],
    queryFn: () => read(membership.GET("/communities/{community}/invitations", { params: { path: { community: c.id }, query: { limit: 200 } } })),
    enabled: invites,
  });
  return (
    <div className="column">
      {invites && <Inviting community={c} invited={open.data?.items ?? []} />}
      {(role === "host" || (coordinates && detail.succession)) && c.joining === "request" && <WaitingPeople community={c.id} />}
      {invites && <OpenInvitations community={c.id} query={open} />}
      <section className="section" id="members">
        <div className="head">
          <h2 tabIndex={-1}>{t("members.title")}</h2>
        </div>
        <p role="status" className="small muted">
          {said}
        </p>
        {(text || first?.next) && (
          <div className="filters single">
            <SearchInput label={t("people.search")} value={text} onChange={setText} />
          </div>
        )}
        <Shown query={list}>
          {({ pages }) => text && pages[0]?.items.length === 0 ? <Empty words={t("members.none")} /> : (
            <MemberRows
              rows={rowsOf(["members", c.id], pages.flatMap((p) => p.items), memberId, list)}
              {...(changes ? { change: setChosen } : {})}
            />
          )}
        </Shown>
      </section>
      {chosen && <MemberDialog detail={detail} member={chosen} close={() => setChosen(undefined)} done={setSaid} />}
    </div>
  );
}
