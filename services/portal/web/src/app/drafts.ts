import { useCallback, useState } from "react";
import { usePerson } from "./context";

/**
 * What is being typed, kept on this device until it is sent or the person signs
 * out. The third value forgets it.
 */
export function useDraft<T>(name: string, empty: T): [T, (value: T) => void, () => void] {
  const key = `kith.draft.${usePerson().person}.${name}`;
  const [value, setValue] = useState<T>(() => load(key) ?? empty);
  const change = useCallback(
    (next: T) => {
      setValue(next);
      try {
        localStorage.setItem(key, JSON.stringify(next));
      } catch {
        // The device keeps nothing: what is typed lives as long as the page.
      }
    },
    [key],
  );
  const forget = useCallback(() => {
    localStorage.removeItem(key);
    setValue(empty);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- empty is a literal of the caller
  }, [key]);
  return [value, change, forget];
}

function load<T>(key: string): T | undefined {
  try {
    const text = localStorage.getItem(key);
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}
