import { expect } from "@playwright/test";
import { randomUUID } from "node:crypto";

export const logins = () => JSON.parse(process.env.KITH_LOGINS ?? "{}") as { helper: string; newcomer: string; admin: string; auditor: string };

interface Answer {
  status: number;
  // What the service says, whatever it is: a test knows what it asked for.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
  headers: Headers;
}

type Send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

const tokens = new Map<string, Promise<string>>();
let seq = 0; // of the newest command: reading waits for it

function tokenOf(login: string): Promise<string> {
  let token = tokens.get(login);
  if (!token) {
    const form = new URLSearchParams({ grant_type: "password", username: login });
    token = fetch(`${process.env.KITH_URL}/dev/token`, { method: "POST", body: form }).then(async (r) => ((await r.json()) as { access_token: string }).access_token);
    tokens.set(login, token);
  }
  return token;
}

/** Speaks to the API as a machine of the person: as("…")("POST", "/community/requests", {…}). */
export function as(login: string): Send {
  return async (method, path, body, headers = {}) => {
    const answer = await fetch(`${process.env.KITH_URL}/api${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${await tokenOf(login)}`,
        "Idempotency-Key": randomUUID(),
        "Kith-Seq": String(seq),
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    seq = Math.max(seq, Number(answer.headers.get("Kith-Seq") ?? 0));
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : undefined, headers: answer.headers };
  };
}

export interface Somebody {
  id: string;
  login: string;
  name: string;
}

/** A person of a test's own, in a unit; whom no other test knows. */
export async function newPerson(name = "Ada Probe", language: "de" | "en" = "en"): Promise<Somebody> {
  const admin = as(logins().admin);
  const login = `p-${randomUUID()}@stadt.example`;
  const units = await admin("GET", "/membership/units?limit=50");
  const unit = units.body.items.find((u: { closed: boolean; parent?: string }) => u.parent && !u.closed);
  const made = await admin("POST", "/membership/people", { name, email: login, unit: unit.id, language });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return { id: made.body.id, login, name };
}

interface Community {
  name: string;
  purpose?: string;
  joining?: "open" | "request" | "invitation";
  visibility?: "open" | "closed";
  topics?: string[];
}

/** Founds a community in the name of a person and says its id. */
export async function found(login: string, { name, purpose = "We help one another.", joining = "open", visibility = "open", topics = [] }: Community): Promise<string> {
  const made = await as(login)("POST", "/community/communities", { name, purpose, joining, visibility, topics, kind: "community", language: "en", shown: [] });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body.id;
}

/** Founds a community that takes requests, and says its id. */
export async function foundForming(login: string, community: Community): Promise<string> {
  const id = await found(login, community);
  const moved = await as(login)("POST", `/community/communities/${id}/state`, { to: "forming", reason: "We begin." });
  expect(moved.status, JSON.stringify(moved.body)).toBe(200);
  return id;
}

/** Raises a request for help in the name of a person and says its id. */
export async function raise(login: string, title: string, more: Record<string, unknown> = { kind: "problem", tried: "A look at the manual." }): Promise<string> {
  const made = await as(login)("POST", "/community/requests", { title, language: "en", ...more });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body.id;
}

/** Answers a request in the name of a person and says the id of the response. */
export async function respond(login: string, request: string, body = "There is a chapter on it."): Promise<string> {
  const made = await as(login)("POST", `/community/requests/${request}/responses`, { body });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body.id;
}
