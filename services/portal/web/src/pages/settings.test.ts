import { expect, test } from "vitest";
import { fieldsOf, merge } from "./settings";

const base = fieldsOf({ name: "Contracts", purpose: "Read them", topics: ["law"], kind: "community", joining: "open", visibility: "open", language: "en" });

test("what somebody else changed is taken over, what one typed stays", () => {
  const { fields, theirs, both } = merge(base, { ...base, purpose: "Read them together" }, { ...base, joining: "request" });
  expect(fields).toEqual({ ...base, purpose: "Read them together", joining: "request" });
  expect([theirs, both]).toEqual([["joining"], []]);
});

test("where both changed the same, the reader decides", () => {
  const { fields, theirs, both } = merge(base, { ...base, name: "Contract law" }, { ...base, name: "Contracts for all" });
  expect(fields.name).toBe("Contract law");
  expect([theirs, both]).toEqual([["name"], ["name"]]);
});

test("the same change by both is no conflict", () => {
  expect(merge(base, { ...base, language: "de" }, { ...base, language: "de" }).both).toEqual([]);
});
