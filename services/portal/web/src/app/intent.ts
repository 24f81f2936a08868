import type { QueryClient } from "@tanstack/react-query";
import { matchRoutes, type RouteObject } from "react-router";
import { ahead } from "./ahead";

const linger = 65; // ms that a pointer rests on a link of somebody who means it

/**
 * Fetches a page, its code and its data, when somebody is about to go there: the
 * pointer rests on a link, the focus is on it, or a finger touches it. Nothing is
 * fetched ahead for who saves data. Returns what ends it.
 */
export function watchIntent(routes: RouteObject[], client: QueryClient): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const fetch = (link: HTMLAnchorElement) => {
    const address = new URL(link.href);
    const match = matchRoutes(routes, address.pathname)?.at(-1);
    if (!match) return;
    // What fails now is fetched again, and said, when somebody goes there.
    if (typeof match.route.lazy === "function") void match.route.lazy().catch(() => undefined);
    for (const query of ahead(match.route.path ?? "", match.params, address.searchParams, client)) void client.prefetchQuery({ staleTime: 15_000, ...query });
  };
  const meant = (e: Event) => {
    clearTimeout(waiting);
    const link = e.target instanceof Element ? e.target.closest<HTMLAnchorElement>("a[href^='/']") : null;
    if (!link || link.hasAttribute("download") || saving()) return;
    if (e.type === "pointerdown") fetch(link);
    else waiting = setTimeout(fetch, linger, link);
  };
  const kinds = ["pointerover", "focusin", "pointerdown"] as const;
  for (const kind of kinds) document.addEventListener(kind, meant, { passive: true });
  return () => {
    clearTimeout(waiting);
    for (const kind of kinds) document.removeEventListener(kind, meant);
  };
}

function saving(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return Boolean(connection?.saveData);
}
