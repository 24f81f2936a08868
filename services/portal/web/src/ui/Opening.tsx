import { useEffect, useRef, useState, type ReactNode } from "react";
import { Button } from "react-aria-components/Button";

interface Props {
  words: string;
  /** What screen readers say where the words alone do not tell one from another. */
  label?: string | undefined;
  className?: string;
  children: (close: () => void) => ReactNode;
}

/**
 * A button with a form that takes its place; when the form is closed, the focus is on
 * the button again, unless who closed it has led it elsewhere.
 */
export function Opening({ words, label, className = "button", children }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const before = useRef(open);
  useEffect(() => {
    if (before.current && !open && document.activeElement === document.body) button.current?.focus();
    before.current = open;
  }, [open]);
  if (open) return children(() => setOpen(false));
  return (
    <Button ref={button} className={className} onPress={() => setOpen(true)} {...(label ? { "aria-label": label } : {})}>
      {words}
    </Button>
  );
}
