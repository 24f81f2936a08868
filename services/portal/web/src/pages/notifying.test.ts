import { expect, test } from "vitest";
import { holding, withRule, without } from "./notifying";

const defaults = [{ kind: "response", inbox: true, mail: true }, { kind: "thanked", inbox: true, mail: false }] as const;
const p = (...rules: Parameters<typeof without>[0]) => ({ rules: [...rules], defaults: [...defaults] });
const quiet = { inbox: false, mail: false };

test("without a rule the default of the kind holds", () => {
  expect(holding(p(), { community: "c", kind: "response" })).toEqual({ inbox: true, mail: true });
});

test("a community weighs more than a kind, and both together most", () => {
  const rules = [{ kind: "response", inbox: true, mail: false }, { community: "c", ...quiet }] as const;
  expect(holding(p(...rules), { community: "c", kind: "response" })).toEqual(quiet);
  expect(holding(p(...rules), { community: "d", kind: "response" })).toEqual({ inbox: true, mail: false });
  expect(holding(p(...rules, { community: "c", kind: "response", inbox: true, mail: true }), { community: "c", kind: "response" })).toEqual({ inbox: true, mail: true });
});

test("what would hold anyway needs no rule", () => {
  const changed = withRule(p(), { community: "", kind: "thanked" }, { inbox: true, mail: true });
  expect(changed).toEqual([{ kind: "thanked", inbox: true, mail: true }]);
  expect(withRule(p(...changed), { community: "", kind: "thanked" }, { inbox: true, mail: false })).toEqual([]);
});

test("a rule replaces the one of its scope, and a community's go together", () => {
  const rules = withRule(p({ community: "c", ...quiet }), { community: "c", kind: "" }, { inbox: true, mail: false });
  expect(rules).toEqual([{ community: "c", inbox: true, mail: false }]);
  expect(without([...rules, { kind: "thanked", ...quiet }], "c")).toEqual([{ kind: "thanked", ...quiet }]);
});
