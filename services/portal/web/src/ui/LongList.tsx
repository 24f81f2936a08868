import { useWindowVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { NavigationType, useNavigationType } from "react-router";
import type { Rows } from "../api/lists";
import { Failure } from "./states";
import { useSteps } from "./steps";

interface Props<T> {
  rows: Rows<T>;
  className: string;
  /** Height of a row before it has been measured, in pixels. */
  height: number;
  children: (item: T, before: T | undefined) => ReactNode;
  classOf?: (item: T) => string;
  label?: string;
  /** Rows that lead nowhere: j and k pass them by. */
  still?: boolean;
}

// How lists were left, by their keys: sizes of rows, and the row that had the focus.
const left = new Map<string, { sizes: VirtualItem[]; row: string | undefined; top: number }>();
const most = 20; // lists that are remembered

/** Only the rows near the screen are in the document; the next page comes near the end. */
export function LongList<T>(props: Props<T>) {
  return <One key={JSON.stringify(props.rows.key)} {...props} />;
}

function One<T>({ rows: { key, items, idOf, more, fetchMore, error }, className, height, children, classOf, label, still }: Props<T>) {
  const list = useRef<HTMLUListElement>(null);
  const name = JSON.stringify(key);
  const [before] = useState(useNavigationType() === NavigationType.Pop ? left.get(name) : undefined);
  const top = useTop(list, before?.top ?? 0);
  const steps = useSteps(list, items.length, before ? items.findIndex((i) => idOf(i) === before.row) : -1);
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => height,
    overscan: 8,
    scrollMargin: top,
    getItemKey: (i) => (items[i] === undefined ? i : idOf(items[i])),
    rangeExtractor: steps.range,
    ...(before && { initialMeasurementsCache: before.sizes }),
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && !error && last >= items.length - 40) fetchMore();
  });
  useLeaving(name, list, () => ({ sizes: virtual.takeSnapshot(), top }));
  useReturning(list, before?.row);
  return (
    <>
      <ul className={`${className} long`} ref={list} aria-label={label} style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ key: id, index, start }) => {
          const item = items[index];
          return (
            item !== undefined && (
              <li
                key={id}
                ref={virtual.measureElement}
                className={classOf?.(item)}
                data-row={still ? undefined : true}
                data-index={index}
                data-id={id}
                style={{ transform: `translateY(${start - top}px)` }}
                aria-setsize={more ? -1 : items.length}
                aria-posinset={index + 1}
              >
                {children(item, items[index - 1])}
              </li>
            )
          );
        })}
      </ul>
      {error && <Failure error={error} retry={fetchMore} />}
    </>
  );
}

/** How far down the page the list begins; what is above it may grow. */
function useTop(list: React.RefObject<HTMLElement | null>, known: number): number {
  const [top, setTop] = useState(known);
  useLayoutEffect(() => {
    const measure = () => list.current && setTop(Math.round(list.current.getBoundingClientRect().top + scrollY));
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(document.body);
    return () => watch.disconnect();
  }, [list]);
  return top;
}

function useLeaving(name: string, list: React.RefObject<HTMLElement | null>, how: () => { sizes: VirtualItem[]; top: number }) {
  const now = useRef({ how, row: undefined as string | undefined });
  useEffect(() => {
    now.current.how = how;
  });
  useEffect(() => {
    const ul = list.current;
    const state = now.current;
    const focused = (e: FocusEvent) => {
      state.row = (e.target as HTMLElement).closest<HTMLElement>("[data-id]")?.dataset.id;
    };
    ul?.addEventListener("focusin", focused);
    return () => {
      ul?.removeEventListener("focusin", focused);
      left.delete(name);
      left.set(name, { ...state.how(), row: state.row });
      for (const oldest of left.keys()) if (left.size > most) left.delete(oldest);
    };
  }, [name, list]);
}

/** Who comes back finds the focus where they left it. */
function useReturning(list: React.RefObject<HTMLElement | null>, row: string | undefined) {
  const waiting = useRef(row);
  useEffect(() => {
    if (waiting.current === undefined) return;
    const link = list.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(waiting.current)}"] a`);
    if (!link) return; // rows come when the list has been measured
    waiting.current = undefined;
    link.focus({ preventScroll: true });
  });
}
