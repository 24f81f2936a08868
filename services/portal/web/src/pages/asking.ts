import type { Communities } from "../api/client";

export const kinds = ["problem", "information", "experience"] as const;
export type Kind = (typeof kinds)[number];

/** The field that each kind has of its own, and needs. */
export const ownField = { problem: "tried", information: "purpose", experience: "situation" } as const;

/** What is being asked, as it is kept on the device. */
export interface Draft {
  text: string;
  kind: Kind | "";
  own: string;
  /** Id of a community, or "" for everyone. */
  community: string;
  beyond: boolean;
}

export const emptyDraft: Draft = { text: "", kind: "", own: "", community: "", beyond: false };

const most = 200; // characters of a title, as the API has it

/**
 * One text is asked for; the API takes a headline and a body. The headline is the
 * first line, or as much of it as fits, up to the end of a sentence or a word.
 */
export function headline(text: string): { title: string; body: string } {
  const whole = text.trim();
  const line = whole.split("\n", 1)[0]?.trim() ?? "";
  if (line.length <= most) return { title: line, body: whole.slice(line.length).trim() };
  const start = line.slice(0, most);
  const sentence = start.match(/^.*[.?!](?=\s)/s)?.[0];
  if (sentence) return { title: sentence, body: whole.slice(sentence.length).trim() };
  return { title: start.slice(0, start.lastIndexOf(" ") > 0 ? Math.min(start.lastIndexOf(" "), most - 1) : most - 1) + "…", body: whole };
}

export function toRequest(draft: Draft & { kind: Kind }): Communities["NewRequest"] {
  const { title, body } = headline(draft.text);
  return {
    kind: draft.kind,
    title,
    ...(body && { body }),
    [ownField[draft.kind]]: draft.own.trim(),
    ...(draft.community && { community: draft.community }),
    beyond: Boolean(draft.community) && draft.beyond,
  };
}
