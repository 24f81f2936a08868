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
