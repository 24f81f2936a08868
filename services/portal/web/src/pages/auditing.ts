import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

/** What events of the log are selected by; the names are those of the API. */
export const selectors = ["type", "context", "actor", "community", "aggregate", "id", "from", "to", "caused_by", "since", "until"] as const;
export type Selector = (typeof selectors)[number];
export type Selection = Partial<Record<Selector, string>>;

/** The selection that stands in the address of the page, so that it can be sent to a colleague. */
export function useSelection() {
  const [params, setParams] = useSearchParams();
  const selection = useMemo(() => {
    const found: Selection = {};
    for (const name of selectors) {
      const value = params.get(name);
      if (value) found[name] = value;
    }
    return found;
  }, [params]);
  const choose = useCallback(
    (change: Selection) => {
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(change)) {
            if (value) next.set(name, value);
            else next.delete(name);
          }
          return next;
        },
        { replace: true },
      );
    },
    [setParams],
  );
  return { selection, choose, clear: () => setParams({}, { replace: true }) };
}

interface Query {
  type?: string;
  context?: string;
  actor?: string;
  community?: string;
  aggregate?: string;
  id?: string;
  from?: number;
  to?: number;
  caused_by?: number;
  since?: string;
  until?: string;
}

/** The same for the API: positions as numbers, days as moments of this device's time. What is none is left out. */
export function queryOf(s: Selection): Query {
  const { from, to, caused_by, since, until, ...rest } = s;
  const found: Query = { ...rest };
  for (const [name, value] of Object.entries({ from, to, caused_by })) {
    if (typeof value === "string" && /^[1-9]\d{0,14}$/.test(value)) found[name as "from" | "to" | "caused_by"] = Number(value);
  }
  const begin = moment(since);
  const end = moment(until, 1);
  return { ...found, ...(begin && { since: begin }), ...(end && { until: end }) };
}

/** The beginning of a day (2026-01-31), or of one after it. */
function moment(day: string | undefined, later = 0): string | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day ?? "");
  if (!parts) return undefined;
  return new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + later).toISOString();
}

/** An address with a selection. */
export function withSelection(path: string, s: Record<string, string | number | boolean | undefined>): string {
  const q = new URLSearchParams();
  for (const [name, value] of Object.entries(s)) if (value !== undefined && value !== "") q.set(name, String(value));
  const text = q.toString();
  return text ? `${path}?${text}` : path;
}

/** What checks a file of the log on any machine. */
export const verifyCommand = (file: string, key: string) => `kith audit verify ${file} --key ${key}`;
