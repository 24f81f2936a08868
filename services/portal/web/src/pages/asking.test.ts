import { expect, test } from "vitest";
import { emptyDraft, headline, toRequest } from "./asking";

test("the first line is the headline", () => {
  expect(headline("  Who has a template?\nFor minutes.\n\nShort ones. ")).toEqual({ title: "Who has a template?", body: "For minutes.\n\nShort ones." });
});

test("a long line is cut after a sentence, else after a word with nothing lost", () => {
  const sentence = "This is short. " + "word ".repeat(60);
  expect(headline(sentence).title).toBe("This is short.");
  const words = "word ".repeat(60);
  const { title, body } = headline(words);
  expect(title.length).toBeLessThanOrEqual(200);
  expect(title.endsWith("word…")).toBe(true);
  expect(body).toBe(words.trim());
  expect(headline("x".repeat(500)).title.length).toBeLessThanOrEqual(200);
});

test("each kind sends its own field, and none of another", () => {
  const draft = { ...emptyDraft, text: "T", own: " o ", beyond: true };
  expect(toRequest({ ...draft, kind: "problem" })).toEqual({ kind: "problem", title: "T", tried: "o", beyond: false });
  expect(toRequest({ ...draft, kind: "information", community: "c" })).toEqual({ kind: "information", title: "T", purpose: "o", community: "c", beyond: true });
});
