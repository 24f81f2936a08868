import { useQuery } from "@tanstack/react-query";
import { invitationsQuery } from "../api/belonging";
import type { Notification } from "../api/client";
import { lineQuery, useCommunity, useName } from "../api/names";
import { useT } from "../i18n";
import { AnswerInvitation } from "./Invitations";

type Item = Notification["Item"];

export function linkOf(item: Item): string {
  if (item.kind === "introduced" || item.kind.startsWith("budd")) return "/me/meeting";
  if (item.request) return `/requests/${item.request}`;
  return item.community ? `/communities/${item.community}${parts[item.kind] ?? ""}` : "/inbox";
}

/** Where in a community there is more about it. */
const parts: Partial<Record<Item["kind"], string>> = {
  charter_revised: "/charter",
  first_week: "/first-week",
  invitation_accepted: "/people",
  join_requested: "/people",
  member_joined: "/people",
  link_agreed: "/links",
  link_declined: "/links",
  link_ended: "/links",
  link_proposed: "/links",
  link_withdrawn: "/links",
};

/** An invitation that stands is answered where it is read. */
export function Answer({ item }: { item: Item }) {
  const invited = item.kind === "invited";
  const { data } = useQuery({ ...invitationsQuery, enabled: invited });
  const stands = invited && data?.items.find((i) => i.community === item.community);
  return stands ? <AnswerInvitation community={stands.community} name={stands.community_name} /> : null;
}

/** What happened, in one sentence. */
export function Sentence({ item, others }: { item: Item; others: number }) {
  const t = useT();
  const person = useName(item.person);
  const community = useCommunity(item.community);
  const name = person?.name ?? t("person.someone");
  if (others > 0) return <>{t("inbox.members_joined", { name, others, community: community?.name ?? t("community.some") })}</>;
  return <>{t(`inbox.${item.kind}`, { name, community: community?.name ?? t("community.some") })}</>;
}

/** What it is about: the title of the request, if it is about one. */
export function Subject({ item }: { item: Item }) {
  const { data } = useQuery(lineQuery(item.request ?? ""));
  return data ? <span>{data.title}</span> : null;
}
