import { expect, test } from "vitest";
import type { Notification } from "../api/client";
import { gather } from "./inboxing";

type Item = Notification["Item"];

const item = (seq: number, more: Partial<Item> = {}): Item => ({
  id: String(seq), seq, kind: "member_joined", why: "host_of", community: "c", person: `p${seq}`, time: "2026-03-02T10:00:00Z", read: false, ...more,
});

const ids = (items: Item[]) => gather(items).map((row) => row.map((i) => i.id).join(" "));

test("who joined a community one after another on a day is one row", () => {
  expect(ids([item(9), item(8), item(7)])).toEqual(["9 8 7"]);
});

test("anything else between them, another community, day or what has been read begins a new one", () => {
  expect(ids([item(9), item(8, { kind: "response" }), item(7, { kind: "response" }), item(6)])).toEqual(["9", "8", "7", "6"]);
  expect(ids([item(9), item(8, { community: "d" })])).toEqual(["9", "8"]);
  expect(ids([item(9), item(8, { time: "2026-02-27T10:00:00Z" })])).toEqual(["9", "8"]);
  expect(ids([item(9), item(8, { read: true }), item(7, { read: true })])).toEqual(["9", "8 7"]);
});

test("nothing is lost and no row has more than twenty", () => {
  const all = Array.from({ length: 45 }, (_, i) => item(100 - i));
  expect(gather(all).map((row) => row.length)).toEqual([20, 20, 5]);
  expect(gather(all).flat()).toEqual(all);
});
