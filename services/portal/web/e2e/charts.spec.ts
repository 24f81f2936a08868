import type { Page } from "@playwright/test";
import { aYearOfHelp } from "./charted";
import { expect, logins, look, settled, signIn, test } from "./kith";

let year: Awaited<ReturnType<typeof aYearOfHelp>>;
test.beforeAll(async () => {
  year = await aYearOfHelp();
});

const phone = () => test.info().project.name === "phone";

/** Other tests may have made organisations beside the demo's: then its departments are one step further down. */
async function toDepartments(page: Page) {
  await settled(page);
  const demo = page.getByRole("main").getByRole("link", { name: "Stadt Auenfeld" });
  if ((await demo.count()) > 0) await demo.click();
}

test("who helps whom is seen, and said in a sentence", async ({ page }) => {
  await signIn(page, logins().helper, "en");
  await page.getByRole("link", { name: "Who helps whom" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Across units" })).toBeVisible();
  await toDepartments(page);
  const sentence = `${year.helper} helped ${year.asker} at least 40 times in 12 months.`;
  if (phone()) {
    await expect(page.locator(".sentences li").first()).toContainText(sentence);
    await expect(page.getByRole("grid")).toBeHidden();
  } else {
    await expect(page.locator(".told")).toHaveText(sentence); // the strongest, to begin with
    const cell = page.getByRole("gridcell", { name: `${year.asker} helped ${year.helper} at least` });
    await cell.hover();
    await expect(page.locator(".told")).toContainText(`${year.asker} helped ${year.helper}`);
    await page.getByRole("heading", { level: 1 }).hover();
    await expect(page.locator(".told")).toHaveText(sentence);
  }
  await look(page, "bridges-en");
});

test("the same is a table, with the rule behind it", async ({ page }) => {
  await signIn(page, logins().helper, "en", "/bridges");
  await toDepartments(page);
  await page.getByText("How this is counted").click();
  await expect(page.getByText("rounded down to fives")).toBeVisible();
  await page.getByRole("button", { name: "Show as a table" }).click();
  await expect(page.getByRole("row").nth(1)).toContainText(`${year.helper}${year.asker}40+`);
  await look(page, "bridges-table-en");
  await page.getByLabel("Time").selectOption({ label: "Last 3 months" });
  await expect(page).toHaveURL(/months=3/);
  await expect(page.getByRole("row").nth(1)).not.toContainText("40+");
});

test("no number is below five, and none is a sum", async ({ page }) => {
  await signIn(page, logins().newcomer, "de", "/bridges");
  await toDepartments(page);
  await page.getByRole("button", { name: "Als Tabelle zeigen" }).click();
  const numbers = await page.locator("td:last-child").allTextContents();
  expect(numbers.length).toBeGreaterThan(5);
  for (const n of numbers) expect(Number.parseInt(n) % 5, n).toBe(0);
  for (const n of numbers) expect(Number.parseInt(n), n).toBeGreaterThanOrEqual(5);
  await page.getByRole("button", { name: "Als Bild zeigen" }).click();
  await look(page, "bridges-de");
  await expect(page.locator("tfoot")).toHaveCount(0);
});

test("the picture is walked with the keyboard alone", async ({ page }) => {
  test.skip(phone(), "a phone shows sentences");
  await signIn(page, logins().helper, "de");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog").getByRole("searchbox")).toBeFocused();
  await page.keyboard.type("Über Bereiche");
  await expect(page.getByRole("menuitem")).toHaveText("Über Bereiche hinweg");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Über Bereiche hinweg" })).toBeVisible();
  await settled(page);
  await expect(page.getByRole("grid")).toBeVisible();
  const inGrid = () => page.evaluate(() => document.activeElement?.getAttribute("role") === "gridcell");
  for (let i = 0; i < 12 && !(await inGrid()); i++) await page.keyboard.press("Tab");
  const said = async () => (await page.locator(":focus").getAttribute("aria-label")) ?? "";
  await expect(page.locator(".told")).toHaveText(await said());
  await page.keyboard.press("Control+Home");
  expect(await said()).toContain("Hilfe innerhalb des Bereichs");
  await expect(page.locator(".told")).toHaveText(await said());
  await page.keyboard.press("ArrowRight");
  const second = await said();
  await page.keyboard.press("ArrowDown");
  expect(await said()).toContain("Hilfe innerhalb des Bereichs");
  await page.keyboard.press("ArrowUp");
  expect(await said()).toBe(second);
  await page.keyboard.press("Control+End");
  await page.keyboard.press("ArrowDown"); // the edge
  expect(await said()).toContain("Hilfe innerhalb des Bereichs");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Als Tabelle zeigen" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Als Bild zeigen" })).toBeFocused();
});

test("the picture is there in forced colours and at 320 pixels", async ({ page }) => {
  await page.setViewportSize(phone() ? { width: 320, height: 640 } : { width: 1280, height: 800 });
  await signIn(page, logins().helper, "de", "/bridges");
  await toDepartments(page);
  await page.emulateMedia({ forcedColors: "active" });
  await expect(page.locator(phone() ? ".sentences li" : "[role=gridcell]").first()).toBeVisible();
  await page.screenshot({ path: `../../../artefacts/portal/${test.info().project.name}/bridges-forced.png`, fullPage: true });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
});

for (const language of ["de", "en"] as const)
  test(`how a community goes is told by lines with numbers (${language})`, async ({ page }) => {
    await signIn(page, logins().newcomer, language, `/communities/${year.id}`);
    const section = page.locator(".pulse");
    await section.scrollIntoViewIfNeeded();
    // Of its people one month alone is known: that is a number and no line.
    await expect(section.getByRole("img")).toHaveCount(2);
    await expect(section.locator(".value").first()).toHaveText(/^\d+$/);
    await expect(section.getByRole("img").nth(1)).toHaveAccessibleName(language === "de" ? /^Anfragen mit Antwort: von \d+.% im .* bis \d+.% im / : /^Requests with an answer: from \d+% in .* to \d+% in /);
    await look(page, `pulse-${language}`);
    await section.locator("summary").click();
    await expect(section.getByRole("row")).toHaveCount(13);
    await look(page, `pulse-open-${language}`);
  });

test("a community with few people says why there is no line", async ({ page, isMobile }) => {
  test.skip(isMobile, "what is done and said is the same at the desktop");
  await signIn(page, logins().helper, "en", "/communities/new");
  const name = `Quiet corner ${Date.now() % 1e6}`;
  await page.getByLabel("What is it for?").fill("We knit together at lunch and talk about nothing else.");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Found a community" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.locator(".pulse")).toContainText("at least 5 people are behind each number");
});
