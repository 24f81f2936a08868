import { readFileSync, readdirSync } from "node:fs";
import { createIntl } from "react-intl";
import { expect, test } from "vitest";
import german from "./messages/de.json";
import formal from "./messages/de-x-sie.json";
import english from "./messages/en.json";

const source = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((f) => /\.tsx?$/.test(f) && !/\.test\.tsx?$/.test(f))
  .map((f) => readFileSync(`src/${f}`, "utf8"))
  .join("\n");

// "a.b" as it is written, and `a.${…}.b` with anything in the middle. That what is
// written exists is for the compiler: it knows every id.
const written = new Set([...source.matchAll(/"([a-z][\w.-]*)"/g)].map((m) => m[1]));
const patterns = [...source.matchAll(/t\(\s*`([^`]+)`/g)].map((m) => new RegExp("^" + (m[1] ?? "").replace(/\./g, "\\.").replace(/\$\{[^}]+\}/g, "[\\w-]+") + "$"));

test("every language has every message", () => {
  expect(Object.keys(english)).toEqual(Object.keys(german));
});

test("every message is used", () => {
  expect(Object.keys(german).filter((id) => !written.has(id) && !patterns.some((p) => p.test(id)))).toEqual([]);
});

test("what says du is there with Sie, and nothing else", () => {
  const du = Object.entries(german).filter(([, words]) => /\b(du|dich|dir|dein\w*|weißt|kannst)\b/i.test(words)).map(([id]) => id);
  expect(Object.keys(formal).sort()).toEqual(du.sort());
});

test.each([["en", english], ["de", german], ["de", formal]] as const)("messages in %s take the same values", (locale, messages) => {
  const values = (words: string) => [...words.matchAll(/\{(\w+)[,}]/g)].map((m) => m[1] ?? "").sort();
  for (const [id, words] of Object.entries(messages)) {
    expect(values(words), id).toEqual(values(german[id as keyof typeof german]));
    const given = Object.fromEntries(values(words).map((v) => [v, 1]));
    createIntl({ locale, messages, onError: (e) => expect.fail(`${id}: ${e.message}`) }).formatMessage({ id }, given);
  }
});
