import { expect, type Locator, type Page } from "@playwright/test";

interface Focus {
  what: string;
  wrong: string[];
}

/** What has the focus, and what is wrong with that: nothing, or nobody sees it. */
function focused(page: Page): Promise<Focus> {
  return page.evaluate(() => {
    const e = document.activeElement as HTMLElement | null;
    if (!e || e === document.body) return { what: "nothing", wrong: ["the focus is lost"] };
    const what = e.outerHTML.slice(0, 160);
    // Where a page begins its headline has the focus: nothing that is operated.
    if (e.matches("h1[tabindex='-1']")) return { what, wrong: [] };
    const shown = e.closest<HTMLElement>("label.choice") ?? e; // a radio button is drawn by its label
    const wrong: string[] = [];
    const r = shown.getBoundingClientRect();
    if (!shown.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || r.width < 2 || r.height < 2) wrong.push("it is not visible");
    // Not hidden by something that lies over it (2.4.11): some part of it is on top.
    const over = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => document.elementFromPoint(r.left + r.width * x, r.top + r.height * y)));
    if (!over.some((o) => o && (shown.contains(o) || o.contains(shown)) && o !== document.documentElement)) wrong.push("it is off the screen or covered");
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(shown);
    const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1 && !/(, 0\)|transparent)$/.test(outlineColor);
    if (!outlined && boxShadow === "none") wrong.push("nothing shows that it has the focus");
    return { what, wrong };
  });
}

/** That the focus is on something that can be seen to have it. */
export async function expectFocus(page: Page): Promise<void> {
  await expect
    .poll(async () => {
      const { what, wrong } = await focused(page);
      return wrong.map((w) => `${w}: ${what}`);
    })
    .toEqual([]);
}

/** Somebody with a keyboard and nothing else. After each step the focus is somewhere, and can be seen. */
export class Keyboard {
  constructor(readonly page: Page) {}

  /** Presses a key, waits for what it brings about, and looks where the focus is. */
  async press(key: string, brings?: Locator): Promise<void> {
    await this.page.keyboard.press(key);
    if (brings) await expect(brings).toBeVisible();
    await expectFocus(this.page);
  }

  /** Types into what has the focus. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.insertText(text);
    await expectFocus(this.page);
  }

  /** Goes on with Tab until the focus is on something; it must be within reach. */
  async to(target: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
    await expect(target).toBeVisible();
    const has = () => target.evaluate((e) => e === document.activeElement);
    const way: string[] = [];
    for (let steps = 0; steps < 120; steps++) {
      if (await has()) return expectFocus(this.page);
      await this.page.keyboard.press(key);
      const { what, wrong } = await focused(this.page);
      way.push(what);
      // After the last element of a page comes the browser itself.
      if (what !== "nothing") expect(wrong, what).toEqual([]);
    }
    expect(way, `Tab does not lead to ${target}`).toEqual([]);
  }

  /** Goes to a field and types over what is in it. */
  async fill(field: Locator, text: string): Promise<void> {
    await this.to(field);
    await this.page.keyboard.press("Control+a");
    await this.type(text);
    await expect(field).toHaveValue(text);
  }

  /** Goes to a button or link and presses Enter. */
  async activate(target: Locator, brings?: Locator): Promise<void> {
    await this.to(target);
    await this.press("Enter", brings);
  }
}
