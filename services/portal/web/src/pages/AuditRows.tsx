import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "react-router";
import type { Audit } from "../api/client";
import { useT } from "../i18n";
import { About, Actor, Exact, useHappened } from "./AuditParts";

type Envelope = Audit["Envelope"];

/** One event: what happened, when, by whom, and what it is about. */
export function EventRow({ event }: { event: Envelope }) {
  const t = useT();
  const happened = useHappened();
  const { search } = useLocation();
  return (
    <>
      <Link className="row-title" to={`/audit/${event.seq}`} state={{ back: search }}>
        {happened(event)}
      </Link>
      <div className="meta">
        <Exact at={event.time} />
        <Actor actor={event.actor} />
        <About stream={event.stream} />
        <span>{t("audit.position", { seq: event.seq })}</span>
      </div>
    </>
  );
}

const usual = 66; // pixels, of a row that has not been measured yet

/** Only the rows on the screen are in the document; the next page comes near the end. */
export function EventRows({ events, more }: { events: readonly Envelope[]; more: () => void }) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useEffect(() => setTop(list.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({
    count: events.length,
    estimateSize: () => usual,
    overscan: 10,
    scrollMargin: top,
    getItemKey: (i) => events[i]?.seq ?? i,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= events.length - 20) more();
  });
  return (
    <ul className="log" ref={list} style={{ height: rows.getTotalSize() }}>
      {items.map((item) => {
        const event = events[item.index];
        return (
          event && (
            <li
              key={item.key}
              data-row
              data-index={item.index}
              ref={rows.measureElement}
              style={{ transform: `translateY(${item.start - top}px)` }}
              aria-setsize={-1}
              aria-posinset={item.index + 1}
            >
              <EventRow event={event} />
            </li>
          )
        );
      })}
    </ul>
  );
}
