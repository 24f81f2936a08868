import { foundForming, newPerson } from "./api";
import { expect, logins, signIn, test } from "./kith";

test("Escape leaves a search for what it has found, and keeps its words", async ({ page, isMobile }) => {
  test.skip(isMobile, "a phone has no keys");
  const name = `Escapa${Date.now()}`;
  const people = [await newPerson(`${name} One`), await newPerson(`${name} Two`)];
  await signIn(page, people[0]?.login ?? "", "en", "/people");
  const search = page.getByRole("searchbox");
  const rows = page.locator("main [data-row]");
  const row = (of: string) => rows.filter({ hasText: of }).getByRole("link");

  await page.keyboard.press("/");
  await page.keyboard.insertText(name);
  await expect(rows).toHaveCount(2);
  await page.keyboard.press("Escape");
  await expect(row("One")).toBeFocused();
  await expect(search).toHaveValue(name);
  await page.keyboard.press("j");
  await expect(row("Two")).toBeFocused();
  await page.keyboard.press("k");
  await expect(row("One")).toBeFocused();

  // Before anything has been found: what comes has the focus.
  await search.fill("");
  await expect.poll(() => rows.count()).toBeGreaterThan(2);
  await search.pressSequentially(`${name} t`);
  await page.keyboard.press("Escape");
  await expect(rows).toHaveCount(1);
  await expect(row("Two")).toBeFocused();
  await expect(search).toHaveValue(`${name} t`);

  // Nothing is found: the field is left all the same.
  await search.fill("nobody is called so");
  await expect(rows).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(search).toHaveValue("nobody is called so");
  await expect(search).not.toBeFocused();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
});

test("Escape leads to the units that were found, and to the people who can be chosen", async ({ page, isMobile }) => {
  test.skip(isMobile, "a phone has no keys");
  const host = await newPerson();
  const name = `Wahlweise${Date.now()}`;
  await newPerson(name);
  await signIn(page, logins().admin, "en", "/organisation/units");
  const unit = (await page.getByRole("treegrid").getByRole("row").last().locator(".tree-name").textContent()) ?? "";
  await page.keyboard.press("/");
  await page.keyboard.insertText(unit);
  await expect(page.locator("main [data-row]").first()).toContainText(unit);
  await page.keyboard.press("Escape");
  await expect(page.locator("main [data-row] a").first()).toBeFocused();
  await expect(page.getByRole("searchbox")).toHaveValue(unit);

  const community = await foundForming(host.login, { name: `Choosing ${Date.now()}` });
  await signIn(page, host.login, "en", `/communities/${community}/people`);
  await page.getByRole("button", { name: "Invite people" }).click();
  await page.getByRole("searchbox").fill(name);
  await expect(page.locator(".found button")).toContainText(name);
  await page.keyboard.press("Escape");
  await expect(page.locator(".found button")).toBeFocused();
});
