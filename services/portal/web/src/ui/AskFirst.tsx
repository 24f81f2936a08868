import { useEffect, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useT } from "../i18n";

interface Props {
  /** What is done. */
  label: string;
  /** What happens then, asked once. */
  words: string;
  sure: string;
  onSure: () => void;
  disabled?: boolean;
}

/** A button that asks before it does what cannot be undone. The focus goes along. */
export function AskFirst({ label, words, sure, onSure, disabled }: Props) {
  const t = useT();
  const [asked, setAsked] = useState<boolean>();
  const first = useRef<HTMLButtonElement>(null);
  const yes = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (asked !== undefined) (asked ? yes : first).current?.focus();
  }, [asked]);
  if (!asked)
    return (
      <Button ref={first} className="button quiet" isDisabled={Boolean(disabled)} onPress={() => setAsked(true)}>
        {label}
      </Button>
    );
  return (
    <div className="ask-first" role="group" aria-label={label}>
      <p>{words}</p>
      <div className="buttons">
        <Button ref={yes} className="button" isDisabled={Boolean(disabled)} onPress={onSure}>
          {sure}
        </Button>
        <Button className="button quiet" onPress={() => setAsked(false)}>
          {t("do.cancel")}
        </Button>
      </div>
    </div>
  );
}
