import { useState, type ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { useT } from "../i18n";

interface Props {
  /** What the button says. */
  children: ReactNode;
  /** What would happen, in a sentence. */
  words: string;
  busy: boolean;
  go: () => void;
}

/** A button for what cannot be undone: it asks once. */
export function Sure({ children, words, busy, go }: Props) {
  const t = useT();
  const [asked, setAsked] = useState(false);
  if (!asked)
    return (
      <Button className="button quiet" onPress={() => setAsked(true)}>
        {children}
      </Button>
    );
  return (
    <div className="sure" role="group" aria-label={words}>
      <p>{words}</p>
      <div className="buttons">
        <Button className="button" isDisabled={busy} onPress={go}>
          {t("do.sure")}
        </Button>
        <Button className="button quiet" onPress={() => setAsked(false)}>
          {t("do.cancel")}
        </Button>
      </div>
    </div>
  );
}
