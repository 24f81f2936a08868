import { membership, readTagged, type Membership } from "./client";
import { Problem } from "./problem";

export type ImportLine = Membership["ImportLine"];
export type ImportCounts = Membership["ImportCounts"];
export type Show = "all" | "changes" | "errors";

/** What is imported: units before the people who work in them. */
export const importKinds = ["units", "people"] as const;
export type ImportKind = (typeof importKinds)[number];

/** The first line of a file. */
export const columns: Record<ImportKind, string> = {
  units: "id,parent_id,name,kind",
  people: "external_id,name,email,unit_id,site,language,active",
};

/** The most bytes of a file. */
export const mostBytes = 32 * 1024 * 1024;

/** A file as it was when it was chosen; id tells it from all others. */
export interface Chosen {
  id: string;
  name: string;
  kind: ImportKind;
  bytes: Blob;
  full: boolean;
}

/** What importing it would do, from the line on that has so many before it. Nothing is written. */
export async function foretell(file: Chosen, show: Show, skip: number): Promise<{ lines: ImportLine[]; counts: ImportCounts }> {
  const lines: ImportLine[] = [];
  for await (const line of send(file, crypto.randomUUID(), { dry_run: true, show, skip })) {
    if ("does" in line) lines.push(line as unknown as ImportLine);
    else return { lines, counts: line as unknown as ImportCounts };
  }
  throw new Problem("offline", 0);
}

/** Imports it and says how far it is. What fails in between is a Problem; the same file again goes on from there. */
export async function carryOut(file: Chosen, key: string, confirm: boolean, progress: (done: number, total: number) => void): Promise<ImportCounts> {
  for await (const line of send(file, key, confirm && file.full ? { confirm } : {})) {
    if ("error" in line) throw Problem.from(line.error, 0);
    if ("done" in line) progress(Number(line.done), Number(line.total));
    else return line as unknown as ImportCounts;
  }
  throw new Problem("offline", 0);
}

type Asked = { dry_run?: boolean; show?: Show; skip?: number; confirm?: boolean };

async function* send(file: Chosen, key: string, asked: Asked): AsyncGenerator<Record<string, unknown>> {
  const options = {
    body: file.bytes as unknown as string,
    bodySerializer: (bytes: unknown) => bytes as Blob,
    headers: { "Content-Type": "text/csv" },
    parseAs: "stream",
  } as const;
  const header = { "Idempotency-Key": key };
  const answer =
    file.kind === "units"
      ? membership.POST("/imports/units", { ...options, params: { header, query: asked } })
      : membership.POST("/imports/people", { ...options, params: { header, query: file.full ? { ...asked, full: true } : asked } });
  yield* values((await readTagged<unknown>(answer)).data as ReadableStream<Uint8Array>);
}

/** The JSON values of a stream, one a line. A stream that breaks off just ends. */
export async function* values(stream: ReadableStream<Uint8Array>): AsyncGenerator<Record<string, unknown>> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const part = await reader.read().catch(() => undefined);
    if (!part || part.done) return;
    const lines = (rest + decoder.decode(part.value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line) yield JSON.parse(line) as Record<string, unknown>;
  }
}
