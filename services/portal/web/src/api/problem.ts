/** Codes that have a sentence of their own, "problem.…" in the messages: all that services answer with (pkg/fault), and offline. */
export const known = [
  "offline", "unauthenticated", "forbidden", "not-found", "method-not-allowed", "conflict", "stale", "invalid",
  "if-match-missing", "idempotency-key-reused", "too-large", "unsupported-media-type", "too-many-requests",
  "view-behind", "access-behind", "unavailable", "internal",
] as const;

export type Code = (typeof known)[number] | "unknown";

export interface FieldProblem {
  field: string;
  reason: string;
}

/** An answer that is none (RFC 9457), or that nothing answered. */
export class Problem extends Error {
  constructor(
    readonly code: Code,
    readonly status: number,
    /** What the service says about it, in English. */
    readonly detail = "",
    readonly fields: readonly FieldProblem[] = [],
  ) {
    super(detail || code);
    this.name = "Problem";
  }

  static from(body: unknown, status: number): Problem {
    const said = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
    const code = known.find((k) => k === said.code) ?? (status === 401 ? "unauthenticated" : status >= 502 ? "unavailable" : "unknown");
    const fields = Array.isArray(said.fields) ? (said.fields as FieldProblem[]) : [];
    return new Problem(code, status, typeof said.detail === "string" ? said.detail : "", fields);
  }

  /** Whether the same might be answered in a moment. */
  get passing(): boolean {
    return ["view-behind", "access-behind", "unavailable"].includes(this.code);
  }
}

/** Whether something was changed by somebody else since it was read. */
export const isStale = (error: unknown) => error instanceof Problem && error.code === "stale";
