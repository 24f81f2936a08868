import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contrast } from "./contrast";

const css = readFileSync("src/styles/tokens.css", "utf8");
const colours = new Map([...css.matchAll(/--([a-z-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name, light, dark]) => [name, { light, dark }]));

// What stands on what, and how much contrast it needs (WCAG 2.2: 4.5 for text, 3 for edges of controls).
const text = ["ink", "muted", "accent", "good", "warn", "bad"].flatMap((over) => ["paper", "surface"].map((under) => [over, under, 4.5] as const));
const pairs = [...text, ["ink", "accent-soft", 4.5], ["muted", "accent-soft", 4.5], ["accent", "accent-soft", 4.5], ["on-accent", "accent", 4.5], ["edge", "paper", 3], ["edge", "surface", 3]] as const;

test("black on white is 21 (WCAG 2.2)", () => expect(contrast("#000000", "#ffffff")).toBeCloseTo(21));

describe.each(["light", "dark"] as const)("in %s", (scheme) => {
  test.each(pairs)("%s on %s has %s", (over, under, needed) => {
    expect(contrast(colours.get(over)?.[scheme] ?? "", colours.get(under)?.[scheme] ?? "")).toBeGreaterThanOrEqual(needed);
  });
});
