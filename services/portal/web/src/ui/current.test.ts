import { expect, test } from "vitest";
import { currentOf } from "./current";

const places = ["/audit", "/audit/verification", "/audit/export"].map((to) => ({ to }));

test("a page is in the place that is most of its address", () => {
  expect(currentOf(places, "/audit")).toBe("/audit");
  expect(currentOf(places, "/audit/17")).toBe("/audit");
  expect(currentOf(places, "/audit/export")).toBe("/audit/export");
  expect(currentOf(places, "/audit/export/2")).toBe("/audit/export");
  expect(currentOf(places, "/audit/exports")).toBe("/audit");
  expect(currentOf(places, "/auditing")).toBeUndefined();
});
