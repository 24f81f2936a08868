import type { APIRequestContext, Locator, Page } from "@playwright/test";
import { expect, logins, look, settled, signIn, test } from "./kith";

const words = {
  de: {
    kinds: { units: "Bereiche, zuerst", people: "Personen, die" }, everybody: "Ja, alle", choose: "Datei wählen", do: "Importieren", would: "Das würde geschehen", done: "Das ist geschehen",
    wrong: "Zeilen sind falsch", all: "Alle", errors: /^Fehler/, changes: "Änderungen", agree: /verlieren den Zugang|verliert den Zugang/, many: "mehr als 5",
  },
  en: {
    kinds: { units: "Units, first", people: "People who" }, everybody: "Yes, everybody", choose: "Choose a file", do: "Import", would: "This would happen", done: "This was done",
    wrong: "lines are wrong", all: "All", errors: /^Errors/, changes: "Changes", agree: /loses? access at once/, many: "more than 5",
  },
};
type Language = keyof typeof words;

const columns = { units: "id,parent_id,name,kind", people: "external_id,name,email,unit_id,site,language,active" };
const unique = () => `${test.info().project.name.slice(0, 1)}${Date.now() % 1e8}`;

/** Chooses a file of these lines, and waits until it has been compared. */
async function choose(page: Page, language: Language, kind: "units" | "people", lines: string[], full = false) {
  const w = words[language];
  await page.goto("/organisation/import");
  await page.getByText(w.kinds[kind]).click();
  if (full) await page.getByText(w.everybody).click();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: w.choose }).click();
  await (await chooser).setFiles({ name: `${kind}.csv`, mimeType: "text/csv", buffer: Buffer.from([columns[kind], ...lines].join("\n") + "\n") });
  await expect(page.locator(".counts")).toBeVisible({ timeout: 60_000 });
  await settled(page);
}

/** A command of the administrator who is signed in. */
async function post(request: APIRequestContext, path: string, data: object): Promise<{ id: string }> {
  const answer = await request.post(`/api/membership${path}`, { data, headers: { "X-Kith": "1", "Idempotency-Key": crypto.randomUUID() } });
  expect(answer.ok(), await answer.text()).toBe(true);
  return answer.status() === 204 ? { id: "" } : ((await answer.json()) as { id: string });
}

