import { useQueryClient } from "@tanstack/react-query";
import type { Membership } from "./client";
import { kept } from "./queries";

export type Unit = Membership["Unit"];
export type Units = ReadonlyMap<string, Unit>;

/** The units above and including this one, the nearest first. */
export function upwards(units: Units, id: string | undefined): Unit[] {
  const path: Unit[] = [];
  for (let at = units.get(id ?? ""); at && !path.includes(at); at = units.get(at.parent ?? "")) path.push(at);
  return path;
}

/** Their names in one line, the nearest first. */
export const pathOf = (units: Units, id: string | undefined) =>
  upwards(units, id)
    .map((u) => u.name)
    .join(" · ");

/** The units in use by the one they lie in, by name; "" has those that lie in none. */
export function childrenOf(units: Units): ReadonlyMap<string, Unit[]> {
  const children = new Map<string, Unit[]>();
  for (const u of units.values()) {
    if (u.closed) continue;
    const above = u.parent ?? "";
    children.set(above, [...(children.get(above) ?? []), u]);
  }
  for (const list of children.values()) list.sort((a, b) => a.name.localeCompare(b.name));
  return children;
}

/** Has units and names asked for anew: they are kept longer than other answers. */
export function useForgetNames() {
  const client = useQueryClient();
  return () =>
    Promise.all([client.invalidateQueries({ queryKey: [kept, "units"] }), client.invalidateQueries({ queryKey: [kept, "name"] })]);
}
