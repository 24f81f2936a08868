import { useEffect, useRef, type ReactNode } from "react";
import { usePerson } from "../app/context";

// The first page of a visit leaves the focus where the browser has it; later
// ones take it to their headline, so that screen readers say where one is.
let visited = false;

interface Props {
  title: string;
  /** Above the headline. */
  over?: ReactNode;
  /** Below it. */
  lead?: ReactNode;
  children: ReactNode;
}

export function Page({ title, over, lead, children }: Props) {
  const headline = useRef<HTMLHeadingElement>(null);
  const { organisation } = usePerson();
  useEffect(() => {
    if (visited) headline.current?.focus();
    visited = true;
  }, []);
  useEffect(() => {
    document.title = `${title} · ${organisation.name}`;
  }, [title, organisation.name]);
  return (
    <div className="page">
      <header>
        {over}
        <h1 ref={headline} tabIndex={-1}>
          {title}
        </h1>
        {lead}
      </header>
      {children}
    </div>
  );
}
