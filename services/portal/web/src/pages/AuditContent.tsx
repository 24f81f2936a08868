import { useState } from "react";
import { Button } from "react-aria-components/Button";
import type { Audit } from "../api/client";
import { useT } from "../i18n";
import { TextInput } from "../ui/fields";
import { useFocusWhen } from "../ui/focus";
import { Failure } from "../ui/states";
import { Fields } from "./AuditFields";

/** How the content of an event is asked for: with its sealed texts open, and why. */
export interface Opening {
  open: boolean;
  reason?: string;
}

interface Props {
  event: Audit["FullEvent"];
  opening: Opening;
  open: (o: Opening) => void;
  busy: boolean;
  error: unknown;
}

/** What an event says, as far as it has been opened. */
export function EventContent({ event, opening, open, busy, error }: Props) {
  const t = useT();
  const sealed = event.texts ?? [];
  const headline = useFocusWhen<HTMLHeadingElement>(opening.open);
  const readable = sealed.some((x) => !x.erased);
  return (
    <section className="section">
      <div className="head">
        <h2 ref={headline} tabIndex={-1}>
          {t("audit.content")}
        </h2>
      </div>
      {event.withheld ? (
        <>
          <p>{t("audit.content.closed")}</p>
          <Reason busy={busy} open={(reason) => open({ open: true, reason })} />
        </>
      ) : (
        <>
          <Fields data={event.data ?? {}} texts={sealed} />
          {sealed.length > 0 && (
            <div role="status" className="sealed-state">
              {opening.open && !busy && <p className="small muted">{t("audit.sealed.opened")}</p>}
            </div>
          )}
          {readable && !opening.open && (
            <>
              <p className="small muted">{t("audit.sealed.words")}</p>
              <div className="buttons">
                <Button className="button" isDisabled={busy} onPress={() => open({ ...opening, open: true })}>
                  {t("audit.sealed.open")}
                </Button>
              </div>
            </>
          )}
        </>
      )}
      {Boolean(error) && <Failure error={error} />}
    </section>
  );
}

const shortest = 10; // characters, as the API asks for

function Reason({ open, busy }: { open: (reason: string) => void; busy: boolean }) {
  const t = useT();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const enough = [...reason.trim()].length >= shortest;
  return (
    <form
      className="reason"
      onSubmit={(e) => {
        e.preventDefault();
        setTried(true);
        if (enough) open(reason.trim());
      }}
    >
      <TextInput label={t("audit.reason")} hint={t("audit.reason.hint")} lines value={reason} onChange={setReason} max={500} wrong={tried && !enough ? t("audit.reason.missing") : undefined} />
      <Button type="submit" className="button" isDisabled={busy}>
        {t("audit.reason.open")}
      </Button>
    </form>
  );
}
