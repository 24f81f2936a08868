import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Locator, Page } from "@playwright/test";
import { expect, logins, look, settled, signIn, test } from "./kith";
import { intrude } from "./intruder";
import { kith, start } from "./setup";

const run = promisify(execFile);

const words = {
  de: { open: "Versiegelte Texte öffnen", opened: "Die versiegelten Texte sind geöffnet", verify: "Jetzt das ganze Protokoll prüfen", whole: "Das Protokoll ist unversehrt", founded: "Community gegründet" },
  en: { open: "Open the sealed texts", opened: "The sealed texts are open", verify: "Verify the whole log now", whole: "The log is whole", founded: "Community founded" },
};

const rows = (page: Page): Locator => page.locator("main .log [data-row]");

for (const language of ["de", "en"] as const) {
  const w = words[language];
  test(`an auditor reads the log and opens an event (${language})`, async ({ page }) => {
    await signIn(page, logins().auditor, language, "/audit");
    await expect(rows(page).first()).toBeVisible();
    await look(page, `audit-${language}`);
    await page.goto("/audit?type=request.raised");
    await settled(page);
    await rows(page).first().getByRole("link").first().click();
    await page.getByRole("button", { name: w.open }).click();
    await expect(page.getByText(w.opened)).toBeVisible();
    await expect(page.locator(".opened").first()).not.toBeEmpty();
    await settled(page);
    await look(page, `audit-event-${language}`);
  });

  test(`an auditor verifies the log (${language})`, async ({ page }) => {
    await signIn(page, logins().auditor, language, "/audit/verification");
    await page.getByRole("button", { name: w.verify }).click();
    await expect(page.getByText(w.whole)).toBeVisible();
    await look(page, `audit-verification-${language}`);
    await page.goto("/audit/export");
    await settled(page);
    await look(page, `audit-export-${language}`);
  });

  test(`an administrator sees what runs (${language})`, async ({ page }) => {
    await signIn(page, logins().admin, language, "/system");
    await look(page, `system-${language}`);
    await page.locator(".views summary").click();
    await expect(page.locator(".view").first()).toBeVisible();
    await look(page, `system-views-${language}`);
  });
}

test("what an auditor reads is in the log", async ({ page, isMobile }) => {
  test.skip(isMobile, "what is done and said is the same at the desktop");
  await signIn(page, logins().auditor, "en", "/audit?type=request.thanked");
  await page.goto("/audit");
  await page.getByRole("button", { name: "Look again" }).click();
  await expect(rows(page).first()).toContainText("Log looked at");
  await rows(page).first().getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Log looked at");
  await page.goto("/audit?type=log.read");
  await expect(rows(page).first()).toContainText("auditor");
  const opened = page.locator("main .log [data-row] a.row-title");
  await opened.nth(2).click(); // what was looked for before stands there
  await expect(page.locator(".event-fields")).toContainText("What");
});

test("the log is searched by what happened, when, who and where", async ({ page, isMobile }) => {
  test.skip(isMobile, "what is done and said is the same at the desktop");
  await signIn(page, logins().auditor, "en", "/audit");
  await page.getByLabel("What happened").selectOption({ label: "Community founded" });
  await expect(page).toHaveURL(/type=community\.founded/);
  await settled(page);
  await expect(rows(page).first()).toContainText("Community founded");
  const name = (await rows(page).first().locator(".meta").textContent()) ?? "";
  await page.getByLabel("Service").selectOption({ label: "Matching" });
  await expect(page.getByText("No event matches")).toBeVisible();
  await page.getByRole("button", { name: /Drop all/ }).click();
  await expect(page).toHaveURL(/\/audit$/);
  await page.getByLabel("Community", { exact: true }).fill(/Community ([^·]+?)no\./.exec(name)?.[1]?.trim() ?? "");
  await expect(page).toHaveURL(/community=/);
  await settled(page);
  await expect(rows(page).first()).toBeVisible();
  await page.reload();
  await expect(rows(page).first()).toBeVisible();
  await page.getByLabel("From", { exact: true }).fill("2031-01-01");
  await expect(page.getByText("No event matches")).toBeVisible();
});

