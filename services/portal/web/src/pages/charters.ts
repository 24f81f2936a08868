import type { Communities } from "../api/client";

/** A charter as it is typed: lists have one entry on each line. */
export interface CharterDraft {
  purpose: string;
  vision: string;
  objectives: string;
  norms: string;
  stakeholders: string;
  note: string;
}

const lines = (text: string) => text.split("\n").map((l) => l.trim()).filter(Boolean);

/** "name: interest"; the name ends at the first colon. */
function stakeholderOf(line: string) {
  const at = line.indexOf(":");
  return { name: line.slice(0, Math.max(at, 0)).trim(), interest: line.slice(at + 1).trim() };
}

/** The first line that does not name both who it is and what for. */
export function wrongStakeholder(text: string): string | undefined {
  return lines(text).find((line) => {
    const { name, interest } = stakeholderOf(line);
    return !name || !interest;
  });
}

export function draftOf(c: Communities["Charter"]): Omit<CharterDraft, "note"> {
  return {
    purpose: c.purpose ?? "",
    vision: c.vision ?? "",
    objectives: c.objectives.join("\n"),
    norms: c.norms.join("\n"),
    stakeholders: c.stakeholders.map((s) => `${s.name}: ${s.interest}`).join("\n"),
  };
}

export function bodyOf(d: CharterDraft): Communities["CharterText"] {
  return {
    purpose: d.purpose.trim(),
    vision: d.vision.trim(),
    objectives: lines(d.objectives),
    norms: lines(d.norms),
    stakeholders: lines(d.stakeholders).map(stakeholderOf),
    note: d.note.trim(),
  };
}
