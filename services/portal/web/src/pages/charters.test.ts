import { expect, test } from "vitest";
import { bodyOf, draftOf, wrongStakeholder } from "./charters";

const charter = {
  community: "c1", version: 2, purpose: "Buy well", objectives: ["One case a month"], norms: ["We ask early", "We share"],
  stakeholders: [{ name: "Council", interest: "Costs: lower ones" }],
};

test("a charter that is opened and saved says the same", () => {
  const { objectives, norms, stakeholders, purpose } = charter;
  expect(bodyOf({ ...draftOf(charter), note: " Why " })).toEqual({ purpose, vision: "", objectives, norms, stakeholders, note: "Why" });
});

test("a stakeholder needs a name and an interest", () => {
  expect(wrongStakeholder("Council: costs\n\nThe press")).toBe("The press");
  expect(wrongStakeholder("Council: costs\n: nobody")).toBe(": nobody");
  expect(wrongStakeholder("Council: costs: lower ones")).toBeUndefined();
});
