import { actor, found, people, settings, unique } from "./hosting";
import { expect, look, settled, signIn, test } from "./kith";

// Several people act one after the other, and each page is looked at twice.
test.describe.configure({ timeout: 300_000 });

const charter = {
  purpose: "Barrieren finden und abbauen, bevor sich jemand an ihnen stößt.",
  vision: "Alle kommen hinein, finden sich zurecht und verstehen, was da steht.",
  objectives: ["Ein Rundgang im Monat", "Eine gemeinsame Liste guter Beispiele"],
  norms: ["Wer betroffen ist, spricht zuerst"],
  stakeholders: [{ name: "Schwerbehindertenvertretung", interest: "dass es nicht bei Papier bleibt" }],
};

const words = {
  de: {
    invite: "Personen einladen", search: "Nach Namen suchen", message: "Ein Wort dazu", send: "2 Personen einladen", sent: "Eingeladen:", withdraw: "zurückziehen", invited: "Du bist eingeladen", accept: "Annehmen", member: "Du bist Mitglied",
    of: "Rolle von", guest: "Zu Gast", save: "Speichern", remove: "Mitgliedschaft beenden", why: "Warum?", ended: "Die Gastgebenden haben deine Mitgliedschaft beendet", people: "Mitglieder",
    changes: "Was sich geändert hat", again: "Diesen Text wieder verwenden", version: "Fassung", stale: "auf Fassung 4 aufbauen", edit: "Charta ändern",
    forming: "Mit dem Aufbau beginnen", active: "Aktiv werden", dormant: "Ruhen lassen", wake: "Wieder aufnehmen", closed: "Community beenden", is: { active: "Aktiv", dormant: "Ruht", closed: "Beendet" },
    meanwhile: "Inzwischen wurden die Einstellungen geändert", take: "Das statt meiner Angabe nehmen", saved: "Gespeichert.", name: "Name", purpose: "Wozu soll sie da sein?",
  },
  en: {
    invite: "Invite people", search: "Search by name", message: "A word to them", send: "Invite 2 people", sent: "Invited:", withdraw: "Withdraw the invitation", invited: "You are invited", accept: "Accept", member: "You are a member",
    of: "Change the role of", guest: "Guest expert", save: "Save", remove: "End the membership", why: "Why?", ended: "A host has ended your membership", people: "People",
    changes: "What changed", again: "Write this text again", version: "Version", stale: "go on from version 4", edit: "Change the charter",
    forming: "Begin forming", active: "Become active", dormant: "Let it rest", wake: "Take it up again", closed: "End the community", is: { active: "Active", dormant: "Dormant", closed: "Closed" },
    meanwhile: "Somebody else has changed the settings", take: "Take this instead of mine", saved: "Saved.", name: "Name", purpose: "What is it for?",
  },
};

