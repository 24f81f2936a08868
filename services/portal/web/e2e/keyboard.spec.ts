import { as, found, logins, newPerson, raise, respond } from "./api";
import { Keyboard, expectFocus } from "./keyboard";
import { expect, settled, signIn, test, throughIssuer } from "./kith";

// Every core flow by keyboard alone: nothing here uses a mouse or sets the focus.

test.beforeEach(({ isMobile }) => test.skip(isMobile, "a phone has no keyboard; narrow screens with one are below"));

const button = (keys: Keyboard, name: string | RegExp) => keys.page.getByRole("main").getByRole("button", { name, exact: true });
const link = (keys: Keyboard, name: string | RegExp) => keys.page.getByRole("main").getByRole("link", { name, exact: true });
const field = (keys: Keyboard, name: string | RegExp) => keys.page.getByRole("main").getByLabel(name);

test("signing in, and past the navigation", async ({ page }) => {
  const { login } = await newPerson();
  const keys = new Keyboard(page);
  await page.addInitScript(() => localStorage.setItem("kith.language", "en"));
  await page.goto("/communities");
  await keys.to(page.getByRole("link", { name: "Sign in" }));
  await page.keyboard.press("Enter");
  await keys.to(page.locator("#login"));
  await keys.type(login);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/communities$/);
  await settled(page);
  await keys.to(page.getByRole("link", { name: "Skip to the content" }));
  await page.keyboard.press("Enter");
  await keys.press("Tab");
  await expect(page.getByRole("searchbox")).toBeFocused();
});

test("founding a community, and leading it on", async ({ page }) => {
  const { login } = await newPerson();
  const keys = new Keyboard(page);
  await signIn(page, login, "en", "/communities");
  await keys.activate(link(keys, "Found a community"), page.getByRole("heading", { level: 1, name: "Found a community" }));
  await keys.activate(button(keys, "Found a community"), page.getByText("Say in one sentence what it is for."));
  await expect(field(keys, "What is it for?")).toBeFocused(); // what is missing is where one goes on
  await keys.fill(field(keys, "What is it for?"), "We help one another with gardens on roofs.");
  await keys.fill(field(keys, "Name"), `Roofs ${Date.now()}`);
  await keys.to(page.getByRole("radio", { name: "Anyone can join" }));
  await keys.press("ArrowDown");
  await expect(page.getByRole("radio", { name: "By asking the hosts" })).toBeChecked();
  await keys.activate(button(keys, "Found a community"), page.getByText("You are host"));
  await keys.activate(link(keys, "Charter"), page.getByRole("heading", { level: 1, name: "Charter" }));
  await keys.activate(button(keys, "Write the charter"), field(keys, "Purpose"));
  await expect(field(keys, "Purpose")).toBeFocused();
  await keys.type("Roofs that are green.");
  await keys.activate(button(keys, "Save"), page.getByText("Version 1").first());
  await keys.activate(link(keys, "Overview"), button(keys, "Begin forming"));
  await keys.activate(button(keys, "Begin forming"), field(keys, "Why?"));
  await expect(field(keys, "Why?")).toBeFocused();
  await keys.type("The charter is there.");
  await keys.press("Enter", button(keys, "Become active"));
});

test("joining a community, and leaving it", async ({ page }) => {
  const host = await newPerson("Hosting Probe");
  const { login } = await newPerson();
  const name = `Garden${Date.now()}`;
  await found(host.login, { name });
  const keys = new Keyboard(page);
  await signIn(page, login, "en", "/communities");
  await keys.fill(page.getByRole("searchbox"), name);
  await expect(page.locator("main [data-row]").first()).toContainText(name);
  await keys.to(page.locator("main [data-row] a").first());
  await keys.press("Enter", page.getByRole("heading", { level: 1, name }));
  await keys.activate(button(keys, "Join"), page.getByText("You are a member"));
  await keys.activate(button(keys, "Leave"), button(keys, "Yes, leave"));
  await keys.activate(button(keys, "Cancel"), button(keys, "Leave"));
  await keys.activate(button(keys, "Leave"), button(keys, "Yes, leave"));
  await keys.activate(button(keys, "Yes, leave"), button(keys, "Join"));
});

