import type { Membership } from "../api/client";

type Person = Membership["Person"];
type Field = keyof Membership["ProfileVisibility"];

/** Who looks: anybody in the organisation, or somebody of the same community. */
export const viewers = ["organisation", "communities"] as const;
export type Viewer = (typeof viewers)[number];

/** What a viewer sees of somebody who is known with everything and says who sees what. */
export function seenBy(person: Person, viewer: Viewer): Person {
  const rules = person.profile?.visibility ?? {};
  const hidden = (field: Field) => {
    const rule = rules[field] ?? "organisation";
    return rule === "nobody" || (rule === "communities" && viewer !== "communities");
  };
  const left = <T extends object>(of: T) => Object.fromEntries(Object.entries(of).filter(([field]) => !hidden(field as Field))) as T;
  const { email, ...rest } = person;
  return {
    ...rest,
    ...(email !== undefined && !hidden("email") && { email }),
    ...(person.profile && { profile: left(person.profile) }),
  };
}
