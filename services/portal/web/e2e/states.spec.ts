import type { Page, Route } from "@playwright/test";
import { as, found, foundForming, logins, newPerson, raise, respond } from "./api";
import { expect, settled, signIn, test, throughIssuer } from "./kith";

// What a page shows when not everything goes well. None of it is a matter of the
// screen's size: a phone would show the same.
test.beforeEach(({ isMobile }) => test.skip(isMobile, "the same on every screen"));

// Pages, and what they cannot do without.
const pages = {
  home: ["/", "**/api/matching/me/proposals*"],
  requests: ["/requests", "**/api/community/requests?*"],
  communities: ["/communities", "**/api/community/communities?*"],
  people: ["/people", "**/api/membership/people?*"],
  inbox: ["/inbox", "**/api/notification/inbox?*"],
  me: ["/me", "**/api/membership/me/profile"],
} as const;

const problem = (route: Route, status: number, code: string, detail = "") =>
  route.fulfill({ status, contentType: "application/problem+json", body: JSON.stringify({ type: "about:blank", title: code, status, code, detail }) });

const loading = (page: Page) => page.getByRole("main").getByRole("status").filter({ hasText: "Loading" });
const main = (page: Page) => page.getByRole("main");
const press = (page: Page, name: string | RegExp) => main(page).getByRole("button", { name, exact: true }).click();

test("a page that is slow says so, and one that fails can be tried again", async ({ page }) => {
  await signIn(page, logins().helper, "en", "/ask");
  for (const [name, [path, needs]] of Object.entries(pages)) {
    let go = () => {};
    const held = new Promise<void>((done) => (go = done));
    await page.route(needs, async (route) => {
      await held;
      await problem(route, 500, "internal");
    });
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 }), name).toBeVisible();
    await expect(loading(page).first(), name).toBeAttached();
    go();
    const alert = main(page).getByRole("alert");
    await expect(alert, name).toContainText("Something went wrong at our end.");
    await page.unroute(needs);
    await alert.getByRole("button", { name: "Try again" }).click();
    await expect(alert, name).toBeHidden();
    await settled(page);
  }
});

test("what is not there, or not for the reader, is said in words", async ({ page }) => {
  await signIn(page, logins().helper, "en", "/");
  for (const path of ["/requests/0000000000000000000000000g", "/people/0000000000000000000000000g", "/requests/x%20y"]) {
    await page.goto(path);
    await expect(main(page).getByRole("alert"), path).toContainText(/There is nothing here, or it is not for you to see|cannot be accepted/);
  }
  await page.goto("/communities/0000000000000000000000000g");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is no such community");
  await page.getByRole("main").getByRole("link", { name: "See all communities" }).click();
  await expect(page).toHaveURL(/\/communities$/);
  await page.goto("/nowhere/at/all");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is no such page");
  await page.getByRole("main").getByRole("link", { name: "Home" }).click();
  await expect(page).toHaveURL(/\/$/);
});

test("what is not allowed is said in words", async ({ page }) => {
  const host = await newPerson();
  const closed = await foundForming(host.login, { name: `Closed ${Date.now()}`, visibility: "closed", joining: "invitation" });
  const secret = await raise(host.login, `Secret ${Date.now()}`, { kind: "problem", tried: "This.", community: closed });
  await signIn(page, logins().newcomer, "en", `/communities/${closed}`);
  await expect(main(page)).toContainText("Only members read what is written here.");
  await expect(main(page)).toContainText("People join by invitation of the hosts.");
  await page.goto(`/requests/${secret}`);
  await expect(main(page).getByRole("alert")).toContainText("not for you to see");
  await expect(page.locator("body")).not.toContainText("Secret");
  const open = await found(host.login, { name: `Open ${Date.now()}` });
  await page.route("**/join", (route) => problem(route, 403, "forbidden", "Not you."));
  await page.goto(`/communities/${open}`);
  await press(page, "Join");
  await expect(main(page).getByRole("alert")).toContainText("You may not see or do this.");
});

