import { useQueries, useQuery } from "@tanstack/react-query";
import { communities, people, requests } from "./batch";
import { community, membership, read, readAll, type Communities, type Membership } from "./client";
import { kept } from "./queries";

type Named = Membership["NameOfPerson"];

const nameQuery = (id: string) => ({
  queryKey: [kept, "name", id],
  queryFn: async (): Promise<Named> => (await people.load(id)) ?? { id, former: true },
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

export const meQuery = { queryKey: ["me"], queryFn: () => read(membership.GET("/me")), staleTime: 60_000 };

export const useMe = () => useQuery(meQuery);

/** A community with what the reader may do in it. */
export const communityQuery = (id: string) => ({
  queryKey: ["community", id],
  queryFn: () => read(community.GET("/communities/{community}", { params: { path: { community: id } } })),
  staleTime: 60_000,
  enabled: Boolean(id),
});

/** What the directory says of a community; many are one request. */
export function useCommunity(id: string | undefined): Communities["Community"] | undefined {
  const query = useQuery({
    queryKey: ["community-line", id],
    queryFn: () => communities.load(id ?? ""),
    staleTime: 5 * 60_000,
    enabled: Boolean(id),
  });
  return query.data ?? undefined;
}

export const personQuery = (id: string) => ({
  queryKey: ["person", id],
  queryFn: () => read(membership.GET("/people/{person}", { params: { path: { person: id } } })),
});

export const conversationQuery = (id: string) => ({
  queryKey: ["request", id],
  queryFn: () => read(community.GET("/requests/{request}", { params: { path: { request: id } } })),
  enabled: Boolean(id),
});

/** A request as lists have it: null if the reader may not see it. Many are one request. */
export const lineQuery = (id: string) => ({
  queryKey: ["line", id],
  queryFn: () => requests.load(id),
  staleTime: 60_000,
  enabled: Boolean(id),
});
