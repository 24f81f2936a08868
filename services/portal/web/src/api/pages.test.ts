import { expect, test } from "vitest";
import { freshen, type Pages } from "./pages";

const page = (letters: string, next?: string) => ({ items: [...letters], next });
const read: Pages<string> = { pages: [page("abc", "c"), page("def", "f"), page("gh")], pageParams: ["", "c", "f"] };
const same = (letter: string) => letter;
const all = (pages: Pages<string>) => pages.pages.map((p) => p.items.join("")).join("|");

test("the first page of all is a list", () => {
  expect(all(freshen(undefined, page("abc", "c"), same))).toBe("abc");
});

test("what is new comes on top, and nothing is lost between pages", () => {
  const now = freshen(read, page("xab", "b"), same);
  expect(all(now)).toBe("xabc|def|gh");
  expect(now.pages[0]?.next).toBe("c");
  expect(all(freshen(now, page("xab", "b"), same))).toBe("xabc|def|gh"); // twice is once
});

test("what is gone is gone, also if that takes the next page up", () => {
  const now = freshen(read, page("ace", "e"), same);
  expect(all(now)).toBe("acef|gh");
  expect(now.pageParams).toEqual(["", "f"]);
});

test("what moved up is there once", () => {
  expect(all(freshen(read, page("gab", "b"), same))).toBe("gabc|def|h");
});

test("a list that has nothing in common, or that has become short, begins anew", () => {
  expect(all(freshen(read, page("xyz", "z"), same))).toBe("xyz");
  expect(all(freshen(read, page("ab"), same))).toBe("ab");
});
