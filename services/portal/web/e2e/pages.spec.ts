import { newPerson } from "./api";
import { expect, logins, look, settled, signIn, test } from "./kith";

const paths = { home: "/", requests: "/requests", communities: "/communities", found: "/communities/new", people: "/people", inbox: "/inbox", me: "/me" };

for (const language of ["de", "en"] as const) {
  test(`every page can be read by everybody (${language})`, async ({ page }) => {
    await signIn(page, logins().helper, language);
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(path);
      await look(page, `${name}-${language}`);
    }
    await page.goto("/communities");
    await page.locator("main [data-row] a").first().click();
    await expect(page).toHaveURL(/communities\/[^/]+$/);
    await look(page, `community-${language}`);
    await page.goto("/people");
    await page.locator("main [data-row] a").nth(3).click();
    await expect(page).toHaveURL(/people\/[^/]+$/);
    await look(page, `person-${language}`);
  });

  test(`a newcomer sees what to do first (${language})`, async ({ page }) => {
    const { login } = await newPerson("Nele Neumann", language);
    await signIn(page, login, language);
    await expect(page.getByRole("listitem").filter({ has: page.getByRole("heading") })).toHaveCount(3);
    await look(page, `newcomer-${language}`);
  });
}

test("who is not signed in is led to the issuer and back", async ({ page }) => {
  await page.goto("/inbox");
  await look(page, "signin");
  await expect(page.getByRole("link")).toHaveAttribute("href", "/portal/login?to=%2Finbox");
});

test("keys lead everywhere", async ({ page, isMobile }) => {
  test.skip(isMobile, "a phone has no keys");
  await signIn(page, logins().helper, "en");
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Inbox");
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Communities");
  await settled(page);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/communities\/[^/]+$/);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
  await look(page, "keys");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog").getByRole("searchbox")).toBeFocused();
  await page.keyboard.type("inb");
  await expect(page.getByRole("menuitem")).toHaveText("Inbox");
  await look(page, "palette");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/inbox$/);
  await page.keyboard.press("a");
  await expect(page).toHaveURL(/\/ask$/);
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
});

test("what is typed outlives the session", async ({ page }) => {
  await signIn(page, logins().helper, "en", "/ask");
  await page.getByLabel("What are you stuck on").fill("How do we keep the minutes short");
  await page.context().clearCookies();
  await page.getByText("think together").click();
  await page.getByLabel("What have you tried").fill("Templates");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await expect(page.getByText("Your session has ended. What you typed is kept")).toBeVisible();
  await look(page, "ended");
  await signIn(page, logins().helper, "en", "/ask");
  await expect(page.getByLabel("What are you stuck on")).toHaveValue("How do we keep the minutes short");
  await page.getByRole("button", { name: "Discard" }).click();
});

test("the language changes at once", async ({ page, isMobile }) => {
  test.skip(isMobile, "what is done and said is the same at the desktop");
  await signIn(page, logins().helper, "en", "/me");
  await page.getByLabel("Language", { exact: true }).selectOption("de");
  await expect(page.getByRole("heading", { name: "Sprache und Darstellung" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
});

test("there is a way to go on without a network", async ({ page }) => {
  await signIn(page, logins().helper, "en", "/requests");
  await page.context().setOffline(true);
  await expect(page.getByText("There is no network")).toBeVisible();
  await page.context().setOffline(false);
  await expect(page.getByText("There is no network")).toBeHidden();
});
