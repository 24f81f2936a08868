import { useEffect } from "react";
import { useNavigate } from "react-router";
import { give } from "./focus";

/** Asks a row of a long list for the one that many rows on; the list prevents the default if it has one. */
export const stepEvent = "kith-step";

/** Where "g" and a letter lead. */
export const goes = { h: "/", r: "/requests", c: "/communities", p: "/people", i: "/inbox", m: "/me" } as const;

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && Boolean(target.closest("input, textarea, select, [contenteditable], [role=treegrid], [role=dialog]"));
}

/** What a search has found: the first row after it, if there is one. */
function foundBy(search: HTMLElement): HTMLElement | undefined {
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row], main .found li")];
  const first = rows.find((row) => search.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING);
  return first?.querySelector<HTMLElement>("a, button:not(:disabled)") ?? first;
}

/**
 * Leaves a field for what is around it: keys work there, and Tab goes on from there.
 * A search is left for what it has found, and keeps its words: by itself a browser empties it.
 */
function leave(e: KeyboardEvent) {
  const field = e.target;
  if (!(field instanceof HTMLElement) || !typing(field) || field.closest("[role=dialog]")) return;
  if (field instanceof HTMLInputElement && field.type === "search" && field.value) {
    e.preventDefault();
    const found = foundBy(field);
    if (found) return give(found);
  }
  const around = field.closest<HTMLElement>(".field, label") ?? document.getElementById("main");
  if (around) give(around);
}

/** Sends the form that somebody writes in, from any of its lines. */
function send(e: KeyboardEvent) {
  const form = e.target instanceof HTMLTextAreaElement && e.target.form;
  if (!form || e.defaultPrevented) return;
  e.preventDefault();
  form.requestSubmit();
}

/** Moves the focus through the rows of the page: the first link of each. It begins with what is on the screen. */
function step(by: 1 | -1) {
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  // A long list has rows that are not in the document.
  if (at >= 0 && !rows[at]?.dispatchEvent(new CustomEvent(stepEvent, { detail: by, bubbles: true, cancelable: true }))) return;
  const seen = (row: HTMLElement) => row.getBoundingClientRect().bottom > 0 && row.getBoundingClientRect().top < innerHeight;
  const first = by > 0 ? (rows.find(seen) ?? rows[0]) : (rows.findLast(seen) ?? rows.at(-1));
  const next = at < 0 ? first : rows[at + by];
  next?.querySelector<HTMLElement>("a, button")?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** The keys that work on every page, as long as nobody is typing. */
export function useKeys(show: (what: "keys" | "palette") => void) {
  const navigate = useNavigate();
  useEffect(() => {
    let going = 0; // when "g" was pressed
    const pressed = (e: KeyboardEvent) => {
      if ((e.ctrlKey || e.metaKey) && e.key === "k") {
        e.preventDefault();
        return show("palette");
      }
      if ((e.ctrlKey || e.metaKey) && e.key === "Enter") return send(e);
      if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
      if (e.key === "Escape") return leave(e);
      if (typing(e.target)) return;
      const place = e.timeStamp - going < 1500 ? goes[e.key as keyof typeof goes] : undefined;
      going = 0;
      if (place) void navigate(place);
      else if (e.key === "g") going = e.timeStamp;
      else if (e.key === "a") void navigate("/ask");
      else if (e.key === "?") show("keys");
      else if (e.key === "j") step(1);
      else if (e.key === "k") step(-1);
      else if (e.key === "/") {
        const search = document.querySelector<HTMLElement>("[data-search]");
        if (search) search.focus();
        else void navigate("/people");
      } else return;
      e.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [navigate, show]);
}
