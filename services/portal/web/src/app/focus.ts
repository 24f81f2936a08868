import { useEffect } from "react";

const fields = "input:not([type=radio], [type=checkbox], [type=hidden]), textarea, select";
const focusable = `a[href], button, input:not([type=hidden]), textarea, select, [tabindex="0"]`;
const headings = "h1, h2, h3";

/** An element that has had the focus: what it says, and where it was, from itself up to main. */
interface Place {
  element: HTMLElement;
  words: string | null;
  form: boolean; // in one
  /** Each with its position among its siblings. */
  path: { element: Element; index: number }[];
}

const usable = (e: HTMLElement) => !e.matches(":disabled") && e.checkVisibility();
const usableIn = (e: Element) => [...(e.matches(focusable) ? [e] : []), ...e.querySelectorAll(focusable)].filter((f): f is HTMLElement => f instanceof HTMLElement && usable(f));

function placeOf(element: HTMLElement): Place {
  const path: Place["path"] = [];
  for (let e: Element | null = element; e && e.id !== "main"; e = e.parentElement) {
    path.push({ element: e, index: e.parentElement ? [...e.parentElement.children].indexOf(e) : 0 });
  }
  return { element, words: element.textContent, form: element.closest("form") !== null, path };
}

/** What stands where something was: the first field of a form that was opened, else the same as before, else what comes first. */
function successor(place: Place, within: Element): HTMLElement | undefined {
  const all = usableIn(within);
  const opened = place.form ? undefined : all.find((e) => e.matches(fields) && e.closest("form"));
  return opened ?? all.find((e) => e.tagName === place.element.tagName && e.textContent === place.words) ?? all[0];
}

/** The closest place to one that is gone: instead of it, after it, before it, and so on further up. */
function closest(place: Place): HTMLElement | undefined {
  if (place.element.matches("h1")) return document.querySelector<HTMLElement>("#main h1") ?? undefined;
  const gone = place.path.findLastIndex((p) => !p.element.isConnected);
  for (const { element, index } of place.path.slice(gone)) {
    const parent = element.isConnected ? element.parentElement : place.path[gone + 1]?.element ?? document.getElementById("main");
    if (!parent) return undefined;
    const children = [...parent.children];
    for (const near of [...children.slice(index), ...children.slice(0, index).reverse()]) {
      const found = successor(place, near);
      if (found) return found;
    }
    // A part of the page where nothing can be done any more still says what it is.
    if (parent.matches("section, article, main")) return parent.querySelector<HTMLElement>(headings) ?? undefined;
  }
  return undefined;
}

/** Gives an element the focus, also one that has none by itself; stay: without scrolling to it. */
export function give(to: HTMLElement, stay = false) {
  if (!to.matches(focusable) && !to.hasAttribute("tabindex")) {
    to.tabIndex = -1;
    to.addEventListener("blur", () => to.removeAttribute("tabindex"), { once: true });
  }
  to.focus({ preventScroll: stay });
}

/** Leads who sends a form that is not complete to what is missing. */
function toMissing({ target }: Event) {
  requestAnimationFrame(() => {
    const missing = target instanceof HTMLFormElement && target.querySelector<HTMLElement>("[aria-invalid=true]");
    if (missing) (missing.matches(fields) ? missing : missing.querySelector<HTMLElement>("input"))?.focus();
  });
}

/**
 * Keeps the focus on the page when what had it goes away: a button that turns into
 * a form, a row that was answered, a form that is done. Without this it would begin
 * at the top of the document again (WCAG 2.2, 2.4.3). Who leaves a field on purpose
 * keeps it left. And leads to what is missing in a form.
 */
export function useFocusKept() {
  useEffect(() => {
    let place: Place | undefined;
    let busy = false; // it is disabled while its command is under way
    let next = 0;
    const remember = ({ target }: FocusEvent) => {
      busy = false;
      place = target instanceof HTMLElement && target.closest("#main") ? placeOf(target) : undefined;
    };
    const judge = () => {
      if (!place || document.activeElement !== document.body) return;
      if (!place.element.isConnected) {
        const to = closest(place);
        // Rows of a long list go when they are scrolled away: that scrolls nothing back.
        const scrolled = place.path.some((p) => p.element.matches(".long"));
        place = undefined;
        if (to) give(to, scrolled);
      } else if (place.element.matches(":disabled")) busy = true;
      else if (busy) place.element.focus();
    };
    // In the next frame: a dialog or a new page may have a place of its own for it.
    const changes = new MutationObserver(() => {
      cancelAnimationFrame(next);
      next = requestAnimationFrame(judge);
    });
    addEventListener("focusin", remember);
    addEventListener("submit", toMissing);
    changes.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
    return () => {
      removeEventListener("focusin", remember);
      removeEventListener("submit", toMissing);
      changes.disconnect();
      cancelAnimationFrame(next);
    };
  }, []);
}
