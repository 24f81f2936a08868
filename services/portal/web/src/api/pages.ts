import type { InfiniteData } from "@tanstack/react-query";

export interface PageOf<T> {
  items: T[];
  next?: string | undefined;
}

export type Pages<T> = InfiniteData<PageOf<T>, unknown>;

/**
 * The pages that were read, with the first one as it is now. What follows the
 * last item of the first page stays as it was read; what is missing before it
 * is gone. Pages that have nothing in common with the first one begin anew.
 */
export function freshen<T>(old: Pages<T> | undefined, first: PageOf<T>, idOf: (item: T) => string): Pages<T> {
  const anew: Pages<T> = { pages: [first], pageParams: [""] };
  const last = first.items.at(-1);
  if (!old || !last || !first.next) return anew;
  const now = new Set(first.items.map(idOf));
  const at = old.pages.findIndex((page) => page.items.some((item) => idOf(item) === idOf(last)));
  const page = old.pages[at];
  if (!page) return anew;
  const rest = page.items.slice(page.items.findIndex((item) => idOf(item) === idOf(last)) + 1);
  const others = (items: T[]) => items.filter((item) => !now.has(idOf(item)));
  return {
    pages: [{ items: [...first.items, ...others(rest)], next: page.next }, ...old.pages.slice(at + 1).map((p) => ({ ...p, items: others(p.items) }))],
    pageParams: ["", ...old.pageParams.slice(at + 1)],
  };
}
