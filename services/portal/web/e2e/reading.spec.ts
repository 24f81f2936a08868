import type { Page } from "@playwright/test";
import { found, logins, newPerson, raise, respond } from "./api";
import { expect, settled, signIn, test, tooWide } from "./kith";

// What people set for themselves: less motion, larger or wider text, their own colours.
test.beforeEach(({ isMobile }) => test.skip(isMobile, "the same styles"));

async function everyPage(page: Page, visit: (path: string) => Promise<void>): Promise<void> {
  const { id, login } = await newPerson("Rita von und zu Reading-Beispielsweise");
  const community = await found(login, { name: `Reading ${Date.now()}`, topics: ["Donaudampfschifffahrtsgesellschaft"] });
  const request = await raise(login, `Verwaltungsvorschriftenänderungsanzeige ${Date.now()}`);
  await respond((await newPerson()).login, request);
  await signIn(page, logins().helper, "de");
  for (const path of ["/", "/ask", "/requests", `/requests/${request}`, "/communities", "/communities/new", `/communities/${community}`, "/people", `/people/${id}`, "/inbox", "/me"]) {
    await page.goto(path);
    await settled(page);
    await visit(path);
  }
}

/** Lays rules over the page as a person's own style sheet does; the policy of the page does not concern it. */
const lay = (page: Page, css: string) =>
  page.evaluate((rules) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    document.adoptedStyleSheets = [sheet];
  }, css);

/** Text that is cut off or lies over other text. */
const cut = (page: Page) =>
  page.evaluate(() => {
    const own = (e: Element) => [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent?.trim());
    const clipped = [...document.querySelectorAll("main *, nav *")].filter((e) => {
      const { overflowY, textOverflow } = getComputedStyle(e);
      return own(e) && !e.closest(".unseen") && !e.matches("select, textarea, input") && overflowY === "hidden" && e.scrollHeight > e.clientHeight + 2 && textOverflow !== "ellipsis";
    });
    const rows = [...document.querySelectorAll("main [data-row]")].map((e) => ({ e, top: e.getBoundingClientRect().top, end: Math.max(...[...e.querySelectorAll("*")].map((c) => c.getBoundingClientRect().bottom)) }));
    rows.sort((a, b) => a.top - b.top);
    const over = rows.filter((r, i) => r.end > (rows[i + 1]?.top ?? Infinity) + 1).map((r) => r.e);
    return [...clipped, ...over].map((e) => e.outerHTML.slice(0, 150));
  });

test("spaced, doubled and zoomed text is whole and fits (1.4.4, 1.4.10, 1.4.12)", async ({ page }) => {
  await everyPage(page, async (path) => {
    await lay(page, "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }");
    await expect.poll(() => cut(page), `${path}, spaced`).toEqual([]); // rows are measured anew
    expect(await tooWide(page), `${path}, spaced`).toEqual([]);
    await lay(page, ":root { font-size: 200% }");
    await expect.poll(() => cut(page), `${path}, doubled`).toEqual([]);
    expect(await tooWide(page), `${path}, doubled`).toEqual([]);
    await lay(page, "");
    await page.setViewportSize({ width: 640, height: 400 }); // 1280 at 200 %
    expect(await tooWide(page), `${path}, zoomed`).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 800 });
  });
});

test("nothing moves for those who ask for that", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const moving = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("*")].flatMap((e) =>
        ["", "::before", "::after"].flatMap((part) => {
          const s = getComputedStyle(e, part || null);
          const lasts = (durations: string) => durations.split(",").some((d) => parseFloat(d) > 0);
          return lasts(s.transitionDuration) || (s.animationName !== "none" && lasts(s.animationDuration)) || s.scrollBehavior === "smooth" ? [`${e.outerHTML.slice(0, 100)} ${part}`] : [];
        }),
      ),
    );
  await everyPage(page, async (path) => expect(await moving(), path).toEqual([]));
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog")).toBeVisible();
  expect(await moving(), "palette").toEqual([]);
  await page.route("**/api/**", () => new Promise(() => {})); // it loads for ever
  await page.goto("/inbox");
  await expect(page.locator(".waiting").first()).toBeAttached();
  expect(await moving(), "loading").toEqual([]);
});

test("with colours of the person's own what is chosen, focused or new can still be told", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await signIn(page, logins().helper, "en", "/ask");
  await page.getByText("think together").click();
  const differs = (one: string, other: string) =>
    page.evaluate(
      ([a, b]) => {
        const look = (selector: string) => {
          const e = document.querySelector(selector);
          if (!e) throw new Error(`there is no ${selector}`);
          const s = getComputedStyle(e);
          const before = getComputedStyle(e, "::before");
          return [s.outlineStyle, s.outlineWidth, s.borderWidth, s.fontWeight, before.borderWidth, before.content, before.width].join();
        };
        return look(a!) !== look(b!);
      },
      [one, other],
    );
  expect(await differs(".choice[data-selected]", ".choice:not([data-selected])"), "a choice").toBe(true);
  await page.screenshot({ path: "../../../artefacts/portal/desktop/forced-ask.png", fullPage: true });
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog").getByRole("searchbox")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.locator(".option[data-focused]")).toBeVisible();
  expect(await differs(".option[data-focused]", ".option:not([data-focused])"), "an option").toBe(true);
  await page.screenshot({ path: "../../../artefacts/portal/desktop/forced-palette.png" });
  await page.keyboard.press("Escape");
  await page.goto("/requests");
  await settled(page);
  expect(await differs(".rail [aria-current=page]", ".rail li a:not([aria-current])"), "where one is").toBe(true);
  await page.screenshot({ path: "../../../artefacts/portal/desktop/forced-requests.png" });
});
