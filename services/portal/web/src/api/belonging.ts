import { useInfiniteQuery } from "@tanstack/react-query";
import { membership, read } from "./client";

/** Invitations to the reader that stand. */
export const invitationsQuery = {
  queryKey: ["invitations", "mine"],
  queryFn: () => read(membership.GET("/me/invitations", { params: { query: { limit: 100 } } })),
  staleTime: 60_000,
};

/** What is and was between the reader and communities. */
export const membershipsQuery = {
  queryKey: ["memberships"],
  queryFn: () => read(membership.GET("/me/memberships", { params: { query: { limit: 200 } } })),
};

/** Members of a community by role, a page at a time; all, or those whose names begin so. */
export function useMembers(id: string, query = "") {
  return useInfiniteQuery({
    queryKey: ["members", id, query],
    queryFn: ({ pageParam }) =>
      read(membership.GET("/communities/{community}/members", { params: { path: { community: id }, query: { limit: 100, ...(query && { query }), ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    placeholderData: (before) => before,
  });
}

/** Who has asked to join a community and waits for its hosts. */
export const waitingQuery = (community: string) => ({
  queryKey: ["join-requests", community],
  queryFn: () => read(membership.GET("/communities/{community}/join-requests", { params: { path: { community }, query: { limit: 50 } } })),
});