for (const language of ["de", "en"] as const) {
  const w = words[language];

  test(`hosts invite, give roles and end a membership, and nobody is made a member (${language})`, async ({ page }) => {
    const [host, guest, other] = await people(["Henrike Gastgeb", unique("Gesine Eingeladen"), unique("Olaf Eingeladen")]);
    if (!host || !guest || !other) throw new Error("nobody is there");
    const api = await actor(host.login);
    const id = await found(api, unique("Barrierefreie Wege"));
    await signIn(page, host.login, language, `/communities/${id}/people`);
    await page.getByRole("button", { name: w.invite }).click();
    for (const p of [guest, other]) {
      await page.getByRole("searchbox", { name: w.search }).fill(p.name);
      await page.locator(".found").getByRole("button", { name: p.name }).click();
    }
    await page.getByLabel(w.message).fill("Wir suchen Menschen, die jeden Tag durch das Haus gehen.");
    await look(page, `hosting-invite-${language}`);
    await page.getByRole("button", { name: w.send }).click();
    await expect(page.getByRole("status").filter({ hasText: w.sent })).toContainText(other.name);
    await expect(page.locator("#invited").getByRole("listitem")).toHaveCount(2);
    await expect(page.locator("#members [data-row]")).toHaveCount(1); // the host alone
    await look(page, `hosting-people-${language}`);
    await page.getByRole("button", { name: w.withdraw }).last().click();
    await expect(page.locator("#invited").getByRole("listitem")).toHaveCount(1);
    await expect(page.locator("#invited h2")).toBeFocused();
    const left = (await page.locator("#invited").textContent())?.includes(guest.name) ? guest : other;

    await signIn(page, left.login, language, "/");
    await expect(page.getByRole("region", { name: w.invited })).toContainText("Barrierefreie Wege");
    await look(page, `hosting-invited-home-${language}`);
    await page.goto("/inbox");
    await expect(page.getByRole("button", { name: new RegExp(`^${w.accept}`) })).toBeVisible();
    await look(page, `hosting-invited-inbox-${language}`);
    await page.goto(`/communities/${id}`);
    await look(page, `hosting-invited-${language}`);
    await page.getByRole("button", { name: w.accept }).click();
    await expect(page.locator(".belonging")).toContainText(w.member);

    await signIn(page, host.login, language, `/communities/${id}/people`);
    await page.getByRole("button", { name: `${w.of} ${left.name}` }).click();
    await page.getByRole("radio", { name: new RegExp(`^${w.guest}`) }).click({ force: true });
    await look(page, `hosting-role-${language}`);
    await page.getByRole("button", { name: w.save }).click();
    await expect(page.getByRole("status").filter({ hasText: left.name })).toContainText(w.guest);
    await page.getByRole("button", { name: `${w.of} ${left.name}` }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: w.remove }).click();
    await dialog.getByRole("button", { name: w.remove }).click(); // without a reason nothing happens
    await dialog.getByRole("textbox").fill("Das Projekt ist zu Ende, danke für alles.");
    await look(page, `hosting-remove-${language}`);
    await dialog.getByRole("button", { name: w.remove }).click();
    await expect(page.locator("#members [data-row]")).toHaveCount(1);
    await expect(page.locator("#members h2")).toBeFocused();
    await signIn(page, left.login, language, `/communities/${id}`);
    await expect(page.getByText(w.ended)).toBeVisible();
    await expect(page.getByText("Das Projekt ist zu Ende")).toBeVisible();
    await look(page, `hosting-removed-${language}`);
  });

  test(`the charter's versions are compared, and an older text comes back as a new one (${language})`, async ({ page }) => {
    const [host] = await people(["Karla Charta"]);
    if (!host) throw new Error("nobody is there");
    const api = await actor(host.login);
    const id = await found(api, unique("Barrieren abbauen"));
    const write = (version: number, text: object) => api.send("PUT", `community/communities/${id}/charter`, text, `"${version}"`);
    await write(0, { ...charter, note: "Erster Entwurf nach dem Auftakt" });
    await write(1, { ...charter, purpose: "Barrieren früh finden und gemeinsam abbauen.", objectives: ["Ein Rundgang im Monat"], note: "Kürzer, nach der Runde im März" });
    await signIn(page, host.login, language, `/communities/${id}/charter`);
    await look(page, `hosting-charter-${language}`);
    await page.getByRole("link", { name: `${w.changes} ${w.version} 2` }).click();
    await expect(page.locator(".diff .prose del").first()).toBeVisible();
    await expect(page.locator(".diff .prose ins").first()).toBeVisible();
    await expect(page.getByRole("heading", { level: 2 }).first()).toBeFocused();
    await look(page, `hosting-diff-${language}`);
    await page.getByRole("link", { name: `${w.version} 1`, exact: true }).click();
    await page.getByRole("button", { name: w.again }).click();
    await page.getByRole("button", { name: w.save }).click();
    await expect(page.getByText(`${w.version} 3`).first()).toBeVisible();
    await expect(page.getByText(charter.purpose)).toBeVisible();

    // Somebody is faster: what they wrote is shown, and what was typed is not lost.
    await page.getByRole("button", { name: w.edit }).click();
    await page.getByRole("textbox").first().fill("Niemand soll vor einer Stufe stehen.");
    await write(3, { ...charter, norms: ["Wer betroffen ist, spricht zuerst", "Wir fassen uns kurz"] });
    await page.getByRole("button", { name: w.save }).click();
    await expect(page.locator("form .diff .prose ins")).toContainText("Wir fassen uns kurz");
    await look(page, `hosting-charter-stale-${language}`);
    await page.getByRole("button", { name: w.stale }).click();
    await expect(page.getByRole("textbox").first()).toHaveValue("Niemand soll vor einer Stufe stehen.");
    await page.getByRole("button", { name: w.save }).click();
    await expect(page.getByText(`${w.version} 5`).first()).toBeVisible();
  });

  test(`a community goes through its life, and settings that changed meanwhile are shown (${language})`, async ({ page }) => {
    const [host] = await people(["Lena Leben"]);
    if (!host) throw new Error("nobody is there");
    const api = await actor(host.login);
    const name = unique("Leichte Sprache");
    const id = await found(api, name);
    await signIn(page, host.login, language, `/communities/${id}`);
    await expect(page.locator(".checklist .open").first()).toBeVisible();
    await look(page, `hosting-checklist-${language}`);
    await page.getByRole("button", { name: w.forming }).click();
    await page.getByLabel(w.why).fill("Die ersten sind da.");
    await page.getByRole("button", { name: w.forming }).click();
    await expect(page.getByRole("button", { name: w.active })).toBeVisible();
    await page.locator(".checklist .open a").first().click();
    await expect(page).toHaveURL(/people$/);

    await page.goto(`/communities/${id}/settings`);
    await page.getByLabel(w.name, { exact: true }).fill(`${name} für alle`);
    await page.getByLabel(w.purpose).fill("Texte so schreiben, dass alle sie verstehen.");
    const { etag } = await api.get(`community/communities/${id}`);
    await api.send("PUT", `community/communities/${id}/settings`, settings(`${name} jetzt`, { joining: "open" }), etag);
    await page.getByRole("button", { name: w.save }).click();
    await expect(page.getByRole("heading", { name: w.meanwhile })).toBeFocused();
    await expect(page.getByLabel(w.purpose)).toHaveValue("Texte so schreiben, dass alle sie verstehen.");
    await look(page, `hosting-meanwhile-${language}`);
    await page.getByRole("button", { name: w.take }).click();
    await page.getByRole("button", { name: w.save }).click();
    await expect(page.getByText(w.saved)).toBeVisible();
    const { data } = await api.get<{ community: object }>(`community/communities/${id}`);
    expect(data.community).toMatchObject({ name: `${name} jetzt`, joining: "open", purpose: "Texte so schreiben, dass alle sie verstehen." });
    await look(page, `hosting-settings-${language}`);

    for (const [step, now] of [[w.active, w.is.active], [w.dormant, w.is.dormant], [w.wake, w.is.active]] as const) {
      await page.getByRole("button", { name: step }).click();
      await page.getByLabel(w.why).fill("Weil es jetzt so ist.");
      await page.locator("#state").getByRole("button", { name: step }).click();
      await expect(page.locator("#state strong")).toHaveText(now);
    }
    await page.getByRole("button", { name: w.closed }).click();
    await page.getByLabel(w.why).fill("Das Ziel ist erreicht.");
    await look(page, `hosting-ending-${language}`);
    await page.locator("#state").getByRole("button", { name: w.closed }).click();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.locator("#state")).toBeHidden();
    await page.goto(`/communities/${id}`);
    await expect(page.locator(".standing")).toContainText("Das Ziel ist erreicht.");
    await settled(page);
    await look(page, `hosting-ended-${language}`);
  });
}

