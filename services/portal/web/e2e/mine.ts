import { expect, logins, signIn } from "./kith";
import type { Browser, Page } from "@playwright/test";

let made = 0;

/** Calls the API as who is signed in on the page. */
export async function act<T = unknown>(page: Page, method: "GET" | "POST" | "PUT", path: string, data?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const own = { "X-Kith": "1", Origin: process.env.KITH_URL ?? "", ...(method !== "GET" && { "Idempotency-Key": crypto.randomUUID() }), ...headers };
  const answer = await page.request.fetch(`/api/${path}`, { method, headers: own, ...(data !== undefined && { data }) });
  expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
  return (answer.status() === 204 ? undefined : await answer.json()) as T;
}

export interface Made {
  id: string;
  login: string;
  name: string;
}

/** A page of a browser of its own, like the one of the project. */
export async function another(browser: Browser, mobile: boolean): Promise<Page> {
  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
  const context = await browser.newContext({ ...(mobile && phone), baseURL: process.env.KITH_URL ?? "" });
  return context.newPage();
}

/** People whom nobody else's test knows, one in each of different units. */
export async function people(browser: Browser, ...names: string[]): Promise<Made[]> {
  const page = await another(browser, false);
  await signIn(page, logins().admin, "en", "/me");
  const { items } = await act<{ items: { id: string; kind: string }[] }>(page, "GET", "membership/units?limit=200");
  const units = items.filter((u) => u.kind === "team" || u.kind === "department");
  const all: Made[] = [];
  for (const [i, name] of names.entries()) {
    const login = `${name.toLowerCase().replace(/\W/g, "")}-${Date.now() % 1e7}-${made++}@mine.example`;
    const { id } = await act<{ id: string }>(page, "POST", "membership/people", { name, email: login, unit: units[i % units.length]?.id });
    all.push({ id, login, name });
  }
  await page.context().close();
  return all;
}

/** Founds an open community as who is signed in on the page. Returns its id. */
export async function found(page: Page, name: string): Promise<string> {
  const { id } = await act<{ id: string }>(page, "POST", "community/communities", {
    name, purpose: "We try out together what is our own.", kind: "community", visibility: "open", joining: "open", language: "en", shown: [],
  });
  await expect.poll(async () => (await act<{ communities: unknown[] }>(page, "GET", "membership/me")).communities.length).toBeGreaterThan(0);
  return id;
}