for (const language of ["de", "en"] as const) {
  const w = words[language];

  test(`units and people come from files that were looked at first (${language})`, async ({ page }) => {
    test.slow();
    const n = unique();
    await signIn(page, logins().admin, language, "/organisation/import");
    await look(page, `organisation-import-${language}`);
    await choose(page, language, "units", [`${n}a,,Amt ${n},organisation`, `${n}b,${n}a,Recht und Vergabe ${n},department`]);
    await expect(page.getByRole("heading", { name: w.would })).toBeVisible();
    await page.getByRole("button", { name: w.do, exact: true }).click();
    await expect(page.getByRole("heading", { name: w.done })).toBeFocused();

    const person = (number: number, name: string, unit: string, more = "true") => `${n}-${number},${name} ${n},p${number}.${n}@example.org,${unit},Bonn,de,${more}`;
    await choose(page, language, "people", [person(1, "Ada", `${n}a`), person(2, "Bo", `${n}b`), person(3, "Cem", `${n}b`)]);
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((go) => (begin = go));
    await page.route("**/api/membership/imports/people*", (route) => begun.then(() => route.continue()));
    await page.getByRole("button", { name: w.do, exact: true }).click();
    await expect(page.getByRole("progressbar")).toBeVisible();
    await expect(page.getByRole("progressbar")).not.toContainText("0"); // how much there is to do is not known yet
    begin();
    await expect(page.getByRole("heading", { name: w.done })).toBeFocused();
    await look(page, `organisation-import-done-${language}`);

    // The same people again: one moved and renamed, one to lose access, one left alone, and somebody new.
    await choose(page, language, "people", [person(1, "Ada Maria", `${n}b`), person(2, "Bo", `${n}b`, "false"), person(3, "Cem", `${n}b`), person(4, "Dilek", `${n}a`)]);
    const lines = page.locator(".lines li");
    await expect(lines).toHaveCount(3);
    await expect(lines.nth(0)).toContainText(`Ada ${n} → Ada Maria ${n}`);
    await expect(lines.nth(0)).toContainText(`${n}a Amt ${n} → ${n}b Recht und Vergabe ${n}`);
    await look(page, `organisation-import-plan-${language}`);
    await page.getByText(w.all, { exact: true }).click();
    await expect(lines).toHaveCount(4);
    const run = page.getByRole("button", { name: w.do, exact: true });
    await expect(run).toBeDisabled(); // somebody loses access: that is agreed to first
    await page.getByText(w.agree).first().click();
    await run.click();
    await expect(page.getByRole("heading", { name: w.done })).toBeFocused();
    await choose(page, language, "people", [person(1, "Ada Maria", `${n}b`), person(4, "Dilek", `${n}a`)]);
    await expect(page.getByRole("button", { name: w.do, exact: true })).toHaveCount(0); // nothing is left to do
  });

  test(`what is wrong is said line by line (${language})`, async ({ page }) => {
    const n = unique();
    await signIn(page, logins().admin, language, "/organisation/import");
    await choose(page, language, "people", [
      `${n}-1,,ada@example.org,gibt-es-nicht,,de,true`, `${n}-2,Bo,bo at home,,,klingonisch,vielleicht`, `${n}-2,Cem,cem.${n}@example.org,,,de,true`, "zu,kurz", `${n}-5,Dilek,dilek.${n}@example.org,,,de,true`,
    ]);
    await expect(page.getByRole("heading", { name: `4 ${w.wrong}` })).toBeVisible();
    await expect(page.locator(".lines li")).toHaveCount(4);
    await expect(page.getByRole("button", { name: w.do, exact: true })).toHaveCount(0);
    await look(page, `organisation-import-wrong-${language}`);
    const chooser = page.waitForEvent("filechooser");
    await page.goto("/organisation/import");
    await page.getByRole("button", { name: w.choose }).click();
    await (await chooser).setFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from("name;grade\nAda;3\n") });
    await expect(page.getByRole("alert").filter({ hasText: "grade" })).toBeVisible();
    await look(page, `organisation-import-unreadable-${language}`);
  });

  test(`people and roles are looked at (${language})`, async ({ page }) => {
    test.slow();
    await signIn(page, logins().admin, language, "/organisation");
    await expect(page).toHaveURL(/organisation\/people$/);
    await settled(page);
    await look(page, `organisation-people-${language}`);
    await page.goto("/organisation/people/new");
    await look(page, `organisation-person-new-${language}`);
    await page.goto("/organisation/roles");
    await look(page, `organisation-roles-${language}`);
  });

  test(`units are looked at (${language})`, async ({ page }) => {
    test.slow();
    await signIn(page, logins().admin, language, "/organisation/units");
    await expect(page.getByRole("row").first()).toBeVisible();
    // What can be opened shows that it can.
    await expect(page.getByRole("row").first().locator(".arrow")).toHaveCSS("border-right-style", "solid");
    await look(page, `organisation-units-${language}`);
    await page.getByRole("row").nth(1).click();
    await expect(page.locator("h2").first()).toBeFocused();
    await look(page, `organisation-unit-${language}`);
    await page.goto("/organisation/units/new");
    await look(page, `organisation-unit-new-${language}`);
  });
}

