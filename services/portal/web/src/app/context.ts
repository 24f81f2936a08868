import { createContext, useContext } from "react";
import type { Session } from "../api/session";

export const PersonContext = createContext<Session | null>(null);

/** Who is signed in. */
export function usePerson(): Session {
  const session = useContext(PersonContext);
  if (!session) throw new Error("a page is shown to nobody");
  return session;
}
