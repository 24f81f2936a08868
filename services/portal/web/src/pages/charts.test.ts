import { expect, test } from "vitest";
import { runs } from "../ui/runs";
import { moved, shade, shades, strongest } from "./bridges";
import { latest } from "./pulse";

test("keys move within the square and stop at its edges", () => {
  const at = { row: 1, column: 0 };
  expect(moved(at, "ArrowRight", false, 3)).toEqual({ row: 1, column: 1 });
  expect(moved(at, "ArrowLeft", false, 3)).toEqual(at);
  expect(moved(at, "ArrowUp", false, 3)).toEqual({ row: 0, column: 0 });
  expect(moved({ row: 2, column: 2 }, "ArrowDown", false, 3)).toEqual({ row: 2, column: 2 });
  expect(moved(at, "End", false, 3)).toEqual({ row: 1, column: 2 });
  expect(moved(at, "End", true, 3)).toEqual({ row: 2, column: 2 });
  expect(moved({ row: 2, column: 2 }, "Home", true, 3)).toEqual({ row: 0, column: 0 });
  expect(moved(at, "Enter", false, 3)).toBeUndefined();
});

test("shades are from the first to the last, and none is for nothing", () => {
  expect([0, 5, 20, 21, 100].map((n) => shade(n, 100))).toEqual([0, 1, 1, 2, shades]);
  expect(shade(0, 0)).toBe(0);
});

test("the strongest come first", () => {
  const items = [5, 25, 10].map((at_least) => ({ helper: "a", asker: "b", at_least }));
  expect(strongest(items, 2).map((b) => b.at_least)).toEqual([25, 10]);
});

test("a line is interrupted where there is no figure", () => {
  expect(runs([undefined, 1, 2, undefined, 3])).toEqual([[{ at: 1, value: 1 }, { at: 2, value: 2 }], [{ at: 4, value: 3 }]]);
  expect(runs([])).toEqual([]);
});

test("the newest month with a figure is told", () => {
  expect(latest([{ month: "2026-01", value: 0 }, { month: "2026-02", value: undefined }])).toEqual({ month: "2026-01", value: 0 });
  expect(latest([{ month: "2026-01", value: undefined }])).toBeUndefined();
});
