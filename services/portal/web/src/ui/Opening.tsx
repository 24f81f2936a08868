import { useState, type ReactNode } from "react";
import { Button } from "react-aria-components/Button";

interface Props {
  words: string;
  /** What screen readers say where the words alone do not tell one from another. */
  label?: string | undefined;
  className?: string;
  children: (close: () => void) => ReactNode;
}

/** A button with a form that takes its place; when the form is closed, the focus is on the button again. */
export function Opening({ words, label, className = "button", children }: Props) {
  const [open, setOpen] = useState(false);
  const [back, setBack] = useState(false);
  if (open)
    return children(() => {
      setOpen(false);
      setBack(true);
    });
  return (
    <Button className={className} autoFocus={back} onPress={() => setOpen(true)} {...(label ? { "aria-label": label } : {})}>
      {words}
    </Button>
  );
}
