import { MutationCache, QueryCache, QueryClient, useMutation, useMutationState, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useId, useRef } from "react";
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

/** Changes what is shown under a key, if something is. */
export type See = <D>(key: QueryKey, change: (data: D) => D) => void;

/** How a command shows before it is answered. */
export interface Ahead<Input> {
  /** What it is about. Whoever shows that sees how the last such command ended, on whatever page it was given. */
  name: readonly string[];
  /** What will be so once it is done. If it is refused, all is again as it was. */
  foresee: (input: Input, see: See) => void;
}

/** What follows a command, told of with it. */
export interface After<Output> {
  /** In any case, though the row, the form or the page that gave the command may be gone with what it did. */
  onSuccess?: (output: Output) => void;
  onError?: (error: Error) => void;
  /** Only if whoever gave it is still there: nobody is led away from where they have gone meanwhile. */
  here?: (output: Output) => void;
}

/**
 * A command. Sent again after a failure with the same input it is the same
 * command: it keeps its key. What is shown is asked for again when it is done,
 * when something that was shown ahead has not come true, and when it was refused
 * for what has changed since.
 */
export function useCommand<Input, Output>(send: (input: Input, key: string) => Promise<Output>, ahead?: Ahead<Input>) {
  const client = useQueryClient();
  const own = useId();
  const mutationKey = ahead?.name ?? [own];
  const last = useRef({ input: "", key: "" });
  const askAgain = () => client.invalidateQueries({ predicate: (q) => q.queryKey[0] !== kept });
  const command = useMutation<Output, Error, Input, Before>({
    mutationKey,
    // What is shown as done must not wait for a network.
    // A refusal is told for a minute to pages that are opened after it.
    ...(ahead && { networkMode: "always", gcTime: 60_000 }),
    mutationFn: (input) => {
      const text = JSON.stringify(input) ?? "";
      if (!last.current.key || last.current.input !== text) last.current = { input: text, key: crypto.randomUUID() };
      return send(input, last.current.key);
    },
    onMutate: (input) => (ahead ? foreseen(client, input, ahead) : []),
    onError: async (error, _input, before = []) => {
      for (const [key, data] of before) client.setQueryData(key, data);
      if (before.length > 0 || outdated(error)) await askAgain();
    },
    onSuccess: async () => {
      last.current.key = "";
      await askAgain();
    },
  });
  const mutate = (input: Input, { onSuccess, onError, here }: After<Output> = {}) =>
    void command.mutateAsync(input, here ? { onSuccess: here } : {}).then(onSuccess, onError ?? (() => undefined));
  const told = useMutationState({ filters: { mutationKey, exact: true }, select: (m) => m.state.error }).at(-1) ?? null;
  const error = ahead ? told : command.error;
  return { ...command, mutate, error, isError: error !== null };
}

type Before = [QueryKey, unknown][];

/** Shows what is foreseen, and returns what was shown before. */
export async function foreseen<Input>(client: QueryClient, input: Input, { foresee }: Ahead<Input>): Promise<Before> {
  const changes: [QueryKey, (data: unknown) => unknown][] = [];
  foresee(input, (key, change) => changes.push([key, change as (data: unknown) => unknown]));
  // An answer that is on its way is older than what is foreseen.
  await Promise.all(changes.map(([queryKey]) => client.cancelQueries({ queryKey, exact: true, predicate: (q) => q.state.data !== undefined })));
  const shown = changes.map(([key, change]) => ({ key, data: client.getQueryData(key), change })).filter(({ data }) => data !== undefined);
  const next = shown.map(({ key, data, change }) => [key, change(data)] as const); // all of it, or nothing
  for (const [key, data] of next) client.setQueryData(key, data);
  return shown.map(({ key, data }) => [key, data]);
}

/** The parameters that every command has. */
export const command = (key: string) => ({ "Idempotency-Key": key });
