import type { Communities } from "../api/client";
import { useT } from "../i18n";

type Bridge = Communities["Bridge"];

/** How many shades of strength a picture tells apart. */
export const shades = 5;

/** How strong a figure is beside the strongest: 1 to 5; 0 for none. */
export function shade(atLeast: number, most: number): number {
  return most > 0 ? Math.ceil((shades * atLeast) / most) : 0;
}

/** The strongest figures first, at most so many. */
export function strongest(items: readonly Bridge[], most: number): Bridge[] {
  return [...items].sort((a, b) => b.at_least - a.at_least).slice(0, most);
}

export interface Cell {
  row: number;
  column: number;
}

/** Where a key leads in a square of so many rows and columns; undefined for other keys. */
export function moved(at: Cell, key: string, control: boolean, size: number): Cell | undefined {
  const last = size - 1;
  const within = (n: number) => Math.max(0, Math.min(last, n));
  switch (key) {
    case "ArrowUp":
      return { ...at, row: within(at.row - 1) };
    case "ArrowDown":
      return { ...at, row: within(at.row + 1) };
    case "ArrowLeft":
      return { ...at, column: within(at.column - 1) };
    case "ArrowRight":
      return { ...at, column: within(at.column + 1) };
    case "Home":
      return { row: control ? 0 : at.row, column: 0 };
    case "End":
      return { row: control ? last : at.row, column: last };
  }
  return undefined;
}

/** What a figure says, as a sentence; also where there is none. */
export function useSentence(data: Communities["Bridges"], months: number) {
  const t = useT();
  const name = new Map(data.units.map((u) => [u.id, u.alone ? t("bridges.alone", { unit: u.name }) : u.name]));
  return ({ helper, asker, at_least: count }: { helper: string; asker: string; at_least: number }) => {
    const values = { helper: name.get(helper) ?? "", asker: name.get(asker) ?? "" };
    if (helper === asker) return t("bridges.within", { unit: values.helper });
    return count > 0 ? t("bridges.sentence", { ...values, count, months }) : t("bridges.blank", { ...values, least: data.least });
  };
}
