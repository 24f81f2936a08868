import { useQuery } from "@tanstack/react-query";
import type { Notification } from "../api/client";
import { lineQuery, useCommunity, useName } from "../api/names";
import { useT } from "../i18n";

type Item = Notification["Item"];

export function linkOf(item: Item): string {
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

/** What it is about: the title of the request, or why one gets to read it. */
export function Subject({ item }: { item: Item }) {
  const t = useT();
  const { data } = useQuery(lineQuery(item.request ?? ""));
  return <span>{data?.title ?? t(`why.${item.why}`)}</span>;
}
