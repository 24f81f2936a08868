import { randomUUID } from "node:crypto";
import { logins } from "./kith";

/** Somebody who uses the API: what a test needs there to be. */
export class Machine {
  // Position of the newest command of all: what comes after it sees it.
  private static done = "0";

  private constructor(private readonly token: string) {}

  static async of(login: string): Promise<Machine> {
    const body = new URLSearchParams({ grant_type: "password", username: login });
    const answer = await fetch(`${process.env.KITH_URL}/dev/token`, { method: "POST", body });
    if (!answer.ok) throw new Error(`token for ${login}: ${answer.status}`);
    return new Machine(((await answer.json()) as { access_token: string }).access_token);
  }

  async get<T>(path: string): Promise<T> {
    return this.call<T>("GET", path);
  }

  async post<T = { id: string }>(path: string, body?: unknown): Promise<T> {
    return this.call<T>("POST", path, body);
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${process.env.KITH_URL}/api/${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, "Idempotency-Key": randomUUID(), "Kith-Seq": Machine.done, "Content-Type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    Machine.done = answer.headers.get("Kith-Seq") ?? Machine.done;
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

export interface Somebody {
  id: string;
  login: string;
  machine: Machine;
}

/** A person whom no other test knows. */
export async function somebody(name: string): Promise<Somebody> {
  const admin = await Machine.of(logins().admin);
  const login = `${randomUUID()}@stadt.example`;
  const { items } = await admin.get<{ items: { id: string; closed?: boolean }[] }>("membership/units?limit=1");
  const { id } = await admin.post("membership/people", { name, email: login, unit: items[0]?.id });
  return { id, login, machine: await Machine.of(login) };
}

/** A community that takes requests. */
export async function founded(by: Somebody, name: string, more: object = {}): Promise<string> {
  const { id } = await by.machine.post("community/communities", {
    name, purpose: "Wir probieren, was sich gleich zeigt.", kind: "community", visibility: "open", joining: "open", language: "de", topics: [], shown: [], ...more,
  });
  await by.machine.post(`community/communities/${id}/state`, { to: "forming", reason: "Wir fangen an." });
  return id;
}
