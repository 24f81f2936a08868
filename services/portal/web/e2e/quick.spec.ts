import type { Page, Route } from "@playwright/test";
import { expect, logins, look, settled, signIn, test } from "./kith";
import { founded, Machine, somebody, type Somebody } from "./machine";

/** What the page asks the services for from now on, as "METHOD path". */
function asked(page: Page): string[] {
  const calls: string[] = [];
  page.on("request", (r) => {
    const { pathname } = new URL(r.url());
    if (pathname.startsWith("/api/")) calls.push(`${r.method()} ${pathname.slice("/api/".length)}`);
  });
  return calls;
}

const times = (calls: string[], what: string | RegExp) => calls.filter((c) => (typeof what === "string" ? c === what : what.test(c))).length;
const focusedPlace = (page: Page) => page.evaluate(() => Number(document.activeElement?.closest("[data-row]")?.getAttribute("aria-posinset")));

test("a page asks once for what all its rows need", async ({ page, isMobile }) => {
  test.skip(isMobile, "what is done and said is the same at the desktop");
  await signIn(page, logins().helper, "en");
  for (const path of ["/inbox", "/requests", "/"]) {
    const calls = asked(page);
    await page.goto(path);
    await settled(page);
    await expect(page.locator("main [data-row]").first()).toBeVisible();
    await page.waitForLoadState("networkidle").catch(() => undefined); // the stream of news stays open
    expect(times(calls, /^GET community\/(requests|communities)\/./), `${path}: ${calls.join(", ")}`).toBe(0);
    for (const lookup of ["membership/people", "community/requests", "community/communities"]) {
      expect(times(calls, `POST ${lookup}/lookup`), `${path}: ${calls.join(", ")}`).toBeLessThan(4);
    }
  }
});

test("a page is there before one goes", async ({ page, isMobile }) => {
  test.skip(isMobile, "a finger does not hover");
  await signIn(page, logins().helper, "de", "/people");
  const waits = page.waitForRequest((r) => new URL(r.url()).pathname === "/api/community/requests");
  const code = page.waitForRequest((r) => /\/assets\/Requests-/.test(r.url()));
  await page.getByRole("navigation").getByRole("link", { name: "Anfragen" }).hover();
  await (await waits).response();
  await (await code).response();
  await page.route("**/api/community/requests?*", (r) => r.abort());
  await page.getByRole("navigation").getByRole("link", { name: "Anfragen" }).click();
  await expect(page.locator("main [data-row]").first()).toBeVisible();
});

/** Holds a command until it is let go, and then refuses it as a service that does not answer. */
async function refused(page: Page, address: string): Promise<() => void> {
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((go) => (letGo = go));
  await page.route(address, async (route: Route) => {
    if (route.request().method() !== "POST") return route.fallback();
    await held;
    await route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify({ code: "conflict", status: 409, detail: "It was changed meanwhile." }) });
  });
  return () => letGo();
}

const undone = "It did not go through.";