test("asking to join, taking it back, and being admitted", async ({ page }) => {
  const host = await newPerson("Hosting Probe");
  const guest = await newPerson();
  const id = await found(host.login, { name: `On request ${Date.now()}`, joining: "request" });
  const keys = new Keyboard(page);
  await signIn(page, guest.login, "en", `/communities/${id}`);
  await keys.activate(button(keys, "Ask to join"), field(keys, "A word to the hosts"));
  await expect(field(keys, "A word to the hosts")).toBeFocused();
  await keys.type("I bring a watering can.");
  await keys.activate(button(keys, "Ask to join"), button(keys, "Take it back"));
  await keys.activate(button(keys, "Take it back"), button(keys, "Ask to join"));
  await keys.activate(button(keys, "Ask to join"), field(keys, "A word to the hosts"));
  await keys.activate(button(keys, "Ask to join"), button(keys, "Take it back"));
  await signIn(page, host.login, "en", `/communities/${id}`);
  await keys.activate(button(keys, "Decline"), field(keys, "Why?"));
  await keys.activate(button(keys, "Cancel"), button(keys, "Decline"));
  await keys.activate(button(keys, "Admit"), page.getByRole("listitem").filter({ hasText: guest.name }));
  await expectFocus(page);
});

test("asking, being helped, accepting, thanking, opening again and withdrawing", async ({ page }) => {
  const asker = await newPerson();
  const helper = await newPerson("Helping Probe");
  const keys = new Keyboard(page);
  await signIn(page, asker.login, "en");
  await keys.press("a", page.getByRole("heading", { level: 1, name: "Ask for help" }));
  await keys.activate(button(keys, "Ask"), page.getByText("Write your question first."));
  await expect(field(keys, "What are you stuck on")).toBeFocused();
  const title = `Qualität des Konzepts als Zuschlagskriterium neben dem Preis ${Date.now()}`;
  await keys.type(title);
  await expect(page.locator(".earlier li").first()).toBeVisible();
  await keys.activate(page.locator(".earlier button").first(), page.locator("aside").getByRole("heading").first());
  await keys.to(page.getByRole("radio").first());
  await keys.press("Space", field(keys, "What have you tried"));
  await keys.fill(field(keys, "What have you tried"), "The manual.");
  await keys.activate(button(keys, "Close"), page.getByText("Earlier requests open here."));
  await keys.to(button(keys, "Ask"), "Shift+Tab");
  await keys.press("Enter", page.getByRole("heading", { level: 1, name: title }));
  const address = new URL(page.url()).pathname;

  await signIn(page, helper.login, "en", address);
  await keys.activate(button(keys, "I can help"), page.getByText("Write your answer below"));
  await keys.activate(button(keys, "Answer"), page.getByText("Write your answer first."));
  await expect(field(keys, "Your answer")).toBeFocused();
  await keys.type("There is a chapter on it.");
  await keys.activate(button(keys, "Answer"), page.getByRole("article"));
  await keys.activate(page.getByRole("article").getByRole("button", { name: "Correct" }), page.getByRole("article").getByLabel("Your answer"));
  await keys.type(" Chapter four.");
  await keys.activate(button(keys, "Save"), page.getByRole("article").filter({ hasText: "Chapter four." }));

  await signIn(page, asker.login, "en", address);
  await keys.activate(button(keys, "This helps"), page.getByRole("article").getByText("Accepted"));
  await keys.activate(button(keys, "Say thank you"), field(keys, "What did it change?"));
  await expect(field(keys, "What did it change?")).toBeFocused();
  await keys.type("It goes on tomorrow.");
  await keys.press("Enter", page.locator("blockquote"));
  await keys.activate(button(keys, "Open again"), field(keys, "Why?"));
  await keys.press("Enter", page.getByText("Say why in a few words"));
  await keys.type("One more thing.");
  await keys.press("Enter", button(keys, "No longer needed"));
  await keys.activate(button(keys, "No longer needed"), field(keys, "Why?"));
  await keys.press("Enter", button(keys, "Open again"));
});

