import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import german from "../i18n/messages/de.json";
import english from "../i18n/messages/en.json";
import { known, Problem } from "./problem";

// What services can answer with: the codes of pkg/fault are the types of problems in the API.
const answered = [...readFileSync("../../../pkg/fault/fault.go", "utf8").matchAll(/\bCode = "([a-z-]+)"/g)].map((m) => m[1] ?? "");

test("every problem that a service can answer with has words in both languages", () => {
  expect(answered.length).toBeGreaterThan(10);
  for (const code of answered) {
    expect(known, code).toContain(code);
    expect(Object.keys(english), code).toContain(`problem.${code}`);
    expect(Object.keys(german), code).toContain(`problem.${code}`);
    expect(Problem.from({ code }, 400).code).toBe(code);
  }
});

test("an answer that says no such code is judged by its status", () => {
  expect(Problem.from("<html>", 401).code).toBe("unauthenticated");
  expect(Problem.from(undefined, 502).code).toBe("unavailable");
  expect(Problem.from({ code: "new" }, 500).code).toBe("unknown");
});