test("what a closed community says is opened with a reason only", async ({ page }) => {
  await signIn(page, logins().helper, "en");
  const name = `Closed circle ${Date.now() % 1e6}`;
  const made = await page.request.post("/api/community/communities", {
    headers: { "X-Kith": "1", "Idempotency-Key": name.replace(/ /g, "-") },
    data: { name, purpose: "To speak freely about a hard matter.", kind: "community", topics: [], joining: "invitation", visibility: "closed", language: "en", shown: [] },
  });
  expect(made.status(), await made.text()).toBe(201);
  const { id } = (await made.json()) as { id: string };
  await signIn(page, logins().auditor, "en", `/audit?community=${id}&type=community.founded`);
  await rows(page).first().getByRole("link").first().click();
  await expect(page.getByText("belongs to a closed community")).toBeVisible();
  await expect(page.locator(".event-fields")).toHaveCount(0);
  await page.getByLabel("Why is this looked at?").fill("no");
  await page.getByRole("button", { name: "Record the reason and open it" }).click();
  await expect(page.getByText("State the reason in at least 10 characters.")).toBeVisible();
  await look(page, "audit-closed");
  await page.getByLabel("Why is this looked at?").fill("Complaint 17 of the works council");
  await page.getByRole("button", { name: "Record the reason and open it" }).click();
  await expect(page.locator(".event-fields")).toContainText(name);
  await page.goto("/audit?type=log.read");
  await settled(page);
  await rows(page).first().getByRole("link").first().click();
  await expect(page.locator(".event-fields")).toContainText("Sealed; can be opened");
});

test("an event leads to what caused it, and to what followed", async ({ page }) => {
  await signIn(page, logins().auditor, "en", "/audit?type=proposal.proposed");
  await rows(page).first().getByRole("link").first().click();
  const cause = page.locator("section", { has: page.getByRole("heading", { name: "Because of" }) }).locator("[data-row]").first();
  await expect(cause).toContainText("no.");
  await cause.getByRole("link").first().click();
  await page.getByRole("button", { name: "Search the log for it" }).click();
  await expect(page.getByRole("link", { name: "Helpers proposed" }).first()).toBeVisible();
  await look(page, "audit-causes");
});

test("a proof and an export verify without a server", async ({ page }, info) => {
  await signIn(page, logins().auditor, "en", "/audit/verification");
  const key = (await page.getByLabel("The key that verifies").textContent())?.trim() ?? "";
  const verified = async (download: Promise<{ saveAs: (to: string) => Promise<void>; suggestedFilename: () => string }>) => {
    const file = await download;
    const to = join(info.outputDir, file.suggestedFilename());
    await file.saveAs(to);
    return (await run(kith, ["audit", "verify", to, "--key", key])).stdout;
  };
  await page.goto("/audit?type=community.founded");
  await rows(page).first().getByRole("link").first().click();
  await page.getByRole("button", { name: "Show the proof" }).click();
  await expect(page.getByLabel("The signed checkpoint")).toContainText("kith/log");
  await look(page, "audit-proof");
  const proof = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download the proof" }).click();
  expect(await verified(proof)).toContain("is in the log");
  await page.goto("/audit?context=community");
  await page.getByRole("link", { name: "Export this selection" }).click();
  await expect(page.getByText("A selection:")).toBeVisible();
  const part = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  expect(await verified(part)).toContain("a selection");
  await page.getByRole("button", { name: "Drop the condition" }).click();
  await expect(page.getByText("The whole log:")).toBeVisible();
  const whole = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  expect(await verified(whole)).toContain("the whole log");
});