const linking = {
  de: { propose: "Verbindung mit", kind: "Schwestern", why: "Warum? Die dortigen", send: "Vorschlag absenden", waits: "Wartet auf", agree: "Zustimmen", end: "Verbindung beenden", reason: "Warum?", earlier: "Abgelehnte", proposed: "Vorgeschlagen", linked: "Verbunden mit" },
  en: { propose: "Propose a link to", kind: "Sisters", why: "Why? Their", send: "Send the proposal", waits: "Waiting for", agree: "Agree", end: "End the link", reason: "Why?", earlier: "Show what was declined", proposed: "Proposed", linked: "Linked with" },
};

const directory = {
  de: { suggested: "Könnte etwas für dich sein", dismiss: "nicht mehr vorschlagen", none: "Diese Community gibt es nicht", closed: "lesen nur Mitglieder", whose: "Wessen Communities", joining: "Wie wird man Mitglied?", join: "Um Aufnahme bitten", search: "Name, Zweck oder Thema suchen" },
  en: { suggested: "Could be something for you", dismiss: "again", none: "There is no such community", closed: "Only members read", whose: "Whose communities", joining: "How do people join?", join: "Ask to join", search: "Search name, purpose or topic" },
};

for (const language of ["de", "en"] as const) {
  test(`two communities agree on a link that was suggested, and one ends it (${language})`, async ({ page }) => {
    const w = linking[language];
    const [one, two] = await people(["Lisa Links", "Renate Rechts"]);
    if (!one || !two) throw new Error("nobody is there");
    const topics = [unique("Leitsystem"), unique("Induktion")];
    const [a, b] = [unique("Leitsysteme im Rathaus"), unique("Leitsysteme im Klinikum")];
    const [first, second] = [await actor(one.login), await actor(two.login)];
    const id = await found(first, a, { topics });
    const other = await found(second, b, { topics });
    for (const [host, community] of [[first, id], [second, other]] as const) await host.send("POST", `community/communities/${community}/state`, { to: "forming", reason: "Es geht los." });
    await signIn(page, one.login, language, `/communities/${id}/links`);
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole("button", { name: `${w.propose} ${b}` })).toBeVisible({ timeout: 3_000 });
    }).toPass();
    await look(page, `hosting-links-suggested-${language}`);
    await page.getByRole("button", { name: `${w.propose} ${b}` }).click();
    await page.getByRole("radio", { name: new RegExp(w.kind) }).click({ force: true });
    await page.getByRole("button", { name: w.send }).click(); // the reason is missing
    await page.getByLabel(w.why).fill("Wir bauen dasselbe, nur an zwei Orten.");
    await look(page, `hosting-propose-${language}`);
    await page.getByRole("button", { name: w.send }).click();
    await expect(page.getByText(w.waits)).toBeVisible();

    await signIn(page, two.login, language, `/communities/${other}/links`);
    await look(page, `hosting-links-asked-${language}`);
    await page.getByRole("button", { name: new RegExp(`${w.agree}|${a}`) }).first().click();
    await expect(page.getByRole("region", { name: w.linked }).or(page.locator("section", { has: page.getByRole("heading", { name: w.linked }) }))).toContainText(a);
    await page.getByRole("button", { name: new RegExp(a) }).click();
    await page.getByLabel(w.reason).fill("Das Klinikum hat seine eigenen Wege gefunden.");
    await look(page, `hosting-links-${language}`);
    await page.getByRole("button", { name: w.end, exact: true }).click();
    await page.getByRole("button", { name: new RegExp(w.earlier) }).click();
    await expect(page.getByText("Das Klinikum hat seine eigenen Wege gefunden.")).toBeVisible();
    await look(page, `hosting-links-earlier-${language}`);
  });

  test(`the directory suggests, filters, and says what is closed or not there (${language})`, async ({ page }) => {
    const w = directory[language];
    const [host, person] = await people(["Dora Directory", "Sina Sucht"]);
    if (!host || !person) throw new Error("nobody is there");
    const [api, own] = [await actor(host.login), await actor(person.login)];
    const topic = unique("Taktile Pläne");
    const [name, closed] = [unique("Tastbare Karten"), unique("Vertrauliche Runde")];
    const id = await found(api, name, { topics: [topic], joining: "open" });
    const hidden = await found(api, closed, { topics: [topic], visibility: "closed" });
    await api.send("POST", `community/communities/${id}/state`, { to: "forming", reason: "Es geht los." });
    const { data, etag } = await own.get<object>("membership/me/profile");
    await own.send("PUT", "membership/me/profile", { ...data, can_help: [topic] }, etag);
    await signIn(page, person.login, language, "/communities");
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole("button", { name: new RegExp(`${name}.*${w.dismiss}`) })).toBeVisible({ timeout: 3_000 });
    }).toPass();
    await look(page, `hosting-directory-${language}`);
    await page.getByRole("button", { name: new RegExp(`${name}.*${w.dismiss}`) }).click();
    await expect(page.getByRole("button", { name: new RegExp(`${name}.*${w.dismiss}`) })).toBeHidden();

    await page.goto(`/communities/${id}`);
    await page.getByRole("link", { name: topic }).click(); // leads to all with this topic
    await expect(page.getByRole("link", { name: closed })).toBeVisible();
    await expect(page.locator("main .rows > li")).toHaveCount(2);
    await page.getByLabel(w.joining).selectOption("open");
    await expect(page.locator("main .rows > li")).toHaveCount(1);
    await look(page, `hosting-filtered-${language}`);
    await page.getByLabel(w.whose).selectOption("mine");
    await expect(page.locator("main .rows")).toBeHidden();
    await page.goto("/communities?whose=mine");
    await expect(page.locator("main .rows")).toBeHidden();

    await page.goto(`/communities/${hidden}`);
    await expect(page.getByText(w.closed)).toBeVisible();
    await expect(page.getByRole("button", { name: w.join })).toBeVisible();
    await look(page, `hosting-closed-${language}`);
    await page.goto(`/communities/${hidden}/people`);
    await expect(page.getByText(w.closed)).toBeVisible();
    await page.goto("/communities/gibt-es-nicht");
    await expect(page.getByRole("heading", { level: 1, name: w.none })).toBeVisible();
    await look(page, `hosting-missing-${language}`);
  });
}

