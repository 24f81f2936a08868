import { defaultRangeExtractor, type Range } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useState, type RefObject } from "react";
import { flushSync } from "react-dom";
import { stepEvent } from "../app/keys";

/**
 * Rows of a long list are in the document while they are near the screen. The one
 * that has the focus stays, and the one that a step leads to comes.
 */
export function useSteps(list: RefObject<HTMLElement | null>, count: number, first: number) {
  const [held, setHeld] = useState(first < 0 ? undefined : first);
  const [wanted, setWanted] = useState<{ index: number }>();
  useEffect(() => {
    const ul = list.current;
    if (!ul) return;
    const indexOf = (target: EventTarget | null) => Number((target as HTMLElement).closest<HTMLElement>("[data-index]")?.dataset.index);
    const focused = (e: FocusEvent) => (setHeld(indexOf(e.target)), setWanted(undefined));
    const blurred = (e: FocusEvent) => e.relatedTarget && !ul.contains(e.relatedTarget as Node) && setHeld(undefined);
    const stepped = (e: Event) => {
      const to = indexOf(e.target) + (e as CustomEvent<number>).detail;
      if (!(to >= 0 && to < count)) return;
      e.preventDefault();
      flushSync(() => setWanted({ index: to })); // a key that is held down steps from the row that has come
    };
    ul.addEventListener("focusin", focused);
    ul.addEventListener("focusout", blurred);
    ul.addEventListener(stepEvent, stepped);
    return () => {
      ul.removeEventListener("focusin", focused);
      ul.removeEventListener("focusout", blurred);
      ul.removeEventListener(stepEvent, stepped);
    };
  }, [list, count]);
  useLayoutEffect(() => {
    if (wanted === undefined) return;
    const row = list.current?.querySelector<HTMLElement>(`[data-index="${wanted.index}"]`);
    row?.querySelector<HTMLElement>("a, button")?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }, [wanted, list]);
  const range = useCallback(
    (r: Range) => {
      const near = defaultRangeExtractor(r);
      const also = [held, wanted?.index].filter((i) => i !== undefined && i < r.count && !near.includes(i)) as number[];
      return also.length ? [...new Set([...near, ...also])].sort((a, b) => a - b) : near;
    },
    [held, wanted],
  );
  return { range };
}
