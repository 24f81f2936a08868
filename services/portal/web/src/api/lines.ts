import { Problem } from "./problem";

/** How far work is that the answer reports while it goes on. */
export interface Progress {
  done: number;
  total: number;
}

/**
 * The last line of an answer that grows while the work goes on (application/x-ndjson);
 * those before it say how far it is. Throws a Problem if that is what the last one is,
 * or if the answer broke off.
 */
export async function readLines<T>(call: Promise<{ response: Response; data?: unknown; error?: unknown }>, progress: (p: Progress) => void): Promise<T> {
  const answer = await call.catch(() => {
    throw new Problem("offline", 0);
  });
  if (!answer.response.ok) throw Problem.from(answer.error, answer.response.status);
  let last: Record<string, unknown> | undefined;
  for await (const line of lines(answer.data as ReadableStream<Uint8Array>)) {
    last = JSON.parse(line) as Record<string, unknown>;
    if (typeof last.done === "number" && typeof last.total === "number") progress({ done: last.done, total: last.total });
  }
  if (last && typeof last.code === "string") throw Problem.from(last, Number(last.status));
  if (!last || "done" in last) throw new Problem("unavailable", 0);
  return last as T;
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read().catch(() => {
      throw new Problem("offline", 0);
    });
    const whole = (rest + (value ?? "")).split("\n");
    rest = done ? "" : (whole.pop() ?? "");
    for (const line of whole) if (line) yield line;
    if (done) return;
  }
}
