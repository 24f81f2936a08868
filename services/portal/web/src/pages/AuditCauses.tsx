import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { audit, read, type Audit } from "../api/client";
import { once, readKey } from "../api/log";
import { useT } from "../i18n";
import { useFocusWhen } from "../ui/focus";
import { More } from "../ui/More";
import { Shown } from "../ui/states";
import { EventRow } from "./AuditRows";

type Envelope = Audit["Envelope"];

/** What led to an event, and what Kith did because of it. */
export function Causes({ event }: { event: Envelope }) {
  const t = useT();
  const [asked, setAsked] = useState(false);
  const effects = useFocusWhen<HTMLHeadingElement>(asked);
  return (
    <section className="section">
      <div className="head">
        <h2>{t("audit.causes")}</h2>
      </div>
      <h3>{t("audit.caused_by")}</h3>
      {event.cause_seq ? <Cause seq={event.cause_seq} /> : <p className="muted">{t("audit.caused_by.nothing")}</p>}
      <h3 className="effects-title" ref={effects} tabIndex={-1}>
        {t("audit.effects")}
      </h3>
      {asked ? (
        <Effects of={event.seq} />
      ) : (
        <div className="buttons">
          <Button className="button" onPress={() => setAsked(true)}>
            {t("audit.effects.look")}
          </Button>
        </div>
      )}
    </section>
  );
}

function Cause({ seq }: { seq: number }) {
  const query = useQuery({
    ...once,
    queryKey: readKey("log", "cause", seq),
    queryFn: () => read(audit.GET("/log", { params: { query: { from: seq, to: seq, limit: 1 } } })),
  });
  return (
    <Shown query={query}>
      {({ items }) => (
        <ul className="rows">
          {items.map((e) => (
            <li key={e.seq} data-row>
              <EventRow event={e} />
            </li>
          ))}
        </ul>
      )}
    </Shown>
  );
}

function Effects({ of }: { of: number }) {
  const t = useT();
  const list = useInfiniteQuery({
    ...once,
    queryKey: readKey("log", "effects", of),
    queryFn: ({ pageParam }) => read(audit.GET("/log", { params: { query: { caused_by: of, limit: 50, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  return (
    <Shown query={list}>
      {({ pages }) => {
        const events = pages.flatMap((p) => p.items);
        return (
          <>
            <div role="status">{events.length === 0 && <p className="muted">{list.hasNextPage ? t("audit.effects.none_yet") : t("audit.effects.none")}</p>}</div>
            <ul className="rows">
              {events.map((e) => (
                <li key={e.seq} data-row>
                  <EventRow event={e} />
                </li>
              ))}
            </ul>
            <More list={list} />
          </>
        );
      }}
    </Shown>
  );
}
