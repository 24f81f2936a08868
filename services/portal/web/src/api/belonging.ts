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

/** Members of a community by role, a page at a time. */
export function useMembers(id: string) {
  return useInfiniteQuery({
    queryKey: ["members", id],
    queryFn: ({ pageParam }) =>
      read(membership.GET("/communities/{community}/members", { params: { path: { community: id }, query: { limit: 100, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
}
