import type { QueryClient } from "@tanstack/react-query";
import { community, matching, read } from "./client";
import { learnRequests, type RequestFilters } from "./lists";

// What Home asks for, so that it can be asked for before somebody goes there.

const lines = (client: QueryClient, name: string, filters: RequestFilters, limit: number) => ({
  queryKey: ["requests", name],
  queryFn: async () => {
    const page = await read(community.GET("/requests", { params: { query: { ...filters, limit } } }));
    learnRequests(client, page.items);
    return page;
  },
});

/** The newest of one's own requests that are open. */
export const ownQuery = (client: QueryClient) => lines(client, "mine", { mine: true, state: "open" }, 5);

/** The newest open requests to one's own communities. There are two more than are shown, since one's own are among them. */
export const nearQuery = (client: QueryClient) => lines(client, "near", { whose: "own", state: "open" }, 8);

/** The newest open requests elsewhere. */
export const elsewhereQuery = (client: QueryClient) => lines(client, "elsewhere", { whose: "others", state: "open" }, 4);

export const myProposalsKey = ["proposals", "mine"];

/** Requests that wait for one's "I can help" or "not me". */
export const myProposalsQuery = {
  queryKey: myProposalsKey,
  queryFn: () => read(matching.GET("/me/proposals", { params: { query: { limit: 3 } } })),
};