test("nothing yet is said in words, with a first step", async ({ page }) => {
  const { login } = await newPerson();
  await signIn(page, login, "en", "/inbox");
  await expect(main(page)).toContainText("Nothing yet.");
  await page.goto("/requests?whose=mine");
  await expect(main(page)).toContainText("No request matches.");
  await expect(main(page).getByRole("link", { name: "Ask for help" })).toBeVisible();
  for (const [path, words] of [["/communities", "No community matches."], ["/people", "Nobody has such a name here."]] as const) {
    await page.goto(path);
    await page.getByRole("searchbox").fill("qqqxxyyzz");
    await expect(main(page)).toContainText(words);
  }
});

test("who is too fast is asked to wait, and loses nothing", async ({ page }) => {
  const { login } = await newPerson();
  await signIn(page, login, "en", "/ask");
  const title = `Too fast ${Date.now()}`;
  await page.getByLabel("What are you stuck on").fill(title);
  await page.getByText("think together").click();
  await page.getByLabel("What have you tried").fill("Slower.");
  const keys: (string | undefined)[] = [];
  await page.route("**/api/community/requests", (route) => {
    keys.push(route.request().headers()["idempotency-key"]);
    return keys.length === 1 ? problem(route, 429, "too-many-requests", "60 of 60 used") : route.continue();
  });
  await press(page, "Ask");
  await expect(main(page).getByRole("alert")).toContainText("That was a lot at once. Wait a moment and try again.");
  await expect(main(page).getByRole("alert")).toContainText("What you typed is kept.");
  await press(page, "Ask");
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
  expect(keys).toEqual([keys[0], keys[0]]); // the same command
});

test("an answer that got lost is not given twice", async ({ page }) => {
  const asker = await newPerson();
  const helper = await newPerson();
  const request = await raise(asker.login, `Lost ${Date.now()}`);
  await signIn(page, helper.login, "en", `/requests/${request}`);
  await page.getByLabel("Your answer").fill("Said once.");
  let lost = true;
  await page.route("**/responses", async (route) => {
    await route.fetch(); // it arrives
    if (lost) await route.abort();
    else await route.continue();
    lost = false;
  });
  await press(page, "Answer");
  await expect(main(page).getByRole("alert")).toContainText("Kith cannot be reached.");
  await expect(page.getByLabel("Your answer")).toHaveValue("Said once.");
  await press(page, "Answer");
  await expect(page.getByLabel("Your answer")).toHaveValue("");
  await page.reload();
  await expect(page.getByRole("article")).toHaveCount(1);
});

test("without a network nothing typed is lost, and it goes on when there is one", async ({ page, context }) => {
  const { login } = await newPerson();
  await signIn(page, login, "en", "/ask");
  await page.getByText("think together").click();
  await context.setOffline(true);
  await expect(page.getByText("There is no network.")).toBeVisible();
  const title = `Offline ${Date.now()}`;
  await page.getByLabel("What are you stuck on").fill(title);
  await page.getByLabel("What have you tried").fill("Waiting.");
  await press(page, "Ask");
  await expect(page.getByLabel("What are you stuck on")).toHaveValue(title);
  await context.setOffline(false);
  await expect(page.getByText("There is no network.")).toBeHidden();
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
  const all = await as(login)("GET", "/community/requests?mine=true");
  expect(all.body.items).toHaveLength(1);
});