test("a community whose host leaves is taken over, by the core first", async ({ page }) => {
  const [host, core, member] = await people(["Hanna Host", "Kora Kern", "Mia Mitglied"]);
  if (!host || !core || !member) throw new Error("nobody is there");
  const api = await actor(host.login);
  const id = await found(api, unique("Ohne Gastgeberin"), { joining: "open" });
  for (const p of [core, member]) await (await actor(p.login)).send("POST", `membership/communities/${id}/join`, {});
  await api.send("POST", `membership/communities/${id}/members/${core.id}/role`, { role: "core" });
  await signIn(page, host.login, "de", `/communities/${id}`);
  await page.getByRole("button", { name: "Verlassen", exact: true }).click();
  await expect(page.getByText("wird der Kern gefragt")).toBeVisible();
  await page.getByRole("button", { name: "Ja, verlassen" }).click();
  await expect(page.getByRole("button", { name: "Beitreten" })).toBeVisible();

  await signIn(page, member.login, "de", `/communities/${id}`);
  await expect(async () => {
    await page.reload();
    await expect(page.getByText("Zuerst ist der Kern gefragt.")).toBeVisible({ timeout: 3_000 });
  }).toPass();
  await expect(page.getByRole("button", { name: "Gastgeberrolle übernehmen" })).toBeHidden();
  await signIn(page, core.login, "de", `/communities/${id}`);
  await look(page, "hosting-hostless");
  await page.getByRole("button", { name: "Gastgeberrolle übernehmen" }).click();
  await expect(page.locator(".belonging")).toContainText("Du hast die Gastgeberrolle");
});

