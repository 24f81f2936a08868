import { readFile } from "node:fs/promises";
import { expect, logins, look, settled, signIn, test } from "./kith";
import { act, another, found, people } from "./mine";

const paths = { profile: "/me", notifications: "/me/notifications", meeting: "/me/meeting", access: "/me/access", data: "/me/data", erase: "/me/data/erase" };
// Several people sign in in most of these, and everything is looked at.
test.describe.configure({ timeout: 300_000 });

const unique = () => `${Date.now() % 1e7}`;

for (const language of ["de", "en"] as const) {
  test(`what is one's own can be read by everybody (${language})`, async ({ page }) => {
    await signIn(page, logins().helper, language);
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(path);
      await look(page, `mine-${name}-${language}`);
    }
  });
}

test("German says Sie where the organisation does", async ({ page, isMobile }) => {
  test.skip(isMobile, "what is done and said is the same at the desktop");
  await page.route("**/portal/session", async (route) => {
    const answer = await route.fetch();
    const said = await answer.json();
    await route.fulfill({ response: answer, json: answer.ok() ? { ...said, organisation: { ...said.organisation, german: "sie" } } : said });
  });
  await signIn(page, logins().helper, "de", "/me/data");
  await expect(page.getByRole("heading", { name: "Was Kith über Sie aufbewahrt" })).toBeVisible();
});

test("a profile says who sees what, and shows it as others see it", async ({ page, browser }) => {
  const [ada] = await people(browser, "Ada Eigen");
  await signIn(page, ada!.login, "en", "/me");
  await page.getByLabel("Can help with").first().fill("Meeting minutes, Plain language");
  await page.getByLabel("About").first().fill("I have run many meetings.");
  await page.getByLabel("Who sees: About").selectOption("communities");
  await page.getByLabel("Languages", { exact: true }).selectOption("da");
  await page.getByLabel("Languages", { exact: true }).selectOption("de");
  await page.getByRole("button", { name: "Remove German" }).click();
  await page.getByLabel("Who sees: E-mail").selectOption("nobody");
  await look(page, "mine-profile-full");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.getByRole("link", { name: "How others see you" }).click();
  await expect(page.getByText("Plain language")).toBeVisible();
  await expect(page.getByText("Danish")).toBeVisible();
  await expect(page.getByText("I have run many meetings.")).toBeHidden();
  await expect(page.getByText(ada!.login)).toBeHidden();
  await page.getByLabel("As seen by").selectOption("communities");
  await expect(page.getByText("I have run many meetings.")).toBeVisible();
  await look(page, "mine-seen");
  // What is shown is what others get.
  const other = await another(browser, false);
  await signIn(other, logins().helper, "en", `/people/${ada!.id}`);
  await expect(other.getByText("Plain language")).toBeVisible();
  await expect(other.getByText("I have run many meetings.")).toBeHidden();
  await other.context().close();
});

test("a language is chosen once, for pages and mail, and on every device", async ({ page, browser, isMobile }) => {
  test.skip(isMobile, "what is done and said is the same at the desktop");
  const [ada] = await people(browser, "Ada Sprache");
  await signIn(page, ada!.login, "en", "/me");
  await page.getByLabel("Language", { exact: true }).selectOption("de");
  await expect(page.getByRole("heading", { name: "Sprache und Darstellung" })).toBeVisible();
  const other = await another(browser, false);
  await signIn(other, ada!.login, "de", "/me"); // it is German already: nothing is set
  await expect(other.getByRole("heading", { name: "Sprache und Darstellung" })).toBeVisible();
  await other.context().close();
});

