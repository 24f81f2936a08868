import { useQuery } from "@tanstack/react-query";
import { matching, read, readAll, type Matching } from "../api/client";
import { command, useCommand } from "../api/queries";

export type Buddy = Matching["Buddy"];
export type Introduction = Matching["Introduction"];

/** What is open between the person and buddies or newcomers. */
export const useBuddies = () =>
  useQuery({ queryKey: ["buddies"], queryFn: () => readAll((cursor) => read(matching.GET("/me/buddies", { params: { query: cursor ? { cursor } : {} } }))) });

/** To whom the person was introduced lately. */
export const useIntroductions = () =>
  useQuery({ queryKey: ["introductions"], queryFn: async () => (await read(matching.GET("/me/introductions"))).items });

/** Whether it is the person's turn. */
export const waits = (b: Buddy, me: string) => (b.newcomer === me ? b.state === "suggested" : b.state === "chosen");

/** After this time an introduction that nobody has said anything about is not brought up any more, in milliseconds. */
const fresh = 14 * 86_400_000;
export const current = (i: Introduction, now: number) => !i.answer && !i.former && now - Date.parse(i.at) < fresh;

export const useChoice = (buddy: string) =>
  useCommand((person: string | null, key) =>
    read(matching.POST("/buddies/{buddy}/choose", { params: { path: { buddy }, header: command(key) }, body: person === null ? { nobody: true } : { person } })),
  );

export const useBuddyAnswer = (buddy: string) =>
  useCommand((answer: "agree" | "decline", key) => read(matching.POST("/buddies/{buddy}/answer", { params: { path: { buddy }, header: command(key) }, body: { answer } })));

export const useBuddyEnd = (buddy: string) =>
  useCommand((_: "end", key) => read(matching.POST("/buddies/{buddy}/end", { params: { path: { buddy }, header: command(key) } })));

export const useMet = (introduction: string) =>
  useCommand((answer: "met" | "not_this_time", key) =>
    read(matching.POST("/introductions/{introduction}/answer", { params: { path: { introduction }, header: command(key) }, body: { answer } })),
  );
