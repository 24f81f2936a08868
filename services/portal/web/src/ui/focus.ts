import { useEffect, useRef } from "react";

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
