import { community, read } from "./client";

/** The charter of a community as it stands. */
export const charterQuery = (id: string) => ({
  queryKey: ["charter", id],
  queryFn: () => read(community.GET("/communities/{community}/charter", { params: { path: { community: id } } })),
});

/** One version of it. */
export const charterVersionQuery = (id: string, version: number) => ({
  queryKey: ["charter", id, "version", version],
  queryFn: () => read(community.GET("/communities/{community}/charter/versions/{version}", { params: { path: { community: id, version } } })),
  staleTime: Infinity,
});