test("the proposals at home are answered one after the other", async ({ page }) => {
  const keys = new Keyboard(page);
  await signIn(page, logins().helper, "en");
  const rows = page.locator("section").filter({ has: page.getByRole("heading", { name: "You could help" }) }).locator("[data-row]");
  await expect(rows.first()).toBeVisible();
  const title = await rows.first().getByRole("link").first().textContent();
  await keys.to(rows.first().getByRole("link").first());
  await keys.to(rows.first().getByRole("button", { name: "I can help" }));
  await keys.press("Enter", page.getByRole("heading", { level: 1, name: title ?? "" }));
});

test("finding a person, the palette, the keys", async ({ page }) => {
  const somebody = await newPerson(`Zita Probe${Date.now()}`);
  const keys = new Keyboard(page);
  await signIn(page, somebody.login, "en", "/people");
  await keys.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await keys.type(somebody.name);
  await expect(page.locator("main [data-row]").first()).toContainText(somebody.name);
  await keys.to(page.locator("main [data-row] a").first());
  await keys.press("Enter", page.getByRole("heading", { level: 1, name: somebody.name }));
  await keys.press("?", page.getByRole("dialog"));
  await keys.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expectFocus(page);
  await keys.press("Control+k", page.getByRole("dialog"));
  await expect(page.getByRole("dialog").getByRole("searchbox")).toBeFocused();
  await keys.type(somebody.name);
  await expect(page.getByRole("menuitem", { name: somebody.name })).toBeVisible();
  await keys.press("Enter", page.getByRole("heading", { level: 1, name: somebody.name }));
  await expect(page.getByRole("dialog")).toBeHidden();
  await expectFocus(page);
  await keys.press("Control+k", page.getByRole("dialog"));
  await keys.type("inbo");
  await keys.press("Enter", page.getByRole("heading", { level: 1, name: "Inbox" }));
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
});

test("one's profile and the language of the pages", async ({ page }) => {
  const { login } = await newPerson();
  const keys = new Keyboard(page);
  await signIn(page, login, "en");
  await page.keyboard.press("g");
  await keys.press("m", page.getByLabel("Can help with").first());
  await keys.fill(page.getByLabel("Can help with").first(), "Minutes, plain language");
  await keys.to(page.getByLabel("Availability").first());
  await keys.press("ArrowDown");
  await keys.activate(button(keys, "Save"), page.getByText("Saved."));
  await expect(button(keys, "Save")).toBeFocused();
  await keys.to(page.getByLabel("Appearance"));
  await keys.press("d");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("who leaves a field with Escape goes on from there", async ({ page }) => {
  const { login } = await newPerson();
  const keys = new Keyboard(page);
  await signIn(page, login, "en", "/ask");
  await keys.fill(field(keys, "What are you stuck on"), "Minutes"); // too short to find earlier requests
  await keys.press("Escape");
  await keys.press("j"); // is no letter now
  await expect(field(keys, "What are you stuck on")).toHaveValue("Minutes");
  await keys.press("Tab");
  await expect(field(keys, "What are you stuck on")).toBeFocused();
  await keys.press("Tab");
  await expect(page.getByRole("radio").first()).toBeFocused();
});

test("at 400 % nothing that has the focus is hidden", async ({ page }) => {
  const asker = await newPerson();
  const request = await raise(asker.login, `Zoomed ${Date.now()}`);
  await respond((await newPerson()).login, request);
  await page.setViewportSize({ width: 320, height: 400 });
  const keys = new Keyboard(page);
  await signIn(page, asker.login, "en", `/requests/${request}`);
  await keys.to(button(keys, "No longer needed"));
  await keys.to(page.locator(".tabs a").last());
  await page.goto("/ask");
  await settled(page);
  await keys.to(button(keys, "Ask"));
  await keys.to(page.locator("main a, main button, main textarea").first(), "Shift+Tab");
});

test("a session that somebody else ends leads back", async ({ page }) => {
  const { login } = await newPerson();
  const keys = new Keyboard(page);
  await throughIssuer(page, login, "/me/access");
  await settled(page);
  await keys.to(page.getByRole("main").getByRole("button", { name: /^(Sign out|Abmelden)$/ }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: /^(Sign in|Anmelden)$/ })).toBeVisible();
  expect((await as(login)("GET", "/membership/me")).status).toBe(200); // a machine's token is its own
});
