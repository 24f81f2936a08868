import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { foreseen } from "./queries";

test("what is foreseen is shown under its key alone, and what was there before can come back", async () => {
  const client = new QueryClient();
  client.setQueryData(["request", "a"], { accepted: false });
  client.setQueryData(["request", "a", "timeline"], { items: [] });
  const before = await foreseen(client, "accept", {
    name: ["accept", "a"],
    foresee: (_, see) => {
      see(["request", "a"], (talk: { accepted: boolean }) => ({ ...talk, accepted: true }));
      see(["not", "shown"], () => expect.fail("nothing is shown there"));
    },
  });
  expect(client.getQueryData(["request", "a"])).toEqual({ accepted: true });
  expect(client.getQueryData(["request", "a", "timeline"])).toEqual({ items: [] });
  expect(before).toEqual([[["request", "a"], { accepted: false }]]);
});

test("an answer that was on its way does not undo what is foreseen", async () => {
  const client = new QueryClient();
  client.setQueryData(["count"], 3);
  let answer: (n: number) => void = () => undefined;
  const asking = client.fetchQuery({ queryKey: ["count"], queryFn: () => new Promise<number>((go) => (answer = go)) }).catch(() => undefined);
  await foreseen(client, "read", { name: ["read"], foresee: (_, see) => see<number>(["count"], () => 0) });
  answer(3);
  await asking;
  expect(client.getQueryData(["count"])).toBe(0);
});
