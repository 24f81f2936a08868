import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(chromium)) throw new Error(`there is no ${chromium}; set CHROMIUM`);

process.env.KITH_PEOPLE ??= "11500";

export default defineConfig({
  testDir: ".",
  testMatch: "*.bench.ts",
  outputDir: "../../../../artefacts/portal/bench",
  globalSetup: "../e2e/setup.ts",
  reporter: [["./reporter.ts"]],
  workers: 1,
  timeout: 30 * 60_000,
  use: {
    actionTimeout: 60_000, // what is not there by then has another name now
    launchOptions: { executablePath: chromium, args: ["--no-sandbox"] },
    viewport: { width: 1280, height: 800 },
  },
});
