import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { TextInput } from "./fields";
import { Failure } from "./states";

interface Props {
  /** Under which name what is typed is kept. */
  draft: string;
  /** What it means to do it. */
  meaning?: string;
  label: string;
  hint?: string;
  /** What is said where there is no reason; none: a reason may be left out. */
  missing?: string;
  /** How long it may be, in characters; 2000. */
  most?: number;
  /** What the button does. */
  does: string;
  busy: boolean;
  failed: Error | null;
  send: (reason: string) => Promise<unknown>;
  /** After it is done. */
  done?: () => void;
  cancel: () => void;
}

/** Asks once before something is done that others read the reason of. */
export function ReasonForm({ draft, meaning, label, hint, missing, most = 2000, does, busy, failed, send, done, cancel }: Props) {
  const t = useT();
  const [reason, setReason, forget] = useDraft(draft, "");
  const [tried, setTried] = useState(false);
  const lacking = Boolean(missing) && !reason.trim();
  return (
    <form
      className="reason"
      onSubmit={(e) => {
        e.preventDefault();
        setTried(true);
        if (!lacking) void send(reason.trim()).then(() => (forget(), (done ?? cancel)()), () => undefined);
      }}
    >
      {meaning && <p>{meaning}</p>}
      <TextInput autoFocus label={label} hint={hint} value={reason} onChange={setReason} max={most} wrong={tried && lacking ? missing : undefined} />
      {failed && <Failure error={failed} typed />}
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={busy}>
          {does}
        </Button>
        <Button className="button quiet" onPress={cancel}>
          {t("do.cancel")}
        </Button>
      </div>
    </form>
  );
}
