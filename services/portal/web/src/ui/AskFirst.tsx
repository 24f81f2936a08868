import { useEffect, useId, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useT } from "../i18n";
import { Failure } from "./states";
import "../styles/acts.css";

interface Props {
  /** What is done, on the button. */
  label: string;
  /** Names what it is done to, for those who hear one button after another. */
  named?: string;
  /** What happens then, asked once. */
  words: string;
  sure: string;
  onSure: () => void;
  busy?: boolean;
  /** Why it could not be done; the question stays. */
  error?: unknown;
  /** Whether it stands alone, and need not keep behind other buttons. */
  alone?: boolean;
}

/**
 * A button that asks before it does what takes something away or cannot be undone.
 * The focus goes to the question, so that it is heard, and an Enter held too long
 * answers nothing; and back to the button if it is left.
 */
export function AskFirst({ label, named, words, sure, onSure, busy, error, alone }: Props) {
  const t = useT();
  const [asked, setAsked] = useState<boolean>();
  const first = useRef<HTMLButtonElement>(null);
  const question = useRef<HTMLDivElement>(null);
  const about = useId();
  useEffect(() => {
    if (asked !== undefined) (asked ? question : first).current?.focus();
  }, [asked]);
  if (!asked)
    return (
      <Button ref={first} className={alone ? "button" : "button quiet"} isDisabled={Boolean(busy)} onPress={() => setAsked(true)} {...(named ? { "aria-label": named } : {})}>
        {label}
      </Button>
    );
  return (
    <div className="ask-first" role="group" aria-label={named ?? label} aria-describedby={about} tabIndex={-1} ref={question}>
      <p id={about}>{words}</p>
      {Boolean(error) && <Failure error={error} />}
      <div className="buttons">
        <Button className="button" isDisabled={Boolean(busy)} onPress={onSure}>
          {sure}
        </Button>
        <Button className="button quiet" onPress={() => setAsked(false)}>
          {t("do.cancel")}
        </Button>
      </div>
    </div>
  );
}
