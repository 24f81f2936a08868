import createClient, { type Middleware } from "openapi-fetch";
import type { components as AuditParts, paths as AuditPaths } from "../../generated/audit";
import type { components as CommunityParts, paths as CommunityPaths } from "../../generated/community";
import type { components as MatchingParts, paths as MatchingPaths } from "../../generated/matching";
import type { components as MembershipParts, paths as MembershipPaths } from "../../generated/membership";
import type { components as NotificationParts, paths as NotificationPaths } from "../../generated/notification";
import type { components as SystemParts, paths as SystemPaths } from "../../generated/system";
import { Problem } from "./problem";

export type Audit = AuditParts["schemas"];
export type Communities = CommunityParts["schemas"];
export type Matching = MatchingParts["schemas"];
export type Membership = MembershipParts["schemas"];
export type Notification = NotificationParts["schemas"];
export type System = SystemParts["schemas"];

// Position of the newest command of this page. Reading waits for it, so that
// people see what they did.
let done = 0;

const headers: Middleware = {
  onRequest({ request }) {
    request.headers.set("X-Kith", "1");
    // A POST without a key only asks.
    if (done > 0 && !request.headers.has("Idempotency-Key")) request.headers.set("Kith-Seq", String(done));
    return request;
  },
  onResponse({ response }) {
    done = Math.max(done, Number(response.headers.get("Kith-Seq") ?? 0));
  },
};

function service<Paths extends object>(name: string) {
  const client = createClient<Paths>({ baseUrl: `/api/${name}` });
  client.use(headers);
  return client;
}

export const audit = service<AuditPaths>("audit");
export const community = service<CommunityPaths>("community");
export const matching = service<MatchingPaths>("matching");
export const membership = service<MembershipPaths>("membership");
export const notification = service<NotificationPaths>("notification");
export const system = service<SystemPaths>("system");

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What was asked for. Throws a Problem for every other answer, and for none. */
export async function read<T>(call: Promise<Answer<T>>): Promise<T> {
  return (await readTagged(call)).data;
}

/** The same with its ETag, which a change must name. */
export async function readTagged<T>(call: Promise<Answer<T>>): Promise<{ data: T; etag: string }> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch {
    throw new Problem("offline", 0);
  }
  if (!answer.response.ok) throw Problem.from(answer.error, answer.response.status);
  return { data: answer.data as T, etag: answer.response.headers.get("ETag") ?? "" };
}

interface Page<T> {
  items: T[];
  next?: string;
}

/** Every item of a list, page by page; no more than ten pages. */
export async function readAll<T>(page: (cursor?: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 10; pages++) {
    const one = await page(cursor);
    items.push(...one.items);
    if (!(cursor = one.next)) break;
  }
  return items;
}
