import { matching, read, type Matching } from "../api/client";
import { myProposalsKey } from "../api/home";
import { command, useCommand } from "../api/queries";
import { usePerson } from "../app/context";

export const proposalsQuery = (request: string) => ({
  queryKey: ["proposals", request],
  queryFn: () => read(matching.GET("/requests/{request}/proposals", { params: { path: { request } } })),
});

export type HelperAnswer = "can_help" | "not_me";

/** "I can help" and "not me", sent for one request. It shows at once. */
export function useAnswer(request: string) {
  const { person } = usePerson();
  return useCommand(
    (answer: HelperAnswer, key) =>
      read(matching.POST("/requests/{request}/offer", { params: { path: { request }, header: command(key) }, body: { answer } })),
    {
      name: ["answer", request],
      foresee: (answer, see) => {
        const said = answer === "can_help" ? "can_help" : "not_available";
        see<Matching["Proposals"]>(proposalsQuery(request).queryKey, (p) => ({ ...p, items: answered(p.items, person, said) }));
        see<Matching["MyProposalPage"]>(myProposalsKey, (p) => ({ ...p, items: p.items.filter((i) => i.request !== request) }));
      },
    },
  );
}

function answered(items: Matching["ProposedHelper"][], person: string, answer: Matching["ProposedHelper"]["answer"]): Matching["ProposedHelper"][] {
  if (items.some((i) => i.person === person)) return items.map((i) => (i.person === person ? { ...i, answer } : i));
  return [...items, { person, answer, round: 0, proposed: false, reasons: [] }];
}