test("11,500 lines scroll, and a full file says who would lose access", async ({ page, isMobile }) => {
  test.skip(isMobile, "shorter files are looked at, in the same list");
  test.slow();
  const n = unique();
  await signIn(page, logins().admin, "en", "/organisation/import");
  await choose(page, "en", "people", Array.from({ length: 11_500 }, (_, i) => `${n}-${i},Person ${i},${n}.${i}@example.org,,,en,true`), true);
  await expect(page.locator(".counts")).toContainText("11,500 new");
  await expect(page.getByText(words.en.many)).toBeVisible();
  await expect(page.getByRole("button", { name: "Import", exact: true })).toBeDisabled();
  expect(await page.locator(".lines li").count()).toBeLessThan(60);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
  await expect(page.getByText(/^Person 5\d\d\d$/).nth(11)).toBeInViewport(); // some rows above it are off the screen
  // Rows are as high as they turn out to be: the end moves while it is come to.
  await expect(async () => {
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await expect(page.getByText("is missing in the file").last()).toBeInViewport({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
  // A picture of all these lines would be too tall.
  await page.evaluate(() => scrollTo(0, 0));
  await page.getByText(words.en.errors).click();
  await expect(page.getByText("No line is wrong.")).toBeVisible();
  await look(page, "organisation-import-full");
});

test("a person is added, moved, given a role, and loses access at once", async ({ page, browser }) => {
  test.slow();
  const n = unique();
  await signIn(page, logins().admin, "en", "/organisation/people/new");
  await page.getByLabel("Name", { exact: true }).fill(`Robin Newcomer ${n}`);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByText("Without one the person cannot sign in")).toBeVisible();
  await page.getByLabel("E-mail").fill(`robin.${n}@example.org`);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: `Robin Newcomer ${n}` })).toBeVisible();

  const unit = await post(page.request, "/units", { code: `${n}u`, name: `Procurement ${n}`, kind: "team" });
  await page.reload();
  await page.getByRole("combobox", { name: "Unit" }).fill(`procurement ${n}`);
  await page.getByRole("option", { name: new RegExp(`Procurement ${n}`) }).click();
  await page.getByRole("button", { name: "Move", exact: true }).click();
  await expect(page.getByText("Moved.")).toBeFocused();
  await expect(page.locator(".facts")).toContainText(`Procurement ${n}`);

  await page.getByLabel("Which role?").selectOption("connector");
  await page.getByRole("button", { name: "Give a role" }).click();
  await expect(page.getByText("now has the role Connector")).toBeFocused();
  await page.getByRole("button", { name: /Take Connector from/ }).click();
  await page.getByRole("button", { name: "Yes, take away" }).click();
  await expect(page.getByText("no longer has the role Connector")).toBeFocused();

  const theirs = await browser.newContext({ baseURL: process.env.KITH_URL ?? "" });
  const robin = await theirs.newPage();
  await signIn(robin, `robin.${n}@example.org`, "en", "/me");
  const token = await robin.request.post("/api/membership/me/tokens", {
    data: { name: "Nightly report", expires: new Date(Date.now() + 30 * 86_400_000).toISOString() },
    headers: { "X-Kith": "1", "Idempotency-Key": crypto.randomUUID() },
  });
  expect(token.status()).toBe(201);
  await page.reload();
  await settled(page);
  await look(page, "organisation-person");
  await page.getByRole("button", { name: "Revoke Nightly report" }).click();
  await expect(page.getByText("refused at once")).toBeVisible();
  await page.getByRole("button", { name: "Yes, revoke" }).click();
  await expect(page.getByText("Nightly report is revoked.")).toBeFocused();
  await expect(page.getByText("This person has no API tokens.")).toBeVisible();

  await page.getByRole("button", { name: "End access" }).click();
  await expect(page.getByText("is signed out everywhere at once")).toBeVisible();
  await page.locator("form.reason").getByLabel("Why? (optional)").fill("The contract has ended.");
  await look(page, "organisation-deactivate");
  await page.getByRole("button", { name: "Yes, end access" }).click();
  await expect(page.getByText("Access has ended")).toBeFocused();
  await expect.poll(async () => (await robin.request.get("/api/membership/me")).status()).toBe(401);
  await theirs.close();
  await page.getByRole("button", { name: "Give access back" }).click();
  await page.locator("form.reason").getByLabel("Why? (optional)").fill("The contract goes on.");
  await page.keyboard.press("Enter");
  await expect(page.getByText("has access again")).toBeFocused();

  await page.goto(`/organisation/units/${unit.id}`);
  await page.getByRole("button", { name: "Close the unit", exact: true }).click();
  await page.getByRole("button", { name: "Yes, close" }).click();
  await expect(page.getByRole("alert")).toContainText("not empty");
});

