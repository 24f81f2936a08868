import { useEffect, useRef } from "react";
import "../styles/acts.css";

export interface Saying {
  words: string;
}

/** What was done. It takes the focus, since what was pressed may be gone. */
export function Said({ said }: { said: Saying | undefined }) {
  const line = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (said) line.current?.focus();
  }, [said]);
  return (
    <p className="said" role="status" tabIndex={-1} ref={line}>
      {said?.words}
    </p>
  );
}
