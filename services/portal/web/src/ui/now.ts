import { useSyncExternalStore } from "react";

// One clock for the whole page.
let now = Date.now();
const readers = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  for (const changed of readers) changed();
}, 30_000);

function watch(changed: () => void) {
  readers.add(changed);
  return () => readers.delete(changed);
}

/** The time in milliseconds, to half a minute. */
export const useNow = () => useSyncExternalStore(watch, () => now);

/** Stands where words are still being fetched. */
export const pending = "…";
