import type { Reporter, TestCase, TestError, TestResult } from "@playwright/test/reporter";

/** Passes on what is measured, and what went wrong. */
export default class Plain implements Reporter {
  printsToStdio(): boolean {
    return true;
  }
  onStdOut(chunk: string | Buffer): void {
    process.stdout.write(chunk);
  }
  onStdErr(chunk: string | Buffer): void {
    process.stderr.write(chunk);
  }
  onError(error: TestError): void {
    console.error(error.message ?? error.value);
  }
  onTestEnd(test: TestCase, result: TestResult): void {
    for (const error of result.errors) console.error(`${test.title}: ${error.message ?? ""}`);
  }
}
