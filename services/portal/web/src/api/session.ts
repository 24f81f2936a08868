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

/** Ends the session and forgets what was typed on this device. Returns where the issuer ends its own. */
export async function leave(where: "logout" | "sessions/end"): Promise<string> {
  const answer = await fetch(`/portal/${where}`, { method: "POST", headers: { "X-Kith": "1" } }).catch(() => {
    throw new Problem("offline", 0);
  });
  if (!answer.ok) throw Problem.from(await answer.json().catch(() => null), answer.status);
  for (const key of Object.keys(localStorage)) if (key.startsWith("kith.draft.")) localStorage.removeItem(key);
  return ((await answer.json()) as { to: string }).to;
}

/** Signs the person out in this browser. */
export const signOut = async () => location.assign(await leave("logout"));

/** Signs the person out in every browser. */
export const endSessions = async () => location.assign(await leave("sessions/end"));
