import type { ReactNode } from "react";
import { own } from "../app/places";
import { Page } from "../ui/Page";
import { SubNav } from "../ui/SubNav";
import "../styles/mine.css";

interface Props {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
}

/** A page of what is one's own, with the way to the others. */
export function Mine({ title, lead, children }: Props) {
  return (
    <Page title={title} lead={lead} over={<SubNav of="place.me" places={own} />}>
      <div className="column">{children}</div>
    </Page>
  );
}
