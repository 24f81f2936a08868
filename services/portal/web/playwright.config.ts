import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(chromium)) throw new Error(`there is no ${chromium}; set CHROMIUM`);

const artefacts = "../../../artefacts/portal";

export default defineConfig({
  testDir: "e2e",
  outputDir: `${artefacts}/results`,
  globalSetup: "./e2e/setup.ts",
  reporter: [["list"]],
  // The journey is told in order, and everything runs against one Kith.
  workers: 1,
  // One that fails and then passes is told of as FLAKY: it is to be mended.
  retries: process.env.CI ? 1 : 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  use: {
    launchOptions: { executablePath: chromium, args: ["--no-sandbox"] },
    actionTimeout: 20_000,
    trace: "retain-on-failure",
  },
  projects: [
    { name: "desktop", use: { viewport: { width: 1280, height: 800 } } },
    { name: "phone", use: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 } },
  ],
});
