import { useEffect, useRef, useState, type ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { useT } from "../i18n";
import { Failure } from "./states";
import "../styles/acts.css";

interface Props {
  /** What the button says, and again when it is meant. */
  words: string;
  sure: string;
  /** What happens then. */
  about: ReactNode;
  busy: boolean;
  error: unknown;
  onConfirm: () => void;
  quiet?: boolean;
  /** Names what it is about for those who hear one button after another. */
  label?: string;
}

/** An act that asks once, in words that say what happens. */
export function Confirm({ words, sure, about, busy, error, onConfirm, quiet, label }: Props) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const question = useRef<HTMLDivElement>(null);
  const asked = useRef(false);
  useEffect(() => {
    if (asking) question.current?.focus();
    else if (asked.current) opener.current?.focus();
    asked.current = asking;
  }, [asking]);
  if (!asking)
    return (
      <Button ref={opener} className={quiet ? "button quiet" : "button"} onPress={() => setAsking(true)} {...(label ? { "aria-label": label } : {})}>
        {words}
      </Button>
    );
  return (
    <div className="confirm" role="group" aria-label={label ?? words} tabIndex={-1} ref={question}>
      <p>{about}</p>
      {Boolean(error) && <Failure error={error} />}
      <div className="buttons">
        <Button className="button" isDisabled={busy} onPress={onConfirm}>
          {sure}
        </Button>
        <Button className="button quiet" onPress={() => setAsking(false)}>
          {t("do.cancel")}
        </Button>
      </div>
    </div>
  );
}
