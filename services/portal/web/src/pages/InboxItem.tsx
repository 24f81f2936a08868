import { useQuery } from "@tanstack/react-query";
import type { Notification } from "../api/client";
import { conversationQuery, useCommunity, useName } from "../api/names";
import { useT } from "../i18n";

type Item = Notification["Item"];

export function linkOf(item: Item): string {
  if (item.kind === "introduced" || item.kind.startsWith("budd")) return "/me/meeting";
  if (item.request) return `/requests/${item.request}`;
  return item.community ? `/communities/${item.community}` : "/inbox";
}

/** What happened, in one sentence. */
export function Sentence({ item }: { item: Item }) {
  const t = useT();
  const person = useName(item.person);
  const community = useCommunity(item.community);
  const name = person?.name ?? t("person.someone");
  return <>{t(`inbox.${item.kind}`, { name, community: community?.name ?? t("community.some") })}</>;
}

/** What it is about: the title of the request, if it is about one. */
export function Subject({ item }: { item: Item }) {
  const { data } = useQuery({ ...conversationQuery(item.request ?? ""), staleTime: 60_000 });
  const title = data?.request.title;
  return title ? <span>{title}</span> : null;
}
