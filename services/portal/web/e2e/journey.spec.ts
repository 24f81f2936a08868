import { expect, logins, look, settled, signIn, test } from "./kith";

const words = {
  de: {
    text: "Wo hakt es", kind: "gemeinsam nachdenken", helpers: "Wir würden fragen", tried: "Was wurde schon versucht", ask: "Fragen", can: "Ich kann helfen",
    answer: "Antwort schreiben", send: "Antworten", helps: "Das hilft", accepted: "Angenommen", thank: "Danke sagen", note: "Was hat es bewirkt", thanks: "Danken",
  },
  en: {
    text: "What are you stuck on", kind: "think together", helpers: "We would ask", tried: "What have you tried", ask: "Ask", can: "I can help",
    answer: "Your answer", send: "Answer", helps: "This helps", accepted: "Accepted", thank: "Say thank you", note: "What did it change", thanks: "Thank",
  },
};

for (const language of ["de", "en"] as const) {
  test(`somebody asks, is helped, accepts and thanks (${language})`, async ({ page, browser }) => {
    const w = words[language];
    // Close to something that the demo has, and new with every run.
    const title = `Wie bewerten wir die Qualität des Konzepts als Zuschlagskriterium neben dem Preis? (${Date.now() % 1e6})`;
    await signIn(page, logins().newcomer, language, "/ask");
    await page.getByLabel(w.text).fill(title);
    await page.getByText(w.kind).click();
    await page.getByLabel(w.tried).fill("Wir haben die Vorlagen der Nachbargemeinden gelesen.");
    await expect(page.locator(".earlier li").first()).toBeVisible();
    await page.locator(".earlier button").first().click(); // it opens beside the text
    await expect(page.locator("aside").getByRole("heading").first()).toBeVisible();
    await expect(page.getByRole("region", { name: w.helpers }).getByRole("link").first()).toBeVisible();
    await look(page, `ask-${language}`);
    await page.reload(); // what was typed is still there
    await expect(page.getByLabel(w.text)).toHaveValue(title);
    await page.getByRole("button", { name: w.ask, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
    const address = new URL(page.url()).pathname;

    const other = await browser.newContext({ ...(test.info().project.use.isMobile ? { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true } : {}), baseURL: process.env.KITH_URL ?? "" });
    const helper = await other.newPage();
    await signIn(helper, logins().helper, language, address);
    await helper.getByRole("button", { name: w.can }).click();
    await helper.getByLabel(w.answer).fill("Im Handbuch steht dazu ein ganzes Kapitel.\n\nWir sprechen das gern gemeinsam durch.");
    await helper.getByRole("button", { name: w.send, exact: true }).click();
    await expect(helper.getByRole("article")).toContainText("Kapitel");
    await other.close();

    // It comes by itself: the page was not loaded again.
    await page.getByRole("button", { name: w.helps }).click();
    await expect(page.getByRole("article")).toContainText(w.accepted);
    await page.getByRole("button", { name: w.thank }).click();
    await page.getByLabel(w.note).fill("Morgen geht es weiter.");
    await page.getByRole("button", { name: w.thanks, exact: true }).click();
    await expect(page.getByRole("article").locator("blockquote")).toContainText("Morgen geht es weiter.");
    await settled(page);
    await look(page, `request-${language}`);
  });
}
