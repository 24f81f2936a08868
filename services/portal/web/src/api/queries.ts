import { MutationCache, QueryCache, QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { Problem } from "./problem";

/** Under this key: whether the session has ended while the page was open. */
export const endedKey = ["kept", "ended"];

/** Queries whose key begins with this are not asked again after a command. */
export const kept = "kept";

export function makeQueryClient(): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof Problem && error.code === "unauthenticated") client.setQueryData(endedKey, true);
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        retry: (count, error) => count < 2 && error instanceof Problem && error.passing,
      },
      // A key that is the same makes it harmless to send a command twice.
      mutations: { retry: (count, error) => count < 2 && error instanceof Problem && error.passing },
    },
  });
  return client;
}

// What is refused because something has changed, or is gone.
const outdated = (error: Error) => error instanceof Problem && ["conflict", "stale", "not-found", "forbidden"].includes(error.code);

/**
 * A command. Sent again after a failure with the same input it is the same
 * command: it keeps its key. What is shown is asked for again when it is done, and
 * when it was refused for what has changed since.
 */
export function useCommand<Input, Output>(send: (input: Input, key: string) => Promise<Output>) {
  const client = useQueryClient();
  const last = useRef({ input: "", key: "" });
  const again = () => client.invalidateQueries({ predicate: (q) => q.queryKey[0] !== kept });
  return useMutation<Output, Error, Input>({
    mutationFn: (input) => {
      const text = JSON.stringify(input) ?? "";
      if (!last.current.key || last.current.input !== text) last.current = { input: text, key: crypto.randomUUID() };
      return send(input, last.current.key);
    },
    onSuccess: async () => {
      last.current.key = "";
      await again();
    },
    onError: (error) => (outdated(error) ? again() : undefined),
  });
}

/** The parameters that every command has. */
export const command = (key: string) => ({ "Idempotency-Key": key });