test("what is heard of is chosen by keyboard, and outlives a change from elsewhere", async ({ page, browser, isMobile }) => {
  test.skip(isMobile, "a phone has no keys");
  const [ada] = await people(browser, "Ada Hören");
  await signIn(page, ada!.login, "en", "/me/notifications");
  const thanks = page.getByLabel("By mail: Somebody says thank you");
  await expect(thanks).not.toBeChecked();
  await page.getByLabel("By mail: An answer of yours is accepted").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(thanks).toBeFocused();
  await page.keyboard.press("Space");
  await expect(page.getByText("Saved.")).toBeVisible();
  await expect(thanks).toBeChecked();
  await expect(thanks).toBeFocused();
  // Another device silences a kind; this page does not know yet.
  const { rules } = await act<{ rules: object[] }>(page, "GET", "notification/preferences");
  expect(rules).toEqual([{ kind: "thanked", inbox: true, mail: true }]);
  const tag = (await page.request.get("/api/notification/preferences", { headers: { "X-Kith": "1" } })).headers()["etag"] ?? "";
  await act(page, "PUT", "notification/preferences", { rules: [...rules, { kind: "response", inbox: true, mail: false }] }, { "If-Match": tag });
  await page.getByLabel("In the inbox: Somebody joins").click();
  await expect(page.getByLabel("In the inbox: Somebody joins")).not.toBeChecked();
  await expect(page.getByLabel("By mail: Somebody answers your request")).not.toBeChecked();
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("one community is silenced, and the rest is as it was", async ({ page, browser }) => {
  const [ada] = await people(browser, "Ada Ruhe");
  await signIn(page, ada!.login, "de");
  const name = `Ruhige Runde ${unique()}`;
  await found(page, name);
  await page.goto("/me/notifications");
  await page.getByLabel("Wo", { exact: true }).selectOption({ label: name });
  await page.getByRole("button", { name: "Nichts aus dieser Community" }).click();
  await expect(page.getByText("Von hier wird nichts gemeldet.")).toBeVisible();
  await expect(page.getByLabel("Im Eingang: Jemand tritt bei")).not.toBeChecked();
  await look(page, "mine-silenced");
  await page.getByLabel("Wo", { exact: true }).selectOption("");
  await expect(page.getByLabel("Im Eingang: Jemand tritt bei")).toBeChecked();
});

test("a newcomer chooses a buddy, who agrees, and either can end it", async ({ page, browser, isMobile }) => {
  const [host, newcomer] = await people(browser, "Hanna Gastfreund", "Neo Anfang");
  await signIn(page, host!.login, "en", "/me/meeting");
  const community = await found(page, `Round of beginners ${unique()}`);
  await page.reload();
  await page.getByText("In all my communities").click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await look(page, "mine-wishes");

  const other = await another(browser, isMobile);
  await signIn(other, newcomer!.login, "de");
  await act(other, "POST", `membership/communities/${community}/join`, {});
  await other.goto("/");
  await expect(other.getByRole("heading", { name: "Wer soll dich am Anfang begleiten?" })).toBeVisible();
  await expect(other.getByText("arbeitet in einem anderen Bereich")).toBeVisible();
  await look(other, "mine-buddy-suggested");
  await other.getByRole("button", { name: "Hanna Gastfreund fragen" }).click();
  await expect(other.getByRole("heading", { name: /Begleiten|begleiten/ })).toHaveCount(0); // it is the host's turn

  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Neo Anfang is new and would like you as buddy" })).toBeVisible();
  await look(page, "mine-buddy-asked");
  await page.getByRole("button", { name: "Gladly" }).click();
  await expect(page.getByRole("button", { name: "Gladly" })).toHaveCount(0);

  await other.goto("/me/meeting");
  await expect(other.getByRole("heading", { name: "Hanna Gastfreund begleitet dich" })).toBeVisible();
  await look(other, "mine-buddy-agreed");
  await other.getByRole("button", { name: "Begleitung beenden" }).click();
  // The question has the focus; to say yes to it is a step of its own.
  await expect(other.getByRole("group", { name: "Begleitung beenden" })).toBeFocused();
  await other.keyboard.press("Tab");
  await expect(other.getByRole("button", { name: "Ja, beenden" })).toBeFocused();
  await other.keyboard.press("Enter");
  await expect(other.getByRole("heading", { name: "Hanna Gastfreund begleitet dich" })).toHaveCount(0);
  await other.context().close();
});

test("two people are introduced, and say what came of it", async ({ page, browser, isMobile }) => {
  test.skip(isMobile, "there is one round a week; what a phone shows is looked at here");
  const [ada, bob] = await people(browser, "Ada Treffen", "Bob Treffen");
  for (const one of [bob!, ada!]) {
    await signIn(page, one.login, "en", "/me/meeting");
    await page.getByLabel("Be introduced to somebody from another unit").selectOption("weekly");
    await expect(page.getByText("Saved.")).toBeVisible();
  }
  const admin = await another(browser, false);
  await signIn(admin, logins().admin, "en", "/me");
  await act(admin, "POST", "matching/introductions/rounds");
  await admin.context().close();
  await expect.poll(async () => (await act<{ items: unknown[] }>(page, "GET", "matching/me/introductions")).items.length, { timeout: 200_000 }).toBe(1);
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Meet Bob Treffen" })).toBeVisible();
  await look(page, "mine-introduced");
  const size = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  await look(page, "mine-introduced-narrow");
  if (size) await page.setViewportSize(size);
  await page.getByRole("button", { name: "We met" }).click();
  await expect(page.getByRole("heading", { name: "Meet Bob Treffen" })).toHaveCount(0);
  await page.goto("/me/meeting");
  await expect(page.getByText("you met")).toBeVisible();
});

test("a token is made, shown once, used, and revoked", async ({ page, browser, playwright }) => {
  const [ada] = await people(browser, "Ada Schlüssel");
  await signIn(page, ada!.login, "en", "/me/access");
  await page.getByRole("button", { name: "Make a token" }).click();
  await expect(page.getByText("Please give it a name")).toBeVisible();
  await page.getByLabel("What is it for?").fill("Calendar script");
  await page.getByLabel("Valid for").selectOption("30");
  await page.getByRole("button", { name: "Make a token" }).click();
  const token = (await page.locator(".issued code").textContent()) ?? "";
  await look(page, "mine-token");
  const program = await playwright.request.newContext({ baseURL: process.env.KITH_URL ?? "", extraHTTPHeaders: { Authorization: `Bearer ${token}` } });
  await expect.poll(async () => (await program.get("/api/membership/me")).status()).toBe(200);
  await page.reload();
  await expect(page.getByText("Calendar script")).toBeVisible();
  await expect(page.locator(".issued")).toHaveCount(0);
  await page.getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByRole("button", { name: "Yes, revoke" }).click();
  await expect(page.getByText("No program acts for you.")).toBeVisible();
  await expect.poll(async () => (await program.get("/api/membership/me")).status()).toBe(401);
  await program.dispose();
});

test("who ends all sessions is signed out in every browser", async ({ page, browser }) => {
  const [ada] = await people(browser, "Ada Überall");
  const other = await another(browser, false);
  await signIn(other, ada!.login, "en");
  await signIn(page, ada!.login, "en", "/me/access");
  await page.getByRole("button", { name: "End all sessions" }).click();
  await look(page, "mine-end-all");
  await page.getByRole("button", { name: "Yes, everywhere" }).click();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await other.reload();
  await expect(other.getByRole("link", { name: "Sign in" })).toBeVisible();
  await other.context().close();
});

test("one's data is taken along after agreeing", async ({ page, browser }) => {
  const [ada] = await people(browser, "Ada Mitnahme");
  await signIn(page, ada!.login, "en", "/me/data");
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "Agree and download" }).click();
  const file = await coming;
  expect(file.suggestedFilename()).toBe("my-data.zip");
  const bytes = await readFile(await file.path());
  expect(bytes.subarray(0, 2).toString()).toBe("PK");
  expect(bytes.includes("my-data.json") && bytes.includes("my-data.html")).toBe(true);
  await expect(page.getByText("You agreed. Until")).toBeVisible();
  await look(page, "mine-taken");
});