test("an invitation is written and answered with the keyboard alone", async ({ page, isMobile }) => {
  test.skip(isMobile, "a phone has no keys");
  const [host, guest] = await people(["Tina Taste", unique("Eda Eingabe")]);
  if (!host || !guest) throw new Error("nobody is there");
  const id = await found(await actor(host.login), unique("Nur mit Tasten"));
  const focused = page.locator(":focus");
  const tab = async (name: RegExp) => {
    await expect(async () => {
      await page.keyboard.press("Tab");
      await expect(focused).toHaveAccessibleName(name, { timeout: 100 });
    }).toPass({ intervals: [0] });
  };
  await signIn(page, host.login, "en", `/communities/${id}/people`);
  await tab(/^Invite people$/);
  await page.keyboard.press("Enter");
  await tab(/^Search by name$/);
  await page.keyboard.type(guest.name);
  await expect(page.locator(".found")).toContainText(guest.name);
  const indent = await page.locator(".found button").first().evaluate((b) => (b.querySelector("strong")?.getBoundingClientRect().left ?? Infinity) - b.getBoundingClientRect().left);
  expect(indent, "names stand one below the other").toBeLessThan(24);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await tab(/^Invite one person$/);
  await page.keyboard.press("Enter");
  await expect(page.getByText(`Invited: ${guest.name}.`)).toBeVisible();
  await expect(page.getByRole("button", { name: "Invite people" })).toBeFocused();

  await signIn(page, guest.login, "en", "/");
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await expect(page.getByRole("button", { name: /^Accept/ })).toBeVisible();
  await page.keyboard.press("j"); // the first row is the invitation
  await expect(focused).toHaveAccessibleName(/Nur mit Tasten/);
  await tab(/^Accept/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /^Accept/ })).toBeHidden();
  await page.goto(`/communities/${id}`);
  await expect(page.getByText("You are a member").first()).toBeVisible();
});

test("a list of a thousand has only what is on the screen in it", async ({ page }) => {
  const [host] = await people(["Greta Groß"]);
  if (!host) throw new Error("nobody is there");
  const id = await found(await actor(host.login), unique("Eine sehr große"));
  // The service answers as it would for 1,000 members.
  const roles = (n: number) => (n < 3 ? "host" : n < 40 ? "core" : "member");
  await page.route(`**/communities/${id}/members?*`, (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
    const items = Array.from({ length: 100 }, (_, i) => ({ person: `p${from + i}`, name: `Person Nummer ${from + i}`, role: roles(from + i), since: "2026-01-01T00:00:00Z" }));
    return route.fulfill({ json: { items, ...(from + 100 < 1000 && { next: String(from + 100) }) } });
  });
  await signIn(page, host.login, "de", `/communities/${id}/people`);
  await expect(page.getByText("Person Nummer 0", { exact: true })).toBeVisible();
  await look(page, "hosting-many");
  await expect(async () => {
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await expect(page.getByText("Person Nummer 999")).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 120_000 });
  expect(await page.locator("#members li").count()).toBeLessThan(60);
});