test("what is refused is taken back: not me, and I can help", async ({ page }) => {
  await signIn(page, logins().helper, "en");
  const rows = page.locator("main [data-row]").filter({ has: page.getByRole("button", { name: "Not me" }) });
  await expect(rows.first()).toBeVisible();
  const title = (await rows.first().getByRole("link").first().textContent()) ?? "";
  const same = rows.filter({ hasText: title });
  const letGo = await refused(page, "**/api/matching/requests/*/offer");
  await same.getByRole("button", { name: "Not me" }).click();
  await expect(same).toHaveCount(0); // at once
  letGo();
  await expect(same).toHaveCount(1);
  await expect(same.getByRole("alert")).toContainText(undone);
  await look(page, "quick-not-me");
  await same.getByRole("button", { name: "I can help" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
  await expect(page.getByRole("alert")).toContainText(undone);
  await expect(page.getByRole("button", { name: "I can help" })).toBeVisible();
  await look(page, "quick-can-help");
});

test("what is refused is taken back: joining and leaving", async ({ page }) => {
  const founder = await somebody("Frieda Gründlich");
  const joiner = await somebody("Jana Schnell");
  const id = await founded(founder, `Sofort ${Date.now() % 1e6}`);
  await signIn(page, joiner.login, "en", `/communities/${id}`);
  const belonging = page.locator(".belonging");
  const letGo = await refused(page, "**/api/membership/communities/*/join");
  await belonging.getByRole("button", { name: "Join", exact: true }).click();
  await expect(belonging).toContainText("You are a member");
  letGo();
  await expect(belonging.getByRole("alert")).toContainText(undone);
  await expect(belonging.getByRole("button", { name: "Join", exact: true })).toBeVisible();
  await look(page, "quick-join");
  await page.unroute("**/api/membership/communities/*/join");
  await belonging.getByRole("button", { name: "Join", exact: true }).click();
  await expect(belonging).toContainText("You are a member");
  await expect(belonging.getByRole("alert")).toHaveCount(0);
  await expect(page.getByRole("main").getByRole("link", { name: "Jana Schnell" })).toBeVisible(); // it is true
  const stay = await refused(page, "**/api/membership/communities/*/leave");
  await belonging.getByRole("button", { name: "Leave" }).click();
  await belonging.getByRole("button", { name: "Yes, leave" }).click();
  await expect(belonging.getByRole("button", { name: "Join", exact: true })).toBeVisible();
  stay();
  await expect(belonging.getByRole("alert")).toContainText(undone);
  await expect(belonging).toContainText("You are a member");
});

/** A request that has an answer, and who asked. */
async function answered(): Promise<{ asker: Somebody; id: string }> {
  const asker = await somebody("Agnes Fragner");
  const helper = await somebody("Heinz Helfer");
  const where = await founded(asker, `Antworten ${Date.now() % 1e6}`);
  const { id } = await asker.machine.post("community/requests", { community: where, kind: "problem", title: `Wie zeigt sich eine Zusage? ${Date.now() % 1e6}`, tried: "Warten" });
  await helper.machine.post(`community/requests/${id}/responses`, { body: "Sofort, und ehrlich." });
  return { asker, id };
}

test("what is refused is taken back: marks in the inbox", async ({ page }) => {
  const { asker } = await answered();
  await signIn(page, asker.login, "en", "/inbox");
  const unread = page.locator("main [data-row].unread");
  await expect(unread.first()).toBeVisible();
  const letUnread = await refused(page, "**/api/notification/inbox/read");
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await expect(unread).toHaveCount(0);
  letUnread();
  await expect(unread.first()).toBeVisible();
  await expect(page.getByRole("alert")).toContainText(undone);
  await look(page, "quick-inbox");
});

test("what is refused is taken back and what was typed is kept: accepting, and thanks", async ({ page }) => {
  const { asker, id } = await answered();
  await signIn(page, asker.login, "en", `/requests/${id}`);
  const turn = page.getByRole("article");
  const letAccept = await refused(page, "**/responses/*/accept");
  await turn.getByRole("button", { name: "This helps" }).click();
  await expect(turn).toContainText("Accepted");
  letAccept();
  await expect(turn.getByRole("alert")).toContainText(undone);
  await expect(turn.getByRole("button", { name: "This helps" })).toBeVisible();

  const letThank = await refused(page, "**/responses/*/thank");
  await turn.getByRole("button", { name: "Say thank you" }).click();
  await turn.getByRole("textbox").fill("Das hat den Tag gerettet.");
  await turn.getByRole("button", { name: "Thank", exact: true }).click();
  await expect(turn.locator("blockquote")).toContainText("Das hat den Tag gerettet.");
  letThank();
  await expect(turn.locator("blockquote")).toHaveCount(0);
  await expect(turn.getByRole("textbox")).toHaveValue("Das hat den Tag gerettet.");
  await expect(turn.getByRole("alert").last()).toContainText(undone);
  await look(page, "quick-thanks");
  await page.unroute("**/responses/*/thank");
  await turn.getByRole("button", { name: "Thank", exact: true }).click();
  await expect(turn.locator("blockquote")).toContainText("Das hat den Tag gerettet.");
  await expect(turn.getByRole("textbox")).toHaveCount(0);

  await page.goto("/requests?whose=mine");
  await expect(page.locator("main [data-row]").first()).toContainText("Heinz Helfer answered");
  await look(page, "quick-own");
});

test.describe("a long list", () => {
  test.skip(({ isMobile }) => isMobile, "it is the same list");
  const many = 10_000;
  let owner: Somebody;
  let community: string;

  /** Requests that nobody but their asker sees: the community is closed, and the asker is alone in it. */
  test.beforeAll(async () => {
    test.setTimeout(300_000);
    owner = await somebody("Olga Übersicht");
    community = await founded(owner, `Archiv ${Date.now() % 1e6}`, { visibility: "closed", joining: "invitation" });
    const admin = await Machine.of(logins().admin);
    for (let from = 0; from < many; from += 200) {
      const items = Array.from({ length: 200 }, (_, i) => ({
        origin: `${community}-${from + i}`, community, asker: owner.id, title: `Vorgang ${from + i + 1} im Archiv`, language: "de",
        occurred_at: new Date(Date.UTC(2020, 0, 1) - (from + i) * 60_000).toISOString(),
      }));
      await admin.post("community/imports/questions", { items });
    }
  });

  test("ten thousand rows: few are in the document, keys lead through all, and the way back is kept", async ({ page, isMobile }) => {
    test.setTimeout(240_000);
    await signIn(page, owner.login, "de", "/requests?whose=mine");
    const rows = page.locator("main [data-row]");
    await expect(rows.first()).toContainText("Vorgang 1 im Archiv");
    await expect(rows.first()).toHaveAttribute("aria-posinset", "1");
    await expect(rows.first()).toHaveAttribute("aria-setsize", "-1"); // there are more
    await page.screenshot({ path: `../../../artefacts/portal/${test.info().project.name}/quick-requests.png` });
    if (!isMobile) {
      for (let i = 1; i <= 30; i++) await page.keyboard.press("j");
      expect(await focusedPlace(page)).toBe(30); // none was lost
      await expect(async () => {
        await page.keyboard.press("j"); // the next page may still be on its way
        expect(await focusedPlace(page)).toBe(90);
      }).toPass({ intervals: [10], timeout: 60_000 });
      await page.keyboard.press("k");
      await expect.poll(() => focusedPlace(page)).toBe(89);
    }
    // To the end: page after page comes.
    await expect(async () => {
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
      await expect(rows.last()).toHaveAttribute("aria-setsize", String(many), { timeout: 250 });
    }).toPass({ timeout: 120_000, intervals: [50] });
    await expect(async () => {
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
      await expect(rows.last()).toContainText(`Vorgang ${many} im Archiv`, { timeout: 500 });
    }).toPass();
    expect(await rows.count()).toBeLessThan(60);
    if (!isMobile) {
      await rows.last().getByRole("link").first().focus();
      await page.keyboard.press("k");
      await expect.poll(() => focusedPlace(page)).toBe(many - 1);
    }
    // Into a request near the end, and back to where one was.
    const link = page.getByRole("link", { name: `Vorgang ${many - 2} im Archiv` });
    await link.focus();
    await link.scrollIntoViewIfNeeded();
    await expect(async () => {
      const y = await page.evaluate(() => scrollY);
      await link.click({ trial: true }); // presses nothing, but waits until it stands still
      expect(await page.evaluate(() => scrollY)).toBe(y);
    }).toPass();
    const y = await page.evaluate(() => scrollY);
    await link.click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Vorgang ${many - 2} im Archiv`);
    await settled(page);
    const calls = asked(page);
    await page.goBack();
    await expect(link).toBeInViewport();
    await expect(link).toBeFocused();
    await expect.poll(async () => Math.abs((await page.evaluate(() => scrollY)) - y)).toBeLessThan(4);
    await settled(page);
    expect(times(calls, "GET community/requests")).toBeLessThan(3); // the first page, not fifty
  });
});
