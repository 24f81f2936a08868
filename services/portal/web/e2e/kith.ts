import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type Page } from "@playwright/test";

export const logins = () => JSON.parse(process.env.KITH_LOGINS ?? "{}") as { helper: string; newcomer: string; admin: string; auditor: string };

/** A test whose page is refused nothing by the policy and logs no error. */
export const test = base.extend({
  baseURL: async ({}, use) => use(process.env.KITH_URL ?? ""),
  page: async ({ page }, use) => {
    const wrong: string[] = [];
    page.on("pageerror", (e) => wrong.push(e.message));
    page.on("console", (m) => /Content Security Policy|Missing message|MISSING_TRANSLATION/i.test(m.text()) && wrong.push(m.text()));
    await use(page);
    expect(wrong).toEqual([]);
  },
});

export { expect };

type Language = "de" | "en";

/** Signs a person in, by the issuer that development has, and has Kith speak a language to them. */
export async function signIn(page: Page, login: string, language: Language, to = "/", at = ""): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${at}/portal/login?to=${encodeURIComponent(to)}`);
  await page.locator("#login").fill(login);
  await page.locator("form", { has: page.locator("#login") }).getByRole("button").last().click();
  await page.waitForURL((url) => !url.pathname.startsWith("/dev"));
  const speaks = async () => ((await (await page.request.get("/portal/session")).json()) as { language: string }).language;
  if ((await speaks()) !== language) {
    const headers = { "X-Kith": "1", Origin: new URL(page.url()).origin, "Idempotency-Key": crypto.randomUUID() };
    const answer = await page.request.put("/api/membership/me/settings", { headers, data: { language } });
    expect(answer.status()).toBe(204);
    await expect.poll(speaks).toBe(language);
    await page.goto(to);
  }
  await settled(page);
}

/** Waits until nothing is being loaded that is shown. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator("h1")).toBeVisible();
  await expect(page.locator(".waiting")).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
}

/** Looks at the page in light and dark: no violation, nothing wider than the screen; and keeps a picture of each. */
export async function look(page: Page, name: string): Promise<void> {
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await settled(page);
    await page.screenshot({ path: `../../../artefacts/portal/${base.info().project.name}/${name}-${scheme}.png`, fullPage: true });
    const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`)).toEqual([]);
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBe(0);
}
