import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";

interface Props<T> {
  items: readonly T[];
  /** What tells an item from all others. */
  id: (item: T) => string;
  children: (item: T) => ReactNode;
  /** Height of a row in pixels, until it has been measured. */
  height: number;
  className: string;
  label?: string;
  /** Whether a row has something that j and k go to. */
  reached?: boolean;
  /** Called when the end comes near. */
  more?: () => void;
}

/** A list of any length: only the rows on the screen are in the document. */
export function VirtualRows<T>({ items, id, children, height, className, label, reached, more }: Props<T>) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  // What is above the list may grow and shrink.
  useLayoutEffect(() => {
    const place = () => setTop(Math.round((list.current?.getBoundingClientRect().top ?? 0) + scrollY));
    place();
    const sizes = new ResizeObserver(place);
    sizes.observe(document.body);
    return () => sizes.disconnect();
  }, []);
  const rows = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => height,
    overscan: 8,
    scrollMargin: top,
    getItemKey: (i) => {
      const item = items[i];
      return item === undefined ? i : id(item);
    },
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= items.length - 20) more?.();
  });
  return (
    <ul className={`virtual ${className}`} ref={list} aria-label={label} style={{ height: rows.getTotalSize() }}>
      {shown.map((row) => {
        const item = items[row.index];
        return (
          item !== undefined && (
            <li
              key={row.key}
              ref={rows.measureElement}
              data-index={row.index}
              {...(reached ? { "data-row": true } : {})}
              style={{ transform: `translateY(${row.start - top}px)` }}
              aria-setsize={items.length}
              aria-posinset={row.index + 1}
            >
              {children(item)}
            </li>
          )
        );
      })}
    </ul>
  );
}
