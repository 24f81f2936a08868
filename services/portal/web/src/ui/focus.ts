import { useEffect, useRef } from "react";

/**
 * Takes the focus to the heading of a section, or else of the page, when what had
 * it is gone: what comes next is read from there.
 */
export function focusHeading(section?: Element | null): void {
  const heading = (section?.isConnected && section.querySelector<HTMLElement>("h2, h3")) || document.querySelector<HTMLElement>("main h1");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: Boolean(section?.isConnected) });
}

/** What takes the focus when what had it is gone, so that keyboards and screen readers keep their place. */
export function useFocusWhen<E extends HTMLElement>(gone: boolean) {
  const element = useRef<E>(null);
  const before = useRef(gone);
  useEffect(() => {
    if (gone && !before.current) element.current?.focus();
    before.current = gone;
  }, [gone]);
  return element;
}
