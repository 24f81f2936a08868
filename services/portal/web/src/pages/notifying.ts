import type { Notification } from "../api/client";

type Rule = Notification["Rule"];
export type Kind = Notification["Kind"];
type Group = "help" | "asked" | "own" | "community" | "hosts" | "meeting";

/** In the order in which they are shown. */
export const groups = ["help", "asked", "own", "community", "hosts", "meeting"] as const satisfies readonly Group[];

// Where each kind is shown.
const shown: Record<Kind, Group> = {
  asked_to_help: "help", asked_to_find: "help", request_raised: "help",
  response: "asked", help_offered: "asked", nobody_found: "asked", nobody_answered: "asked", accepted: "asked", thanked: "asked",
  invited: "own", admitted: "own", join_declined: "own", removed: "own", role_changed: "own", first_week: "own",
  member_joined: "community", charter_revised: "community", state_changed: "community", link_agreed: "community", link_ended: "community",
  join_requested: "hosts", invitation_accepted: "hosts", succession_asked: "hosts", succession_told: "hosts",
  link_proposed: "hosts", link_declined: "hosts", link_withdrawn: "hosts",
  introduced: "meeting", buddies_suggested: "meeting", buddy_chosen: "meeting", buddy_agreed: "meeting", buddy_declined: "meeting", buddy_ended: "meeting",
};

const kinds = Object.keys(shown) as Kind[];

/** The kinds of a group; of one community, those that come from communities. */
export const kindsOf = (group: Group, community: string) => kinds.filter((k) => shown[k] === group && (community === "" || k !== "introduced"));

export interface Ways {
  inbox: boolean;
  mail: boolean;
}

/** Of what a rule is; "" is every one. */
export interface Scope {
  community: string;
  kind: Kind | "";
}

const at = (r: Rule, community: string, kind: string) => (r.community ?? "") === community && (r.kind ?? "") === kind;

/**
 * The rule that holds for notifications of a kind from a community, as the service
 * takes the most specific one: for both, the community, the kind, everything.
 */
export function governing(rules: readonly Rule[], { community, kind }: Scope): Rule | undefined {
  const scopes: [string, string][] = [[community, kind], [community, ""], ["", kind], ["", ""]];
  for (const [c, k] of scopes) {
    const rule = rules.find((r) => at(r, c, k));
    if (rule) return rule;
  }
  return undefined;
}

/** What holds for a scope. */
export function holding(p: Notification["Preferences"], scope: Scope): Ways {
  const found = governing(p.rules, scope) ?? p.defaults.find((d) => d.kind === scope.kind);
  return { inbox: found?.inbox ?? true, mail: found?.mail ?? false };
}

/** The rules with what is wanted for a scope; none if the same would hold without one. */
export function withRule(p: Notification["Preferences"], scope: Scope, ways: Ways): Rule[] {
  const rules = p.rules.filter((r) => !at(r, scope.community, scope.kind));
  const now = holding({ ...p, rules }, scope);
  if (scope.kind && now.inbox === ways.inbox && now.mail === ways.mail) return rules;
  return [...rules, { ...(scope.community && { community: scope.community }), ...(scope.kind && { kind: scope.kind }), ...ways }];
}

/** The rules without those of one community; without a community, none that is for every one. */
export const without = (rules: readonly Rule[], community: string) => rules.filter((r) => (r.community ?? "") !== community);
