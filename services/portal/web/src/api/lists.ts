import { useInfiniteQuery, useQuery, useQueryClient, type QueryClient, type UseInfiniteQueryResult } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { community, membership, notification, read, type Communities, type Membership, type Notification } from "./client";
import { freshen, type PageOf, type Pages } from "./pages";
import { kept } from "./queries";

/** A list that may be long: how it is asked for, page by page. */
export interface ListOf<T> {
  key: readonly unknown[];
  page: (cursor: string) => Promise<PageOf<T>>;
  idOf: (item: T) => string;
  /** Keeps what a page says of its items where single ones are asked for. */
  learn?: (client: QueryClient, items: T[]) => void;
}

export interface Rows<T> {
  key: readonly unknown[];
  items: T[];
  idOf: (item: T) => string;
  /** Whether there is more than items. */
  more: boolean;
  fetchMore: () => void;
  fetching: boolean;
  error: Error | null;
}

const headKey = (key: readonly unknown[]) => [...key, "head"];
const allKey = (key: readonly unknown[]) => [kept, "list", ...key];

/** The first page. It alone is asked for again when something has happened, however long the list has become. */
export const headQuery = <T>(list: ListOf<T>) => ({ queryKey: headKey(list.key), queryFn: () => list.page("") });

export function useList<T>(list: ListOf<T>) {
  const client = useQueryClient();
  const head = useQuery({ ...headQuery(list), placeholderData: (before) => before });
  const all = useInfiniteQuery({
    queryKey: allKey(list.key),
    queryFn: async ({ pageParam }) => {
      const page = await list.page(pageParam);
      list.learn?.(client, page.items);
      return page;
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    enabled: false, // the head begins it
    gcTime: 30 * 60_000,
  });
  const first = head.isPlaceholderData ? undefined : head.data;
  const pages = useMemo(() => (first ? freshen(all.data, first, list.idOf) : all.data), [all.data, first, list.idOf]);
  const name = JSON.stringify(list.key);
  useEffect(() => {
    if (!first) return;
    list.learn?.(client, first.items);
    client.setQueryData<Pages<T>>(allKey(JSON.parse(name) as unknown[]), (old) => freshen(old, first, list.idOf));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the list is its key
  }, [client, first, name]);
  const items = useMemo(() => (pages?.pages ?? (head.data ? [head.data] : [])).flatMap((p) => p.items), [pages, head.data]);
  const more = Boolean(pages?.pages.at(-1)?.next);
  const rows: Rows<T> = {
    key: list.key,
    items,
    idOf: list.idOf,
    more,
    fetchMore: () => void (all.hasNextPage && !all.isFetching && all.fetchNextPage()),
    fetching: all.isFetching,
    error: all.error,
  };
  // A page may be empty although there are more.
  const nothingYet = items.length === 0 && more && !all.error;
  useEffect(() => {
    if (nothingYet) rows.fetchMore();
  });
  return { head, rows, nothingYet };
}

type Read = Pick<UseInfiniteQueryResult, "hasNextPage" | "isFetching" | "isFetchNextPageError" | "error"> & { fetchNextPage: () => unknown };

/** The rows of a list that is asked for again as a whole. */
export const rowsOf = <T>(key: readonly unknown[], items: T[], idOf: (item: T) => string, query: Read): Rows<T> => ({
  key,
  items,
  idOf,
  more: query.hasNextPage,
  fetchMore: () => void (query.hasNextPage && !query.isFetching && query.fetchNextPage()),
  fetching: query.isFetching,
  error: query.isFetchNextPageError ? query.error : null,
});

/** Changes items where lists have them: in their first page, and in all that were read. */
export function changeItems<T>(see: <D>(key: readonly unknown[], change: (data: D) => D) => void, key: readonly unknown[], change: (item: T) => T): void {
  const inPage = (page: PageOf<T>) => ({ ...page, items: page.items.map(change) });
  see<PageOf<T>>(headKey(key), inPage);
  see<Pages<T>>(allKey(key), (data) => ({ ...data, pages: data.pages.map(inPage) }));
}

/** The first page is short, so that it comes quickly; who goes on gets more at a time. */
const at = (cursor: string, first: number) => (cursor ? { cursor, limit: 200 } : { limit: first });

export interface RequestFilters {
  state?: "open" | "resolved" | "unresolved" | "withdrawn";
  kind?: Communities["RequestKind"];
  mine?: boolean;
  whose?: "own" | "others";
}

const requestStates = ["open", "resolved", "unresolved", "withdrawn"] as const;
const requestKinds = ["problem", "information", "experience"] as const;

/** The filters that an address says. */
export function requestFilters(search: URLSearchParams): RequestFilters {
  const state = requestStates.find((s) => s === search.get("state"));
  const kind = requestKinds.find((k) => k === search.get("kind"));
  return { ...(state && { state }), ...(kind && { kind }), ...ofWhom(search.get("whose")) };
}

function ofWhom(whose: string | null): RequestFilters {
  if (whose === "mine") return { mine: true };
  return whose === "communities" ? { whose: "own" } : {};
}

export const requestsList = (filters: RequestFilters): ListOf<Communities["Request"]> => ({
  key: ["requests", "list", filters],
  page: (cursor) => read(community.GET("/requests", { params: { query: { ...filters, ...at(cursor, 50) } } })),
  idOf: requestId,
  learn: learnRequests,
});
const requestId = (r: Communities["Request"]) => r.id;

export function learnRequests(client: QueryClient, items: Communities["Request"][]): void {
  for (const r of items) client.setQueryData(["line", r.id], r);
}

export interface CommunityFilters {
  query?: string;
  state?: Communities["CommunityState"];
  language?: string;
  topic?: string;
}

/** What the service does not choose by: the way of joining, and whose communities these are. */
export interface CommunityChoice {
  joining?: string;
  mine?: ReadonlySet<string> | undefined;
}

export const communitiesList = (filters: CommunityFilters, { joining, mine }: CommunityChoice): ListOf<Communities["Community"]> => ({
  key: ["communities", filters, joining ?? "", Boolean(mine)],
  page: (cursor) => chosen(filters, cursor, (c) => (!joining || c.joining === joining) && (!mine || mine.has(c.id))),
  idOf: communityId,
  learn: (client, items) => {
    for (const c of items) client.setQueryData(["community-line", c.id], c);
  },
});

/** Reads pages until there is a screenful of those that are chosen. */
async function chosen(filters: CommunityFilters, cursor: string, choose: (c: Communities["Community"]) => boolean): Promise<PageOf<Communities["Community"]>> {
  const items: Communities["Community"][] = [];
  let next: string | undefined = cursor;
  do {
    const page: Communities["CommunityPage"] = await read(community.GET("/communities", { params: { query: { ...filters, ...at(next, 50) } } }));
    items.push(...page.items.filter(choose));
    next = page.next;
  } while (next && items.length < 20);
  return { items, ...(next && { next }) };
}
const communityId = (c: Communities["Community"]) => c.id;

export interface PeopleFilters {
  query?: string;
  unit?: string;
}

export const peopleList = (filters: PeopleFilters): ListOf<Membership["PersonSummary"]> => ({
  key: ["people", filters],
  page: (cursor) => read(membership.GET("/people", { params: { query: { ...filters, ...at(cursor, 100) } } })),
  idOf: personId,
});
export const personId = (p: Membership["PersonSummary"]) => p.id;

const inboxKey = ["inbox", "list"];
export const inboxList = (unread: boolean): ListOf<Notification["Item"]> => ({
  key: unread ? [...inboxKey, "unread"] : inboxKey,
  page: (cursor) => read(notification.GET("/inbox", { params: { query: { ...at(cursor, 50), ...(unread && { unread }) } } })),
  idOf: itemId,
});
const itemId = (i: Notification["Item"]) => i.id;