test("the log is read by keyboard alone", async ({ page, isMobile }) => {
  test.skip(isMobile, "a phone has no keys");
  await signIn(page, logins().auditor, "en", "/audit?type=request.raised");
  await expect(rows(page).first()).toBeVisible();
  for (let i = 0; i < 3; i++) await page.keyboard.press("j");
  await expect(rows(page).nth(2).locator("a.row-title")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  const open = page.getByRole("button", { name: "Open the sealed texts" });
  await expect(open).toBeVisible();
  for (let i = 0; i < 40 && !(await open.evaluate((e) => e === document.activeElement)); i++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.locator(".opened").first()).not.toBeEmpty();
  await expect(page.locator(":focus")).toHaveCount(1);
});

test("a view is rebuilt and says that nothing was different", async ({ page, isMobile }) => {
  test.skip(isMobile, "what is done and said is the same at the desktop");
  await signIn(page, logins().admin, "en", "/system");
  await page.locator(".views summary").click();
  await page.getByRole("button", { name: "Rebuild community-requests" }).click();
  await expect(page.locator(".view", { hasText: "community-requests" })).toContainText("the same as before");
});

test("who is no auditor and no administrator finds neither", async ({ page, isMobile }) => {
  test.skip(isMobile, "what is done and said is the same at the desktop");
  const asked: string[] = [];
  page.on("request", (r) => asked.push(new URL(r.url()).pathname));
  await signIn(page, logins().helper, "en", "/audit");
  const main = page.getByRole("main");
  await expect(main).toContainText("There is nothing on this page for others.");
  await expect(page.locator(".administration")).toHaveCount(0);
  await page.goto("/system");
  await expect(main).toContainText("There is nothing on this page for others.");
  await main.getByRole("link", { name: "Home" }).click();
  await expect(page).toHaveURL(/\/$/);
  expect(asked.filter((path) => /^\/api\/(audit|system)\//.test(path))).toEqual([]);
});

test.describe("in a Kith of its own", () => {
  let own: Awaited<ReturnType<typeof start>>;
  test.beforeAll(async () => {
    own = await start();
  });
  test.afterAll(async () => own.stop());

  test("ten thousand events are one list", async ({ page }, info) => {
    test.skip(info.project.name === "phone", "it is the same list");
    test.setTimeout(400_000);
    const units = ["id,parent_id,name,kind", "top,,City,organisation"];
    for (let i = 0; i < 10_000; i++) units.push(`u${i},top,Team ${i},team`);
    const file = join(info.outputDir, "units.csv");
    await mkdir(info.outputDir, { recursive: true });
    await writeFile(file, units.join("\n"));
    await run(kith, ["import", "units", file, "--server", own.url], { maxBuffer: 1 << 26 });
    await signIn(page, "auditor@kith.example", "en", "/audit", own.url);
    await expect(rows(page).first()).toBeVisible();
    const end = page.getByText(/These are all ([\d,]+) events/);
    const toTheEndUntil = (seen: () => Promise<void>) =>
      expect(async () => {
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        await seen();
      }).toPass({ timeout: 240_000, intervals: [50] });
    await toTheEndUntil(() => expect(end).toBeVisible({ timeout: 50 }));
    expect(Number(/all ([\d,]+)/.exec((await end.textContent()) ?? "")?.[1]?.replace(/,/g, ""))).toBeGreaterThan(10_000);
    expect(await rows(page).count()).toBeLessThan(60);
    // Rows are as high as they turn out to be: the end moves while it is come to.
    await toTheEndUntil(() => expect(rows(page).last()).toHaveText(/no\. 1$/, { timeout: 500 }));
  });

  test("what nobody can read is a dead letter and damage, and both are dealt with", async ({ page }, info) => {
    await intrude(own.data, `x${info.project.name}`);
    await signIn(page, "admin@kith.example", "en", "/system", own.url);
    const letter = page.locator('main a.row-title[href^="/system/deadletters/"]').first();
    await expect(async () => {
      await page.reload();
      await expect(letter).toBeVisible({ timeout: 2000 });
    }).toPass({ timeout: 60_000 });
    await look(page, "system-letters");
    await letter.click();
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    await page.getByRole("button", { name: "Give it up" }).click();
    await page.getByRole("button", { name: "Yes, give it up" }).click();
    await expect(page.getByText("Say why nothing more is to be done.")).toBeVisible();
    await look(page, "system-letter");
    const address = page.url();
    await page.getByLabel("Why is nothing more to be done?").fill("Nobody wrote it.");
    await page.getByRole("button", { name: "Yes, give it up" }).click();
    await expect(page).toHaveURL(/\/system$/);
    await page.goto(address);
    await expect(page.getByRole("alert")).toBeVisible();

    await signIn(page, "auditor@kith.example", "en", "/audit/verification", own.url);
    await page.getByRole("button", { name: "Verify the whole log now" }).click();
    await expect(page.getByText("The log is not what it was.")).toBeVisible();
    await look(page, "audit-damaged");
    await page.locator(".integrity a.row-title").first().click();
    await expect(rows(page).first()).toContainText("cannot read");
  });
});
