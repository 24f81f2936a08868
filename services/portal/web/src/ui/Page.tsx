import { useEffect, useLayoutEffect, useRef, type ReactNode } from "react";
import { usePerson } from "../app/context";

// The first page of a visit leaves the focus where the browser has it; later
// ones take it to their headline, so that screen readers say where one is,
// unless something in the page has taken it already.
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
  const page = useRef<HTMLDivElement>(null);
  const headline = useRef<HTMLHeadingElement>(null);
  const { organisation } = usePerson();
  useLayoutEffect(() => {
    // Where the page is scrolled to is for the router to say.
    if (visited && !page.current?.contains(document.activeElement)) headline.current?.focus({ preventScroll: true });
    visited = true;
  }, []);
  useEffect(() => {
    document.title = `${title} · ${organisation.name}`;
  }, [title, organisation.name]);
  return (
    <div className="page" ref={page}>
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