test("a list of options stays while the page is scrolled, and closes by a choice, elsewhere and Escape", async ({ page, isMobile }) => {
  const n = unique();
  await signIn(page, logins().admin, "en", "/organisation/people/new");
  const person = await post(page.request, "/people", { name: `Lista ${n}`, email: `lista.${n}@example.org` });
  await page.goto(`/organisation/people/${person.id}`);
  await settled(page);
  const unit = page.getByRole("combobox", { name: "Unit" });
  const list = page.getByRole("listbox", { name: "Unit" });
  const press = (what: Locator) => (isMobile ? what.tap() : what.click());
  const elsewhere = () => (isMobile ? page.touchscreen.tap(180, 4) : page.mouse.click(1270, 4));

  await press(unit);
  await expect(list).toBeVisible();
  await page.mouse.wheel(0, 120);
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(100);
  const chosen = list.getByRole("option").nth(1);
  await expect(chosen).toBeInViewport();
  const name = (await chosen.locator("span").first().textContent()) ?? "";
  await press(chosen);
  await expect(list).toHaveCount(0);
  await expect(unit).toHaveValue(new RegExp(name));

  await press(page.getByRole("button", { name: "Open the list" }));
  await expect(list.getByRole("option").nth(2)).toBeVisible();
  await expect(page.locator(".combo-list")).not.toHaveCSS("opacity", "0"); // it waits for the keyboard of a phone
  // While the list is open, react-aria hides all else from screen readers, which axe takes for a mistake.
  await page.screenshot({ path: `../../../artefacts/portal/${test.info().project.name}/organisation-options.png` });
  await elsewhere();
  await expect(list).toHaveCount(0);
  await unit.fill("no such unit");
  await expect(list).toContainText("Nothing");
  await page.keyboard.press("Escape");
  await expect(list).toHaveCount(0);
  await expect(unit).toHaveValue(new RegExp(name)); // what was chosen is kept
});

test("a unit is found in the tree and renamed by keyboard alone", async ({ page, isMobile }) => {
  test.skip(isMobile, "a phone has no keys");
  const n = unique();
  await signIn(page, logins().admin, "en", "/organisation/units");
  await post(page.request, "/units", { code: `${n}k`, name: `Aaa keys ${n}`, kind: "organisation" });
  const top = (await (await page.request.get("/api/membership/units?limit=200")).json()) as { items: { id: string; code: string }[] };
  await post(page.request, "/units", { code: `${n}l`, name: `Locks ${n}`, kind: "team", parent: top.items.find((u) => u.code === `${n}k`)?.id ?? "" });
  await page.reload();
  const row = page.getByRole("row", { name: new RegExp(`Aaa keys ${n}`) });
  await expect(row).toBeVisible();
  await page.getByRole("searchbox").focus();
  await page.keyboard.press("Tab");
  while (!(await row.evaluate((r) => r === document.activeElement))) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await expect(row).toHaveAttribute("aria-expanded", "true");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 2, name: `Locks ${n}` })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Rename or move" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await page.keyboard.press("End");
  await page.keyboard.type(" and bolts");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Changed.")).toBeFocused();
  await expect(page.getByRole("heading", { level: 2, name: `Locks ${n} and bolts` })).toBeVisible();
  await expect(page.getByRole("row", { name: new RegExp(`Locks ${n} and bolts`) })).toBeVisible();
});

test("a role is given to somebody looked up by name", async ({ page }) => {
  const n = unique();
  await signIn(page, logins().admin, "en", "/organisation/roles");
  await post(page.request, "/people", { name: `Umbra ${n}`, email: `umbra.${n}@example.org` });
  await page.getByRole("button", { name: "Give a role" }).click();
  await page.getByRole("combobox", { name: "To whom?" }).fill(`umbra ${n}`);
  await page.getByRole("option", { name: `Umbra ${n}` }).click();
  await page.getByRole("radio", { name: /Ombudsperson/ }).check({ force: true });
  await look(page, "organisation-role-give");
  await page.getByRole("button", { name: "Give a role" }).click();
  await expect(page.getByText("The role Ombudsperson is given.")).toBeFocused();
  await expect(page.getByRole("link", { name: `Umbra ${n}` })).toBeVisible();
  await expect(page.getByText("From the configuration").first()).toBeVisible();
});

test("on a phone, administration is reached from one's own page; others have no such place", async ({ page, isMobile }) => {
  await signIn(page, logins().admin, "de", "/me");
  const way = page.locator("main").getByRole("link", { name: "Organisation", exact: true });
  if (!isMobile) await expect(way).toBeHidden();
  else {
    await way.scrollIntoViewIfNeeded();
    await look(page, "me-administration");
    await way.click();
    await expect(page).toHaveURL(/organisation\/people$/);
  }
  await signIn(page, logins().helper, "de", "/organisation/import");
  await expect(page.getByText("mit der Rolle Administration")).toBeVisible();
  await look(page, "organisation-forbidden");
});