test("somebody erases themself, knowing what becomes of what they host", async ({ page, browser, isMobile }) => {
  const [ada] = await people(browser, "Ada Abschied");
  await signIn(page, ada!.login, "de");
  const name = `Verwaiste Runde ${unique()}`;
  await found(page, name);
  await page.goto("/me/data");
  await page.getByRole("link", { name: "Was Löschen bedeutet" }).click();
  await expect(page.getByRole("link", { name })).toBeVisible();
  await page.getByRole("button", { name: "Mich löschen" }).click();
  await expect(page.getByText("Bitte auswählen, was mit den Texten geschieht.")).toBeVisible();
  await page.getByText("Die Texte verschwinden auch.").click();
  await page.getByLabel("Zur Bestätigung").fill("ada");
  await page.getByRole("button", { name: "Mich löschen" }).click();
  await expect(page.getByText("Bitte eingeben: Ada Abschied")).toBeVisible();
  await look(page, "mine-erase");
  await page.getByLabel("Zur Bestätigung").fill("Ada Abschied");
  await page.getByRole("button", { name: "Mich löschen" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Hier ist alles vergessen" })).toBeVisible();
  await expect(page.getByText("Auch das Geschriebene kann niemand mehr lesen.")).toBeVisible();
  await look(page, "mine-erased");
  const other = await another(browser, isMobile);
  await signIn(other, logins().helper, "de", `/people/${ada!.id}`);
  await expect(other.getByRole("heading", { level: 1, name: "Ehemaliges Mitglied" })).toBeVisible();
  await other.context().close();
});

test("three first steps follow what is done, and go away", async ({ page, browser }) => {
  const [ada, bob] = await people(browser, "Ada Anfang", "Bob Anfang");
  await signIn(page, ada!.login, "en");
  const steps = page.getByRole("region", { name: "First steps" });
  await expect(steps.getByText("done", { exact: true })).toHaveCount(0);
  await look(page, "mine-first-none");
  await steps.getByRole("link", { name: "Fill in the profile" }).click();
  await page.getByLabel("Can help with").first().fill("Minutes");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.goto("/");
  await expect(steps.getByText("done", { exact: true })).toHaveCount(1);
  await found(page, `First steps ${unique()}`);
  await page.goto("/");
  await expect(steps.getByText("done", { exact: true })).toHaveCount(2);
  await look(page, "mine-first-two");
  // Somebody who has begun sees first what waits for them.
  const asks = await another(browser, false);
  await signIn(asks, bob!.login, "en");
  const inviting = await found(asks, `Inviting ${unique()}`);
  await act(asks, "POST", `membership/communities/${inviting}/invitations`, { person: ada!.id });
  await asks.context().close();
  await page.goto("/");
  const invitations = page.getByRole("region", { name: "You are invited" });
  await expect(invitations).toBeVisible();
  await expect(steps).toBeVisible();
  expect(await invitations.evaluate((e) => e.compareDocumentPosition(document.querySelector("ol.steps")!) & Node.DOCUMENT_POSITION_FOLLOWING)).toBeTruthy();
  await steps.getByRole("link", { name: "Ask for help" }).click();
  await page.getByLabel("What are you stuck on").fill(`Which room has a whiteboard? ${unique()}`);
  await page.getByText("Where do I find").click();
  await page.getByLabel("What is it needed for").fill("A workshop.");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: /whiteboard/ })).toBeVisible();
  await page.goto("/");
  await settled(page);
  await expect(page.getByRole("heading", { name: "Yours" })).toBeVisible();
  await expect(steps).toHaveCount(0);
});

