import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

/** What is asked for again: the first part of keys of queries. */
const live = ["inbox", "proposals", "request", "requests", "line", "invitations", "community", "memberships", "links", "buddies", "introductions"];

/** Asks again for what is shown when something happened that concerns the person. */
export function useLive() {
  const client = useQueryClient();
  useEffect(() => {
    const stream = new EventSource("/api/notification/stream");
    let waiting: ReturnType<typeof setTimeout> | undefined;
    // What comes together is one occasion.
    const news = () => {
      waiting ??= setTimeout(() => {
        waiting = undefined;
        for (const key of live) void client.invalidateQueries({ queryKey: [key] });
      }, 400);
    };
    stream.addEventListener("item", news);
    stream.addEventListener("reload", news);
    return () => {
      stream.close();
      clearTimeout(waiting);
    };
  }, [client]);
}
