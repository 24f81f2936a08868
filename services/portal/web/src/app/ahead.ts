import type { FetchQueryOptions, QueryClient } from "@tanstack/react-query";
import { elsewhereQuery, myProposalsQuery, nearQuery, ownQuery } from "../api/home";
import { communitiesList, headQuery, inboxList, peopleList, requestFilters, requestsList } from "../api/lists";
import { communityQuery, conversationQuery, meQuery, personQuery } from "../api/names";

type Query = Pick<FetchQueryOptions, "queryKey" | "queryFn" | "staleTime">;

/** What a page asks for first, by its route. */
export function ahead(route: string, params: Record<string, string | undefined>, search: URLSearchParams, client: QueryClient): Query[] {
  const { request = "", community = "", person = "" } = params;
  switch (route) {
    case "": // Home
      return [meQuery, myProposalsQuery, ownQuery(client), nearQuery(client), elsewhereQuery(client)];
    case "requests":
      return [headQuery(requestsList(requestFilters(search)))];
    case "requests/:request":
      return [conversationQuery(request)];
    case "communities":
      return [headQuery(communitiesList({}, {}))];
    case "communities/:community":
      return [communityQuery(community)];
    case "people":
      return [headQuery(peopleList({}))];
    case "people/:person":
      return [personQuery(person)];
    case "inbox":
      return [headQuery(inboxList(false))];
    default:
      return [];
  }
}
