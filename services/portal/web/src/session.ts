// What the portal says of who is signed in; see api/openapi/portal.yaml.
export interface Session {
  person: string;
  name: string;
  roles: string[];
  language: string;
  organisation: { name: string; accent?: string };
  dev: boolean;
  expires: string;
}

/** The session of this browser, or null if nobody is signed in. */
export async function fetchSession(): Promise<Session | null> {
  const answer = await fetch("/portal/session");
  if (answer.status === 401) return null;
  if (!answer.ok) throw new Error(`The portal answered ${answer.status}.`);
  return (await answer.json()) as Session;
}

/** Where to sign in, to come back to this page. */
export function loginAddress(): string {
  return "/portal/login?to=" + encodeURIComponent(location.pathname + location.search);
}

/** Ends the session, and leads to where the issuer ends its own. */
export async function signOut(): Promise<void> {
  const answer = await fetch("/portal/logout", { method: "POST", headers: { "X-Kith": "1" } });
  if (!answer.ok) throw new Error(`The portal answered ${answer.status}.`);
  const { to } = (await answer.json()) as { to: string };
  location.assign(to);
}
