import { ended, fileEnded } from "./events.js";

/** Reports the tests of the parts as events. */
export default class Events {
  onTestModuleEnd(file) {
    const name = `portal/web/${file.relativeModuleId ?? file.moduleId}`;
    for (const test of file.children.allTests()) {
      const { state, errors = [] } = test.result();
      ended(name, test.fullName, { passed: "pass", failed: "fail" }[state] ?? "skip", errors.map((e) => e.stack ?? e.message).join("\n"));
    }
    for (const error of file.errors()) process.stdout.write(`${error.stack ?? error.message}\n`);
    fileEnded(name, !file.ok(), file.diagnostic().duration / 1000);
  }

  onTestRunEnd(files, errors, reason) {
    for (const error of errors) process.stdout.write(`${error.stack ?? error.message}\n`);
    process.stdout.write(`the parts of the portal: ${reason}\n`);
  }
}
