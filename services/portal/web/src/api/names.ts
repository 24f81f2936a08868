import { useQueries, useQuery } from "@tanstack/react-query";
import { community, membership, read, readAll, type Communities, type Membership } from "./client";
import { kept } from "./queries";

type Named = Membership["NameOfPerson"];

// Names that a page needs at the same moment are asked for together.
let batch: { ids: Set<string>; answer: Promise<Map<string, Named>> } | undefined;

function nameOf(id: string): Promise<Named> {
  batch ??= begin();
  batch.ids.add(id);
  return batch.answer.then((names) => names.get(id) ?? { id, former: true });
}

function begin() {
  const ids = new Set<string>();
  const answer = new Promise((go) => setTimeout(go, 5)).then(async () => {
    batch = undefined;
    const page = await read(membership.POST("/people/lookup", { body: { ids: [...ids].slice(0, 1000) } }));
    return new Map(page.items.map((n) => [n.id, n]));
  });
  return { ids, answer };
}

const nameQuery = (id: string) => ({
  queryKey: [kept, "name", id],
  queryFn: () => nameOf(id),
  staleTime: 10 * 60_000,
});

export function useName(id: string | undefined) {
  return useQuery({ ...nameQuery(id ?? ""), enabled: Boolean(id) }).data;
}

export function useNames(ids: readonly string[]): (Named | undefined)[] {
  return useQueries({ queries: ids.map(nameQuery) }).map((q) => q.data);
}

/** Every unit by its id. */
export function useUnits(): ReadonlyMap<string, Membership["Unit"]> {
  const query = useQuery({
    queryKey: [kept, "units"],
    queryFn: async () => {
      const units = await readAll((cursor) =>
        read(membership.GET("/units", { params: { query: { limit: 200, ...(cursor ? { cursor } : {}) } } })),
      );
      return new Map(units.map((u) => [u.id, u]));
    },
    staleTime: 10 * 60_000,
  });
  return query.data ?? new Map();
}

export function useMe() {
  return useQuery({ queryKey: ["me"], queryFn: () => read(membership.GET("/me")), staleTime: 60_000 });
}

export const communityQuery = (id: string) => ({
  queryKey: ["community", id],
  queryFn: () => read(community.GET("/communities/{community}", { params: { path: { community: id } } })),
  staleTime: 60_000,
  enabled: Boolean(id),
});

export function useCommunity(id: string | undefined): Communities["Community"] | undefined {
  return useQuery(communityQuery(id ?? "")).data?.community;
}

export const conversationQuery = (id: string) => ({
  queryKey: ["request", id],
  queryFn: () => read(community.GET("/requests/{request}", { params: { path: { request: id } } })),
  enabled: Boolean(id),
});