test("who goes elsewhere while a question is on its way stays there, and does not find it as a draft", async ({ page }) => {
  const { login } = await newPerson();
  await signIn(page, login, "en", "/ask");
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((go) => (letGo = go));
  await page.route("**/api/community/requests", async (route) => {
    if (route.request().method() === "POST") await held;
    await route.continue();
  });
  await page.getByLabel("What are you stuck on").fill(`On its way ${Date.now()}`);
  await page.getByText("think together").click();
  await page.getByLabel("What have you tried").fill("Waiting.");
  const answered = page.waitForResponse((r) => r.request().method() === "POST" && r.url().endsWith("/api/community/requests"));
  await press(page, "Ask");
  await page.getByRole("navigation").getByRole("link", { name: "Requests" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible();
  letGo();
  expect((await answered).status()).toBe(201);
  await expect.poll(() => page.evaluate(() => Object.keys(localStorage).filter((k) => /draft.*ask/.test(k)))).toEqual([]);
  await expect(page).toHaveURL(/\/requests$/);
  await page.unroute("**/api/community/requests");
});

test("a session that ends while somebody types costs them nothing", async ({ page, context }) => {
  const asker = await newPerson();
  const helper = await newPerson();
  const request = await raise(asker.login, `Session ${Date.now()}`);
  await signIn(page, helper.login, "en", `/requests/${request}`);
  await page.getByLabel("Your answer").fill("Half of the answer");
  await context.clearCookies();
  await press(page, "Answer");
  const notice = page.getByText("Your session has ended. What you typed is kept");
  await expect(notice).toBeVisible();
  await page.getByLabel("Your answer").fill("Half of the answer, and the other half");
  await notice.getByRole("link", { name: "Sign in" }).click();
  await page.locator("#login").fill(helper.login);
  await page.locator("form", { has: page.locator("#login") }).getByRole("button").last().click();
  await expect(page).toHaveURL(new RegExp(`/requests/${request}$`));
  await expect(page.getByLabel("Your answer")).toHaveValue("Half of the answer, and the other half");
  await press(page, "Answer");
  await expect(page.getByRole("article")).toContainText("and the other half");
});

test("two windows: whoever is second is told, and decides", async ({ page, context }) => {
  const { login } = await newPerson();
  await signIn(page, login, "en", "/me");
  const about = (p: Page) => p.getByLabel("About").first();
  await expect(about(page)).toBeVisible();
  const second = await context.newPage();
  await second.goto("/me");
  await about(second).fill("From the second window");
  await press(second, "Save");
  await expect(second.getByText("Saved.")).toBeVisible();
  await about(page).fill("From the first window");
  await press(page, "Save");
  const alert = main(page).getByRole("alert");
  await expect(alert).toContainText("It has been changed since you opened it.");
  await expect(about(page)).toHaveValue("From the first window");
  await alert.getByRole("button", { name: "See how it stands" }).click();
  await expect(about(page)).toHaveValue("From the second window");
  await expect(alert).toBeHidden();
  await about(second).fill("Again from the second");
  await press(second, "Save");
  await expect(second.getByText("Saved.")).toBeVisible();
  await about(page).fill("Mine after all");
  await press(page, "Save");
  await expect(alert).toContainText("It has been changed since you opened it.");
  await press(page, "Save");
  await expect(page.getByText("Saved.")).toBeVisible();
  const profile = await as(login)("GET", "/membership/me/profile");
  expect(profile.body.about).toBe("Mine after all");
});

test("a charter that was changed meanwhile is not overwritten without a word", async ({ page }) => {
  const { login } = await newPerson();
  const community = await found(login, { name: `Charter ${Date.now()}` });
  await signIn(page, login, "en", `/communities/${community}/charter`);
  await press(page, "Write the charter");
  await page.getByLabel("Purpose").fill("Mine");
  const theirs = await as(login)("PUT", `/community/communities/${community}/charter`, { purpose: "Theirs", vision: "", objectives: [], norms: [], stakeholders: [], note: "" }, { "If-Match": '"0"' });
  expect(theirs.status, JSON.stringify(theirs.body)).toBe(200);
  const alert = main(page).getByRole("alert");
  await press(page, "Save");
  await expect(alert).toContainText("Somebody has written version 1 meanwhile");
  await expect(alert).toContainText("Theirs");
  await expect(page.getByLabel("Purpose")).toHaveValue("Mine");
  await page.reload(); // what was typed survives that too, and what it was made from
  await press(page, "Change the charter");
  await expect(page.getByLabel("Purpose")).toHaveValue("Mine");
  await press(page, "Save");
  await expect(alert).toContainText("Somebody has written version 1 meanwhile");
  await press(page, "I have seen it: go on from version 1");
  await press(page, "Save");
  await expect(page.getByText("Version 2").first()).toBeVisible();
  await expect(main(page)).toContainText("Mine");
});

test("two windows: who has joined in one is a member in the other", async ({ page, context }) => {
  const host = await newPerson();
  const { login } = await newPerson();
  const community = await found(host.login, { name: `Windows ${Date.now()}` });
  await signIn(page, login, "en", `/communities/${community}`);
  const second = await context.newPage();
  await second.goto(`/communities/${community}`);
  await press(second, "Join");
  await expect(second.getByText("You are a member")).toBeVisible();
  await press(page, "Join");
  await expect(page.getByText("You are a member")).toBeVisible();
});

test("the asker corrects, withdraws, opens again, gives up, and takes the text away", async ({ page }) => {
  const { login } = await newPerson();
  const request = await raise(login, `First words ${Date.now()}`);
  await signIn(page, login, "en", `/requests/${request}`);
  const title = page.getByRole("heading", { level: 1 });
  await press(page, "Correct");
  await page.getByLabel("Headline").fill("");
  await press(page, "Save");
  await expect(page.getByText("Write your question first.")).toBeVisible();
  await page.getByLabel("Headline").fill("Better words");
  await press(page, "Save");
  await expect(title).toHaveText("Better words");
  await expect(main(page)).toContainText("corrected");

  await press(page, "No longer needed");
  await page.getByLabel("Why?").fill("Found it myself.");
  await press(page, "No longer needed");
  await expect(main(page).locator("header")).toContainText("No longer needed");
  await expect(main(page)).toContainText("Found it myself.");

  await press(page, "Open again");
  await press(page, "Open again");
  await expect(page.getByText("Say why in a few words")).toBeVisible(); // a reason is needed
  await page.getByLabel("Why?").fill("It was another one.");
  await press(page, "Open again");
  await expect(page.getByRole("button", { name: "No longer needed" })).toBeVisible();

  await press(page, "Close without an answer");
  await page.getByLabel("Why?").fill("Nobody knows.");
  await press(page, "Close without an answer");
  await expect(main(page).locator("header")).toContainText("Closed without an answer");

  await press(page, "Remove the text");
  await expect(main(page)).toContainText("goes for everybody and for good");
  await press(page, "Cancel");
  await press(page, "Remove the text");
  await press(page, "Yes, for good");
  await expect(title).toHaveText("Text taken away by the asker");
  await expect(main(page)).not.toContainText("Better words");
  await page.reload();
  await expect(title).toHaveText("Text taken away by the asker");
});

test("the author of an answer corrects it and takes it back", async ({ page }) => {
  const asker = await newPerson();
  const helper = await newPerson();
  const request = await raise(asker.login, `Answered ${Date.now()}`);
  await respond(helper.login, request, "With a mistkae.");
  await signIn(page, helper.login, "en", `/requests/${request}`);
  const turn = page.getByRole("article");
  await turn.getByRole("button", { name: "Correct" }).click();
  await turn.getByLabel("Your answer").fill("Without a mistake.");
  await turn.getByRole("button", { name: "Save" }).click();
  await expect(turn).toContainText("Without a mistake.");
  await expect(turn).toContainText("corrected");
  await turn.getByRole("button", { name: "Take back" }).click();
  await expect(turn).toContainText("goes for everybody and for good");
  await turn.getByRole("button", { name: "Yes, for good" }).click();
  await expect(page.getByText("Without a mistake.")).toHaveCount(0);
});

test("signing out forgets what was typed on the device", async ({ page }) => {
  const { login } = await newPerson();
  await throughIssuer(page, login, "/ask");
  await settled(page);
  await page.locator("textarea").first().fill("Not for the next one here");
  await page.goto("/me/access");
  await page.getByRole("button", { name: /Abmelden|Sign out/ }).click();
  await expect(page).not.toHaveURL(/\/me\/access$/);
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain("Not for the next one");
});
