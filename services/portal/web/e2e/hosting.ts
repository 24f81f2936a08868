import { randomUUID } from "node:crypto";
import { request, type APIRequestContext } from "@playwright/test";
import { expect, logins } from "./kith";

/** Somebody who acts through the API. */
export class Actor {
  constructor(private readonly api: APIRequestContext) {}

  async get<T>(path: string): Promise<{ data: T; etag: string }> {
    const answer = await this.api.get(`/api/${path}`);
    expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true);
    return { data: (await answer.json()) as T, etag: answer.headers().etag ?? "" };
  }

  /** A command; what it answers. Repeated while a service has not heard of what came before. */
  async send<T>(method: "POST" | "PUT" | "DELETE", path: string, body?: object, etag?: string): Promise<T> {
    const headers = { "Idempotency-Key": randomUUID(), ...(etag ? { "If-Match": etag } : {}) };
    let said = "";
    await expect(async () => {
      const answer = await this.api.fetch(`/api/${path}`, { method, headers, ...(body ? { data: body } : {}) });
      said = await answer.text();
      expect(answer.ok(), `${path}: ${said}`).toBe(true);
    }).toPass({ timeout: 15_000 });
    return (said ? JSON.parse(said) : {}) as T;
  }
}

/** Somebody with a token, which the issuer of development gives to whoever asks. */
export async function actor(login: string): Promise<Actor> {
  const baseURL = process.env.KITH_URL ?? "";
  const anybody = await request.newContext({ baseURL });
  let token = "";
  await expect(async () => {
    const answer = await anybody.post("/dev/token", { form: { grant_type: "password", username: login } });
    expect(answer.ok(), await answer.text()).toBe(true);
    token = ((await answer.json()) as { access_token: string }).access_token;
  }).toPass({ timeout: 15_000 });
  await anybody.dispose();
  return new Actor(await request.newContext({ baseURL, extraHTTPHeaders: { Authorization: `Bearer ${token}` } }));
}

export interface Person {
  id: string;
  name: string;
  login: string;
}

/** People of whom no other test knows, in different units. */
export async function people(names: readonly string[]): Promise<Person[]> {
  const admin = await actor(logins().admin);
  const { data } = await admin.get<{ items: { id: string; kind: string }[] }>("membership/units?limit=200");
  const units = data.items.filter((u) => u.kind === "team" || u.kind === "department");
  const all: Person[] = [];
  for (const [i, name] of names.entries()) {
    const login = `${randomUUID()}@hosting.example`;
    const { id } = await admin.send<{ id: string }>("POST", "membership/people", { name, email: login, unit: units[(i * 7) % units.length]?.id });
    all.push({ id, name, login });
  }
  return all;
}

/** Words that no other run has. */
export const unique = (words: string) => `${words} ${randomUUID().slice(0, 6)}`;

export const settings = (name: string, more: object = {}) => ({
  name, purpose: "Wir helfen einander bei Fragen, die in keiner Abteilung allein zu lösen sind.", kind: "community", visibility: "open", joining: "request", language: "de", topics: ["Barrierefreiheit"], ...more,
});

/** Founds a community; its id. */
export async function found(host: Actor, name: string, more: object = {}): Promise<string> {
  const { id } = await host.send<{ id: string }>("POST", "community/communities", { ...settings(name, more), shown: [] });
  return id;
}
