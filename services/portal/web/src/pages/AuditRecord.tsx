import type { Audit } from "../api/client";
import { useT, type MessageId } from "../i18n";
import { Exact } from "./AuditParts";

/** What stands around an event: position, ids, versions, and the headers as they were stored. */
export function EventRecord({ event }: { event: Audit["FullEvent"] }) {
  const t = useT();
  const e = event.envelope;
  const facts: [MessageId, string | number | undefined][] = [
    ["audit.record.seq", e.seq],
    ["audit.record.type", e.type],
    ["audit.record.schema", event.schema],
    ["audit.record.stream", e.stream],
    ["audit.record.id", e.id],
    ["audit.record.command", event.command],
    ["audit.record.actor", e.actor],
    ["audit.record.correlation", e.correlation],
    ["audit.record.reason", e.reason],
    ["audit.record.community", event.community],
    ["audit.record.access", event.access],
  ];
  return (
    <section>
      <h2>{t("audit.record")}</h2>
      <dl className="record">
        {facts.map(
          ([words, value]) =>
            value !== undefined && (
              <div key={words}>
                <dt>{t(words)}</dt>
                <dd>
                  <code>{value}</code>
                </dd>
              </div>
            ),
        )}
        {e.occurred && (
          <div>
            <dt>{t("audit.record.occurred")}</dt>
            <dd>
              <Exact at={e.occurred} />
            </dd>
          </div>
        )}
      </dl>
      {e.imported && <p>{t("audit.record.imported")}</p>}
      <details>
        <summary>{t("audit.record.headers")}</summary>
        <dl className="record">
          {Object.entries(event.header)
            .sort(([a], [b]) => a.localeCompare(b))
            .map(([name, values]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <code>{values.join(", ")}</code>
                </dd>
              </div>
            ))}
        </dl>
      </details>
    </section>
  );
}
