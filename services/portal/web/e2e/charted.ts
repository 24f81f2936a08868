import { logins } from "./kith";

const url = () => process.env.KITH_URL ?? "";

async function token(login: string): Promise<string> {
  const answer = await fetch(`${url()}/dev/token`, { method: "POST", body: new URLSearchParams({ grant_type: "password", username: login }) });
  return ((await answer.json()) as { access_token: string }).access_token;
}

async function call<T>(who: string, method: string, path: string, key?: string, body?: unknown): Promise<T> {
  const answer = await fetch(url() + path, {
    method,
    headers: { Authorization: `Bearer ${who}`, "Content-Type": "application/json", ...(key && { "Idempotency-Key": key }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

interface Person {
  id: string;
  unit?: string;
}

interface Unit {
  id: string;
  code: string;
  name: string;
}

// The departments of the demo's organisation that have most people.
const departments = ["buergerdienste", "sozialamt", "jugendamt", "feuerwehr", "gesundheitsamt"];

/** The n-th month before this one, in which a day and an hour are. */
function moment(monthsAgo: number, day: number, hour: number): Date {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - monthsAgo, day, hour));
}

/**
 * A community with a year of questions from an earlier forum, between five
 * departments: the first of them helped the second most. A
 * second call asks nothing again; if people came into the departments
 * meanwhile, some of them join too.
 */
export async function aYearOfHelp(): Promise<{ id: string; name: string; helper: string; asker: string }> {
  const admin = await token(logins().admin);
  const name = "Werkstatt für gute Übergaben";
  const made = await call<{ id: string }>(admin, "POST", "/api/community/imports/communities", "charts", { origin: "charts", name, language: "de" });
  const { items: people } = await call<{ items: Person[] }>(admin, "GET", "/api/membership/people?limit=200");
  const { items: all } = await call<{ items: Unit[] }>(admin, "GET", "/api/membership/units?limit=200");
  const units = departments.map((code) => {
    const unit = all.find((u) => u.code === code);
    return { name: unit?.name ?? "", those: people.filter((p) => p.unit === unit?.id).sort((a, b) => (a.id < b.id ? -1 : 1)) };
  });
  const items = units.flatMap(({ those: askers }, to) =>
    units.flatMap(({ those: helpers }, by) => {
      if (by === to) return [];
      const count = by === 0 && to === 1 ? 47 : [3, 6, 11, 17][(by * 3 + to * 2) % 4] ?? 0;
      return Array.from({ length: count }, (_, i) => {
        const month = 12 - (i % 12);
        const at = moment(month, 2 + ((i * 7 + by) % 24), 8 + (i % 8));
        const answered = new Date(at.getTime() + (2 + ((i + by * 3 + month * 4) % (6 + month * 4))) * 3_600_000);
        return {
          origin: `charts/${by}/${to}/${i}`, community: made.id, asker: askers[i % askers.length]?.id, title: `Übergabe ${by + 1}.${to + 1}.${i + 1}: Was gehört in die Akte?`,
          language: "de", occurred_at: at.toISOString(),
          answers: (i * 5 + by + to) % 9 === 8 ? [] : [{ origin: "a", author: helpers[(i + to) % helpers.length]?.id, body: "Ein Deckblatt und ein Ansprechpartner.", accepted: true, occurred_at: answered.toISOString() }],
        };
      });
    }),
  );
  for (let i = 0; i < items.length; i += 100) await call(admin, "POST", "/api/community/imports/questions", `charts-${i}`, { items: items.slice(i, i + 100) });
  for (const { id } of units.flatMap(({ those }) => those.slice(0, 2)).slice(0, 9)) {
    const { email } = await call<{ email: string }>(admin, "GET", `/api/membership/people/${id}`);
    await call(await token(email), "POST", `/api/membership/communities/${made.id}/join`, `charts-${id}`, {});
  }
  return { id: made.id, name, helper: units[0]?.name ?? "", asker: units[1]?.name ?? "" };
}
