import type { Notification } from "../api/client";

type Item = Notification["Item"];

/** Items that are one row: the first, and those of whom it says how many they are. */
export type Gathered = readonly [Item, ...Item[]];

// So many people at most are one row: a list of rows goes on being read page by page.
const most = 20;

const day = (item: Item) => new Date(item.time).toDateString();

const alike = (a: Item, b: Item) =>
  a.kind === "member_joined" && b.kind === a.kind && a.community === b.community && a.read === b.read && day(a) === day(b);

/** Items as rows: people who joined a community one after another on a day are one, so that they do not hide all else. */
export function gather(items: readonly Item[]): Gathered[] {
  const rows: [Item, ...Item[]][] = [];
  for (const item of items) {
    const last = rows.at(-1);
    if (last && last.length < most && alike(last[0], item)) last.push(item);
    else rows.push([item]);
  }
  return rows;
}
