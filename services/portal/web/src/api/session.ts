import type { components } from "../../generated/portal";
import { Problem } from "./problem";

export type Session = components["schemas"]["Session"];

/** The session of this browser, or null if nobody is signed in. */
export async function fetchSession(): Promise<Session | null> {
  const answer = await fetch("/portal/session").catch(() => {
    throw new Problem("offline", 0);
  });
  if (answer.status === 401) return null;
  if (!answer.ok) throw Problem.from(await answer.json().catch(() => null), answer.status);
  return (await answer.json()) as Session;
}

/** Where to sign in, to come back to this page. */
export function loginAddress(): string {
  return "/portal/login?to=" + encodeURIComponent(location.pathname + location.search);
}

/** Ends the session, forgets what was typed on this device, and leads to where the issuer ends its own. */
export async function signOut(): Promise<void> {
  const answer = await fetch("/portal/logout", { method: "POST", headers: { "X-Kith": "1" } });
  if (!answer.ok) throw Problem.from(null, answer.status);
  for (const key of Object.keys(localStorage)) if (key.startsWith("kith.draft.")) localStorage.removeItem(key);
  const { to } = (await answer.json()) as { to: string };
  location.assign(to);
}
