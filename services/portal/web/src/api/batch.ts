import DataLoader from "dataloader";
import { community, membership, read } from "./client";

/**
 * What a page asks for at the same moment is asked for in one request, or in as
 * few as the limit allows. Nothing is kept here: queries keep it.
 */
export function together<T extends { id: string }>(most: number, ask: (ids: string[]) => Promise<T[]>) {
  return new DataLoader<string, T | null>(
    async (ids) => {
      const found = new Map((await ask([...new Set(ids)])).map((one) => [one.id, one]));
      return ids.map((id) => found.get(id) ?? null);
    },
    { cache: false, maxBatchSize: most, batchScheduleFn: (go) => setTimeout(go, 5) },
  );
}

const items = <T>(page: { items: T[] }) => page.items;

export const people = together(1000, (ids) => read(membership.POST("/people/lookup", { body: { ids } })).then(items));
export const requests = together(200, (ids) => read(community.POST("/requests/lookup", { body: { ids } })).then(items));
export const communities = together(200, (ids) => read(community.POST("/communities/lookup", { body: { ids } })).then(items));
