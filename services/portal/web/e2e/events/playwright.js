import { relative } from "node:path";
import { ended, fileEnded } from "./events.js";

const nameOf = (test) => `portal/e2e/${test.parent.project().name}/${relative(test.parent.project().testDir, test.location.file)}`;
const outcome = { passed: "pass", skipped: "skip" };

/** Reports the tests in a browser as events, and closes with how many there were. */
export default class Events {
  files = new Map();
  counts = { passed: 0, failed: 0, skipped: 0 };

  onBegin(_, suite) {
    for (const test of suite.allTests()) {
      const file = this.files.get(nameOf(test)) ?? { left: 0, failed: false, seconds: 0 };
      file.left++;
      this.files.set(nameOf(test), file);
    }
  }

  onTestEnd(test, result) {
    const name = nameOf(test);
    const file = this.files.get(name);
    const action = outcome[result.status] ?? "fail";
    const said = result.errors.map((e) => [e.stack ?? e.message ?? e.value, e.snippet].filter(Boolean).join("\n")).join("\n");
    if (action === "fail" && result.retry < test.retries) {
      process.stdout.write(`FLAKY or broken, tried again: ${name}: ${test.title}\n${said.replace(/^/gm, "    ")}\n`);
      return;
    }
    ended(name, test.title, action, said);
    this.counts[action === "pass" ? "passed" : action === "skip" ? "skipped" : "failed"]++;
    file.failed ||= action === "fail";
    file.seconds += result.duration / 1000;
    if (--file.left === 0) this.close(name, file);
  }

  close(name, file) {
    this.files.delete(name);
    fileEnded(name, file.failed, file.seconds);
  }

  onError(error) {
    process.stdout.write(`${error.stack ?? error.message ?? error.value}\n`);
  }

  onEnd({ duration }) {
    for (const [name, file] of this.files) this.close(name, { ...file, failed: true }); // it was never begun
    const { passed, failed, skipped } = this.counts;
    process.stdout.write(`the portal in a browser: ${passed} passed, ${failed} failed, ${skipped} skipped (${Math.round(duration / 1000)} s)\n`);
  }

  printsToStdio() {
    return true;
  }
}
