import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useLanguage } from "../i18n";
import { kept } from "./queries";

type Kind = "event" | "field" | "code" | "stream";
type Words = Readonly<Record<string, string>>;

async function load(german: boolean): Promise<Words> {
  return german ? (await import("../../generated/words.de.json")).default : (await import("../../generated/words.en.json")).default;
}

function useLoaded(): Words {
  const german = useLanguage().language.startsWith("de");
  return useQuery({ queryKey: [kept, "words", german], queryFn: () => load(german), staleTime: Infinity }).data ?? {};
}

/** What types of events, fields and codes are called; the name itself where there is no word. */
export function useWords(): (kind: Kind, name: string) => string {
  const words = useLoaded();
  return useCallback((kind, name) => words[`${kind}.${name}`] ?? name, [words]);
}

/** Every type of event that there are words for, in the order of the words. */
export function useEventTypes(): { value: string; words: string }[] {
  return Object.entries(useLoaded())
    .filter(([key]) => key.startsWith("event."))
    .map(([key, words]) => ({ value: key.slice("event.".length), words }))
    .sort((a, b) => a.words.localeCompare(b.words));
}

/** Reading the log is an event of the log: what was read once is kept, and asked for again only when somebody says so. */
export const once = { staleTime: Infinity, gcTime: 30 * 60_000, refetchOnWindowFocus: false, refetchOnReconnect: false } as const;

/** The first part of the key of what was read of the log. */
export const readKey = (...parts: readonly unknown[]) => [kept, "audit", ...parts];

/** A subject of the log, evt.context.aggregate.id, in its parts. */
export function streamOf(subject: string) {
  const [, context = "", aggregate = "", ...id] = subject.split(".");
  return { context, aggregate, id: id.join(".") };
}
