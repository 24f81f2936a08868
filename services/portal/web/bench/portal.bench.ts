import { logins, settled, signIn, test } from "../e2e/kith";
import { percentile, progress, report, reportMany, transfers, walk, watchFirstRow } from "./measure";

const runs = Number(process.env.RUNS ?? 20);
const places = { home: "/", requests: "/requests", communities: "/communities", people: "/people", inbox: "/inbox" };
const addresses = Object.entries(places);

test("first load and first rows, with nothing in the cache", async ({ browser, page, baseURL }) => {
  await signIn(page, logins().helper, "de");
  const storageState = await page.context().storageState();
  let first = { files: 0, data: 0, calls: 0 };
  for (const [name, path] of addresses) {
    const times: number[] = [];
    let calls = 0;
    for (let run = 1; run <= runs; run++) {
      const context = await browser.newContext({ storageState, baseURL: baseURL ?? "" });
      const cold = await context.newPage();
      await cold.addInitScript(watchFirstRow);
      const sum = await transfers(cold);
      await cold.goto(path);
      const row = cold.locator("html[data-first-row]");
      await row.waitFor({ state: "attached" });
      times.push(Number(await row.getAttribute("data-first-row")));
      await settled(cold);
      calls = sum.calls;
      if (name === "home") first = sum;
      await context.close();
      progress(`cold ${name}`, run, runs);
    }
    if (name === "home") {
      report("first_load", first.files / 1000, "kB", 250);
      report("first_load_data", first.data / 1000, "kB");
    }
    reportMany(`cold_${name}`, times, "ms");
    report(`calls_${name}`, calls, "requests");
  }
});

test("going from page to page", async ({ page }) => {
  await signIn(page, logins().helper, "de", "/ask");
  const times = new Map<string, number[]>(addresses.map(([name]) => [name, []]));
  for (let run = 0; run <= runs; run++) {
    for (const [name, path] of addresses) {
      const time = await walk(page, path);
      if (run > 0) times.get(name)?.push(time); // the first round fetches pages and data
    }
    if (run > 0) progress("warm", run, runs);
  }
  for (const [name, list] of times) reportMany(`warm_${name}`, list, "ms", 100);
});

test("typing a question", async ({ page }) => {
  await signIn(page, logins().newcomer, "de", "/ask");
  await page.evaluate(() => {
    const longest = new Map<number, number>(); // by interaction, as INP has it
    Object.assign(window, { longest });
    new PerformanceObserver((list) => {
      for (const e of list.getEntries() as (PerformanceEntry & { interactionId: number })[])
        if (e.interactionId) longest.set(e.interactionId, Math.max(longest.get(e.interactionId) ?? 0, e.duration));
    }).observe({ type: "event", durationThreshold: 16, buffered: true } as PerformanceObserverInit);
  });
  // Keys that every layout has.
  const text = "Wie bewerten wir ein Konzept als Zuschlagskriterium neben dem Preis, wenn die Angebote weit auseinander liegen und alle mitreden";
  const box = page.locator("main textarea").first();
  await box.click();
  for (const [i, letter] of [...text].entries()) {
    await box.press(letter === " " ? "Space" : letter, { delay: 20 });
    progress("letters", i + 1, text.length);
  }
  await page.locator(".earlier li").first().waitFor();
  // What took less than 16 ms is not told; there is no figure for it but that.
  const slow = await page.evaluate(() => [...(window as unknown as { longest: Map<number, number> }).longest.values()]);
  const all = [...slow, ...Array<number>(Math.max(0, text.length - slow.length)).fill(16)];
  reportMany("typing", all, "ms", 200);
  report("typing_worst", Math.max(...all), "ms", 200);
});

test("scrolling through a long list", async ({ page }) => {
  await signIn(page, logins().helper, "de", "/people");
  const last = page.locator("main [data-row]").last();
  let pages = 1;
  for (; (await last.getAttribute("aria-setsize")) === "-1"; pages++) {
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await page.waitForFunction((h) => document.documentElement.scrollHeight > h || document.querySelector("main [data-row]:last-child")?.getAttribute("aria-setsize") !== "-1", height);
    progress("pages of people", pages, Infinity);
  }
  progress("pages of people", pages, pages);
  report("scroll_rows", Number(await last.getAttribute("aria-setsize")), "rows");
  await page.evaluate(() => scrollTo(0, 0));
  await page.mouse.move(640, 400);
  await page.evaluate(() => {
    const frames: number[] = [];
    Object.assign(window, { frames });
    let before = performance.now();
    const frame = (now: number) => {
      frames.push(now - before);
      before = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  const turns = 300;
  for (let turn = 1; turn <= turns; turn++) {
    await page.mouse.wheel(0, 400); // about six rows
    progress("turns of the wheel", turn, turns);
  }
  const frames = await page.evaluate(() => (window as unknown as { frames: number[] }).frames);
  reportMany("scroll_frame", frames, "ms", 50);
  report("scroll_frames", frames.length, "frames");
  report("scroll_frames_over_50ms", frames.filter((f) => f > 50).length, "frames");
  report("scroll_frame_worst", percentile(frames, 100), "ms");
});
