import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type Cookie, type Page } from "@playwright/test";

export { logins } from "./api";

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

export type Language = "de" | "en";

// The sessions that people have begun, by where and their login: one sign-in is
// enough for as many tests as there are, as it is for a person.
const sessions = new Map<string, Cookie[]>();

/** Opens a page as a person, in a language; they are signed in for it if they are not yet. At: another Kith than that of all tests. */
export async function signIn(page: Page, login: string, language: Language, to = "/", at = ""): Promise<void> {
  const context = page.context();
  const server = at || (process.env.KITH_URL ?? "");
  await context.clearCookies();
  const known = sessions.get(server + login);
  if (known) await context.addCookies(known);
  if (!known || !(await context.request.get(`${server}/portal/session`)).ok()) {
    await throughIssuer(page, login, to, at);
    sessions.set(server + login, await context.cookies());
  }
  await speak(page, server, language);
  await page.goto(at + to);
  await settled(page);
}

/** Signs in as a person does, by the issuer that development has. */
export async function throughIssuer(page: Page, login: string, to: string, at = ""): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${at}/portal/login?to=${encodeURIComponent(to)}`);
  await page.locator("#login").fill(login);
  await page.locator("form", { has: page.locator("#login") }).getByRole("button").last().click();
  await page.waitForURL((url) => !url.pathname.startsWith("/dev"));
}

/** Has Kith speak a language to who is signed in. */
async function speak(page: Page, server: string, language: Language): Promise<void> {
  const request = page.context().request;
  const speaks = async () => ((await (await request.get(`${server}/portal/session`)).json()) as { language: string }).language;
  if ((await speaks()) === language) return;
  const headers = { "X-Kith": "1", Origin: server, "Idempotency-Key": crypto.randomUUID() };
  const answer = await request.put(`${server}/api/membership/me/settings`, { headers, data: { language } });
  expect(answer.status()).toBe(204);
  await expect.poll(speaks).toBe(language);
}

/** Waits until nothing is being loaded that is shown. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator("h1")).toBeVisible();
  await expect(page.locator(".waiting")).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
}

const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// What another scheme can change, and what another width can.
const some = { colours: ["color-contrast", "link-in-text-block"], sizes: ["target-size", "scrollable-region-focusable"] };

/** What axe finds: everything, or colours or sizes alone. */
export async function violations(page: Page, only?: keyof typeof some): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode(); // no page has frames, whose results would be put together in one more page
  return (await (only ? axe.withRules(some[only]) : axe.withTags(rules)).analyze()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
}

/** How much wider than the screen the page is, in CSS pixels, and what sticks out. */
export function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const out = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > clientWidth + 0.5);
    return [`${scrollWidth - clientWidth} px`, ...out.slice(-3).map((e) => e.outerHTML.slice(0, 200))];
  });
}

/**
 * Looks at the page in light and dark: no violation, nothing wider than the screen.
 * On a phone also at 320 px, the narrowest that WCAG 2.2 has (1.4.10); no style depends on
 * anything between, so that only sizes can differ. PICTURES=none
 * keeps no pictures, which is faster.
 */
export async function look(page: Page, name: string): Promise<void> {
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await settled(page);
    if (process.env.PICTURES !== "none") {
      await page.screenshot({ path: `../../../artefacts/portal/${base.info().project.name}/${name}-${scheme}.png`, fullPage: true });
    }
    expect(await violations(page, scheme === "dark" ? "colours" : undefined), `${name}, ${scheme}`).toEqual([]);
  }
  expect(await tooWide(page), name).toEqual([]);
  const size = page.viewportSize();
  if (size && size.width < 400) {
    await page.setViewportSize({ width: 320, height: size.height });
    expect(await violations(page, "sizes"), `${name}, 320 px`).toEqual([]);
    expect(await tooWide(page), `${name}, 320 px`).toEqual([]);
    await page.setViewportSize(size);
  }
}
