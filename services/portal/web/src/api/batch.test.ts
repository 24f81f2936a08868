import { expect, test } from "vitest";
import { together } from "./batch";

function counting(most: number) {
  const asked: string[][] = [];
  const loader = together(most, async (ids) => {
    asked.push(ids);
    return ids.filter((id) => id !== "hidden").map((id) => ({ id, name: id.toUpperCase() }));
  });
  return { asked, loader };
}

test("what is asked for at one moment is one request, each id once", async () => {
  const { asked, loader } = counting(10);
  const found = await Promise.all(["a", "b", "a", "hidden"].map((id) => loader.load(id)));
  expect(found.map((one) => one?.name ?? null)).toEqual(["A", "B", "A", null]);
  expect(asked).toEqual([["a", "b", "hidden"]]);
});

test("no request has more ids than the limit", async () => {
  const { asked, loader } = counting(2);
  await Promise.all(["a", "b", "c"].map((id) => loader.load(id)));
  expect(asked.map((ids) => ids.length)).toEqual([2, 1]);
});

test("what failed is asked for again", async () => {
  let fails = true;
  const loader = together(5, async (ids) => {
    if (fails) throw new Error("no");
    return ids.map((id) => ({ id }));
  });
  await expect(loader.load("a")).rejects.toThrow("no");
  fails = false;
  expect(await loader.load("a")).toEqual({ id: "a" });
});
