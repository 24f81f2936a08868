import { useQueries, useQuery } from "@tanstack/react-query";
import { system, read, type System as Api } from "../api/client";

type State = Api["State"];

const every = 5_000; // milliseconds

const stateQuery = (service?: string) => ({
  queryKey: ["system", "state", service ?? ""],
  queryFn: () => read(system.GET("/state", { params: { query: { ...(service && { service }) } } })),
  refetchInterval: every,
});

/** One process, by a service that it runs; without a state it does not answer. */
interface Found {
  service: string;
  state?: State;
  error?: Error | null;
}

/** Every process once: the one that answers, and those of the services that it does not run. */
export function useProcesses() {
  const first = useQuery(stateQuery());
  const names = first.data?.elsewhere ?? [];
  const others = useQueries({ queries: names.map((name) => ({ ...stateQuery(name), retry: false })) });
  const found: Found[] = first.data ? [{ service: first.data.services[0] ?? "", state: first.data }] : [];
  others.forEach((q, i) => {
    const service = names[i] ?? "";
    if (found.some((f) => f.state?.services.includes(service))) return;
    if (q.data) found.push({ service, state: q.data });
    else if (q.isError) found.push({ service, error: q.error });
  });
  return { first, processes: found };
}

/** The service whose process has a reactor: that one alone can try again what the reactor gave up on. */
export function useServiceOf(reactor: string): string | undefined {
  return useProcesses().processes.find((p) => p.state?.reactors.includes(reactor))?.service;
}
