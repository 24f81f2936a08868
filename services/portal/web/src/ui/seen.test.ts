import { expect, test } from "vitest";
import { seenBy } from "./seen";

const ada = {
  id: "a", active: true, former: false, name: "Ada", email: "ada@example.org",
  profile: {
    about: "Hello", can_help: ["minutes"], availability: "away", languages: ["de"],
    visibility: { email: "communities", about: "nobody", languages: "communities" },
  },
} as const;

const person = () => structuredClone(ada) as unknown as Parameters<typeof seenBy>[0];

test("anybody sees what is for everybody", () => {
  const { email, profile } = seenBy(person(), "organisation");
  expect(email).toBeUndefined();
  expect(profile).toMatchObject({ can_help: ["minutes"], availability: "away" });
  expect(profile?.about).toBeUndefined();
  expect(profile?.languages).toBeUndefined();
});

test("who shares a community sees what is for them too, and nothing that is for nobody", () => {
  const { email, profile } = seenBy(person(), "communities");
  expect(email).toBe("ada@example.org");
  expect(profile?.languages).toEqual(["de"]);
  expect(profile?.about).toBeUndefined();
});
