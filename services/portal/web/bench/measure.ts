import type { Page } from "@playwright/test";

/** Prints a figure as a line for programs; limit is what it should not exceed. */
export function report(name: string, value: number, unit: string, limit?: number): void {
  console.log(`BENCH name=portal_${name} value=${Number(value.toFixed(1))} unit=${unit}${limit === undefined ? "" : ` limit=${limit}`}`);
}

/** Prints the median and the 95th percentile of some figures (nearest rank). */
export function reportMany(name: string, values: number[], unit: string, limit?: number): void {
  report(`${name}_p50`, percentile(values, 50), unit);
  report(`${name}_p95`, percentile(values, 95), unit, limit);
}

export function percentile(values: number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? NaN;
}

/** Says on the terminal what is being done. */
export function progress(what: string, done: number, of: number): void {
  const last = done === of;
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${last ? "" : `${what} ${done}${of < Infinity ? `/${of}` : ""}`}`);
  else if (last) process.stderr.write(`${what} ${of}\n`);
}

/** Bytes that the network carried since, compressed and with headers: files of the application, and answers of the services. */
export async function transfers(page: Page): Promise<{ files: number; data: number; calls: number }> {
  const sum = { files: 0, data: 0, calls: 0 };
  const client = await page.context().newCDPSession(page);
  const services = new Set<string>();
  await client.send("Network.enable");
  client.on("Network.requestWillBeSent", ({ requestId, request }) => {
    if (/\/(api|portal)\//.test(new URL(request.url).pathname)) services.add(requestId);
  });
  client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    sum[services.has(requestId) ? "data" : "files"] += encodedDataLength;
    if (services.has(requestId)) sum.calls++;
  });
  return sum;
}

/** When the first row of the page was there, in ms since the navigation began. For addInitScript. */
export function watchFirstRow(): void {
  const watch = new MutationObserver(() => {
    if (!document.querySelector("main [data-row]")) return;
    watch.disconnect();
    requestAnimationFrame(() => (document.documentElement.dataset.firstRow = String(performance.now())));
  });
  watch.observe(document, { childList: true, subtree: true });
}

/** Presses a link as a person does and returns the ms until the first row of the next page is painted. */
export async function walk(page: Page, link: string): Promise<number> {
  await page.evaluate(() => {
    const root = document.documentElement;
    const before = document.querySelector("main .page");
    delete root.dataset.walked;
    addEventListener(
      "click",
      () => {
        const began = performance.now();
        const look = () => {
          const now = document.querySelector("main .page");
          if (now && now !== before && now.querySelector("[data-row]")) root.dataset.walked = String(performance.now() - began);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      },
      { once: true, capture: true },
    );
  });
  await page.locator(`nav.rail a[href="${link}"]`).last().click();
  const walked = page.locator("html[data-walked]");
  await walked.waitFor({ state: "attached" });
  return Number(await walked.getAttribute("data-walked"));
}