test("the inbox is read by keyboard, and says why and where to change it", async ({ page, browser, isMobile }) => {
  test.skip(isMobile, "a phone has no keys");
  const [ada, bob, eve] = await people(browser, "Ada Eingang", "Bob Eingang", "Eve Eingang");
  await signIn(page, ada!.login, "en");
  const busy = await found(page, `Busy round ${unique()}`);
  const quiet = await found(page, `Quiet round ${unique()}`); // who joins one community on a day is one row
  for (const { login, community } of [{ login: bob!.login, community: busy }, { login: eve!.login, community: quiet }]) {
    const other = await another(browser, false);
    await signIn(other, login, "en", "/me");
    await act(other, "POST", `membership/communities/${community}/join`, {});
    await other.context().close();
  }
  await page.goto("/inbox");
  await expect(page.locator("main .unread")).toHaveCount(2);
  await look(page, "mine-inbox");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("e");
  await expect(page.locator("main .unread")).toHaveCount(1);
  await expect(page.locator("main .read a").first()).toBeFocused();
  await page.getByLabel("Only unread").check();
  await expect(page.locator("main [data-row]")).toHaveCount(1);
  await page.getByRole("link", { name: /Why: You are host/ }).click();
  await expect(page).toHaveURL(/notifications\?kind=member_joined&community=/);
  await expect(page.getByLabel("In the inbox: Somebody joins")).toBeFocused();
  await look(page, "mine-why");
  await page.goto("/inbox");
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await expect(page.locator("main .unread")).toHaveCount(0);
  await page.getByLabel("Only unread").check();
  await expect(page.getByText("Everything has been read.")).toBeVisible();
});
