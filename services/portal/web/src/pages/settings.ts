import type { Communities } from "../api/client";

export type Settings = Communities["Settings"];

/** Settings as they are typed: topics are words between commas. */
export interface Fields {
  name: string;
  purpose: string;
  topics: string;
  kind: Settings["kind"];
  joining: Settings["joining"];
  visibility: Settings["visibility"];
  language: string;
}

export const names = ["name", "purpose", "topics", "kind", "joining", "visibility", "language"] as const satisfies readonly (keyof Fields)[];
export type Field = (typeof names)[number];

export const fieldsOf = (c: Settings): Fields => ({
  name: c.name, purpose: c.purpose, topics: (c.topics ?? []).join(", "), kind: c.kind, joining: c.joining, visibility: c.visibility, language: c.language,
});

export interface Merged {
  fields: Fields;
  /** What somebody else changed; it is taken over where the reader changed nothing. */
  theirs: Field[];
  /** What both changed, to different ends: the reader's stays until they decide. */
  both: Field[];
}

/** What was typed upon base, on top of what there is now. */
export function merge(base: Fields, typed: Fields, now: Fields): Merged {
  const theirs = names.filter((n) => now[n] !== base[n]);
  const own = names.filter((n) => typed[n] !== base[n]);
  const fields = Object.assign({}, typed, ...theirs.filter((n) => !own.includes(n)).map((n) => ({ [n]: now[n] }))) as Fields;
  return { fields, theirs, both: theirs.filter((n) => own.includes(n) && typed[n] !== now[n]) };
}
