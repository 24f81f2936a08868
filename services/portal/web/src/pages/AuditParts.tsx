import { useQuery } from "@tanstack/react-query";
import { useIntl } from "react-intl";
import type { Audit } from "../api/client";
import { streamOf, useWords } from "../api/log";
import { communityQuery, useUnits } from "../api/names";
import { useT } from "../i18n";
import { Name } from "../ui/people";

/** A moment to the second, as it stands in the log. */
export function Exact({ at }: { at: string }) {
  const intl = useIntl();
  return <time dateTime={at}>{intl.formatDate(new Date(at), { dateStyle: "medium", timeStyle: "medium" })}</time>;
}

const reactor = "reactor:";

/** Who brought an event about. */
export function Actor({ actor }: { actor: string | undefined }) {
  const t = useT();
  if (!actor) return <span>{t("audit.actor.none")}</span>;
  if (actor.startsWith(reactor)) return <span>{t("audit.actor.reactor", { name: actor.slice(reactor.length) })}</span>;
  if (actor === "system:configuration") return <span>{t("audit.actor.configuration")}</span>;
  return <Name id={actor} />;
}

// Streams whose id is a person's.
const personal = ["person", "role", "helper", "meeting", "preferences", "inbox", "read", "consent"];

/** What an event is about: the kind of thing, and what it is called if that may be known, else the beginning of its id. */
export function About({ stream }: { stream: string }) {
  const words = useWords();
  const { aggregate, id } = streamOf(stream);
  return (
    <span>
      {words("stream", aggregate)} <Called aggregate={aggregate} id={id} />
    </span>
  );
}

/** What a thing is called, if that may be known, else the beginning of its id. */
export function Called({ aggregate, id }: { aggregate: string; id: string }) {
  const unit = useUnits().get(aggregate === "unit" ? id : "");
  const ofCommunity = aggregate === "community" || aggregate === "charter";
  const community = useQuery({ ...communityQuery(id), enabled: ofCommunity, retry: false });
  if (personal.includes(aggregate)) return <Name id={id} />;
  const name = unit?.name ?? community.data?.community.name;
  return name ? <>{name}</> : <code>{id.slice(0, 10)}</code>;
}

/** What happened, in words. */
export function useHappened(): (e: Audit["Envelope"]) => string {
  const words = useWords();
  const t = useT();
  return (e) => (e.unreadable ? t("audit.unreadable", { type: e.type }) : words("event", e.type));
}
