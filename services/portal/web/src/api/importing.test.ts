import { expect, test } from "vitest";
import { values } from "./importing";

function streamed(...parts: string[]): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(parts.join(""));
  return new ReadableStream({
    start(to) {
      // One byte at a time: lines and letters come apart anywhere.
      for (const b of bytes) to.enqueue(new Uint8Array([b]));
      to.close();
    },
  });
}

async function all(stream: ReadableStream<Uint8Array>) {
  const out = [];
  for await (const v of values(stream)) out.push(v);
  return out;
}

test("lines are values, wherever the network cuts them", async () => {
  expect(await all(streamed('{"name":"Jürgen"}\n', '{"done":1}\n\n', '{"done":2}\n'))).toEqual([{ name: "Jürgen" }, { done: 1 }, { done: 2 }]);
});

test("half a line at the end is none", async () => {
  expect(await all(streamed('{"done":1}\n{"do'))).toEqual([{ done: 1 }]);
});
