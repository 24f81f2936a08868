import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation, useParams } from "react-router";
import { audit, read, type Audit } from "../api/client";
import { once, readKey, streamOf } from "../api/log";
import { useT } from "../i18n";
import { Shown } from "../ui/states";
import { Causes } from "./AuditCauses";
import { EventContent, type Opening } from "./AuditContent";
import { AuditPage } from "./AuditPage";
import { About, Actor, Exact, useHappened } from "./AuditParts";
import { Proof } from "./AuditProof";
import { EventRecord } from "./AuditRecord";
import { withSelection } from "./auditing";

type Full = Audit["FullEvent"];

export function AuditEvent() {
  const t = useT();
  const seq = Number(useParams().seq);
  const [opening, setOpening] = useState<Opening>({ open: false });
  const query = useQuery({
    ...once,
    queryKey: readKey("event", seq, opening),
    queryFn: () => read(audit.GET("/log/{seq}", { params: { path: { seq }, query: { open: opening.open, ...(opening.reason && { reason: opening.reason }) } } })),
    placeholderData: (before) => (before?.envelope.seq === seq ? before : undefined),
  });
  if (!query.data)
    return (
      <AuditPage title={t("audit.event")}>
        <Shown query={query}>{() => null}</Shown>
      </AuditPage>
    );
  return <Event key={seq} event={query.data} opening={opening} open={setOpening} busy={query.isFetching} error={query.error} />;
}

interface Props {
  event: Full;
  opening: Opening;
  open: (o: Opening) => void;
  busy: boolean;
  error: unknown;
}

function Event({ event, opening, open, busy, error }: Props) {
  const t = useT();
  const happened = useHappened();
  const state = useLocation().state as { back?: string } | null;
  const { envelope: e } = event;
  const { context, aggregate, id } = streamOf(e.stream);
  return (
    <AuditPage
      title={happened(e)}
      lead={
        <div className="meta">
          <Exact at={e.time} />
          <Actor actor={e.actor} />
          <About stream={e.stream} />
        </div>
      }
    >
      <div className="with-margin">
        <div>
          <EventContent event={event} opening={opening} open={open} busy={busy} error={error} />
          <Causes event={e} />
          <Proof seq={e.seq} />
        </div>
        <aside className="margin">
          <section>
            <h2>{t("audit.related")}</h2>
            <ul className="ways">
              <li>
                <Link to={`/audit${state?.back ?? ""}`}>{t("audit.back")}</Link>
              </li>
              <li>
                <Link to={withSelection("/audit", { context, aggregate, id })}>{t("audit.same.stream")}</Link>
              </li>
              {e.actor && (
                <li>
                  <Link to={withSelection("/audit", { actor: e.actor })}>{t("audit.same.actor")}</Link>
                </li>
              )}
              {event.community && (
                <li>
                  <Link to={withSelection("/audit", { community: event.community })}>{t("audit.same.community")}</Link>
                </li>
              )}
            </ul>
          </section>
          <EventRecord event={event} />
        </aside>
      </div>
    </AuditPage>
  );
}
