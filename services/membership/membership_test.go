package membership

import (
	"testing"

	"pgregory.net/rapid"

	"kith/api/events/community"
	events "kith/api/events/membership"
	"kith/pkg/es"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
)

func TestMembership(t *testing.T) {
	x := events.Tie{Community: "c", Person: "p"}
	hello, why := content("p", "hello"), content("h", "because")
	open, byRequest, byInvitation := terms{joining: community.JoinOpen}, terms{joining: community.JoinRequest}, terms{joining: community.JoinInvitation}
	over := terms{joining: community.JoinOpen, ended: true}
	asked, invited := events.MembershipRequested{Tie: x}, events.MembershipInvited{Tie: x}
	member, host, core := joined(x, events.ViaOpen, roleMember), joined(x, events.ViaFounding, roleHost), joined(x, events.ViaOpen, roleCore)
	left, removed := events.MembershipLeft{Tie: x}, events.MembershipRemoved{Tie: x}
	type decision = func(tie) (es.Event, error)
	join := func(on terms) decision { return func(s tie) (es.Event, error) { return s.Join(x, on, hello) } }
	admit := func(s tie) (es.Event, error) { return s.Admit(x, byRequest) }
	accept := func(s tie) (es.Event, error) { return s.AcceptInvitation(x, byInvitation) }
	role := func(r string) decision { return func(s tie) (es.Event, error) { return s.ChangeRole(x, open, r) } }
	layDown := func(on terms) decision { return func(s tie) (es.Event, error) { return s.LayDown(x, on) } }
	takeOver := func(hosts, core int) decision {
		return func(s tie) (es.Event, error) { return s.TakeOver(x, open, hosts, core) }
	}

	for _, c := range []struct {
		rule  string
		given []any
		when  decision
		then  es.Event   // nil: nothing, or fails
		fails fault.Code // "" for none
	}{
		{"an open community is joined at once", nil, join(open), member, ""},
		{"who is a member joins again without effect", []any{member}, join(open), nil, ""},
		{"a closed community is joined by nobody", nil, join(over), nil, fault.Conflict},
		{"a closed community is joined by nobody, invited or not", []any{invited}, join(over), nil, fault.Conflict},
		{"a community on request is asked", nil, join(byRequest), events.MembershipRequested{Tie: x, Message: hello}, ""},
		{"who has asked asks again without effect", []any{asked}, join(byRequest), nil, ""},
		{"who left asks anew", []any{asked, member, left}, join(byRequest), events.MembershipRequested{Tie: x, Message: hello}, ""},
		{"a community by invitation is not joined without one", nil, join(byInvitation), nil, fault.Forbidden},
		{"joining accepts an invitation", []any{invited}, join(byInvitation), joined(x, events.ViaInvitation, roleMember), ""},
		{"a withdrawn invitation is none", []any{invited, events.MembershipInvitationWithdrawn{Tie: x}}, join(byInvitation), nil, fault.Forbidden},

		{"a host admits who has asked", []any{asked}, admit, joined(x, events.ViaAdmission, roleMember), ""},
		{"nobody is admitted who has not asked", nil, admit, nil, fault.Conflict},
		{"nobody is admitted who was only invited", []any{invited}, admit, nil, fault.Conflict},
		{"nobody is admitted who has withdrawn", []any{asked, events.MembershipRequestWithdrawn{Tie: x}}, admit, nil, fault.Conflict},
		{"nobody is admitted who was declined", []any{asked, events.MembershipRequestDeclined{Tie: x}}, admit, nil, fault.Conflict},
		{"nobody is admitted who has left", []any{asked, member, left}, admit, nil, fault.Conflict},
		{"nobody is admitted who was removed", []any{asked, member, removed}, admit, nil, fault.Conflict},
		{"who is a member is admitted without effect", []any{member}, admit, nil, ""},
		{"nobody is admitted to a closed community", []any{asked}, func(s tie) (es.Event, error) { return s.Admit(x, over) }, nil, fault.Conflict},

		{"an invitation is accepted", []any{invited}, accept, joined(x, events.ViaInvitation, roleMember), ""},
		{"nobody accepts what was not offered", nil, accept, nil, fault.Conflict},
		{"nobody accepts what was withdrawn", []any{invited, events.MembershipInvitationWithdrawn{Tie: x}}, accept, nil, fault.Conflict},
		{"nobody accepts what they declined", []any{invited, events.MembershipInvitationDeclined{Tie: x}}, accept, nil, fault.Conflict},
		{"an invitation is used up by joining", []any{invited, member, left}, accept, nil, fault.Conflict},
		{"inviting a member is refused", []any{member}, func(s tie) (es.Event, error) { return s.Invite(x, open, hello) }, nil, fault.Conflict},
		{"inviting who has asked is refused", []any{asked}, func(s tie) (es.Event, error) { return s.Invite(x, open, hello) }, nil, fault.Conflict},
		{"inviting twice is inviting once", []any{invited}, func(s tie) (es.Event, error) { return s.Invite(x, open, hello) }, nil, ""},
		{"inviting to a closed community is refused", nil, func(s tie) (es.Event, error) { return s.Invite(x, over, hello) }, nil, fault.Conflict},

		{"a request is withdrawn", []any{asked}, func(s tie) (es.Event, error) { return s.WithdrawRequest(x) }, events.MembershipRequestWithdrawn{Tie: x}, ""},
		{"withdrawing after admission is refused", []any{asked, member}, func(s tie) (es.Event, error) { return s.WithdrawRequest(x) }, nil, fault.Conflict},
		{"declining needs a request", nil, func(s tie) (es.Event, error) { return s.DeclineRequest(x, why) }, nil, fault.Conflict},
		{"declining says why", []any{asked}, func(s tie) (es.Event, error) { return s.DeclineRequest(x, why) }, events.MembershipRequestDeclined{Tie: x, Reason: why}, ""},

		{"a founder becomes host", nil, func(s tie) (es.Event, error) { return s.Found(x) }, host, ""},
		{"a founder who left meanwhile stays away", []any{host, left}, func(s tie) (es.Event, error) { return s.Found(x) }, nil, ""},
		{"the last host leaves like everybody", []any{host}, func(s tie) (es.Event, error) { return s.Leave(x) }, left, ""},
		{"leaving twice is leaving once", []any{member, left}, func(s tie) (es.Event, error) { return s.Leave(x) }, nil, ""},
		{"removing says why", []any{member}, func(s tie) (es.Event, error) { return s.Remove(x, why) }, events.MembershipRemoved{Tie: x, Reason: why}, ""},
		{"who is no member cannot be removed", []any{asked}, func(s tie) (es.Event, error) { return s.Remove(x, why) }, nil, fault.NotFound},

		{"a member gets another role", []any{member}, role(roleCore), events.MembershipRoleChanged{Tie: x, Role: roleCore}, ""},
		{"the same role is no change", []any{member}, role(roleMember), nil, ""},
		{"a role makes nobody a member", []any{invited}, role(roleHost), nil, fault.NotFound},
		{"a closed community keeps its roles", []any{member}, func(s tie) (es.Event, error) { return s.ChangeRole(x, over, roleCore) }, nil, fault.Conflict},
		{"nobody takes over a closed community", []any{core}, func(s tie) (es.Event, error) { return s.TakeOver(x, over, 0, 1) }, nil, fault.Conflict},
		{"there is no other role", []any{member}, role("boss"), nil, fault.Invalid},

		{"a core member hands the role back", []any{core}, layDown(open), events.MembershipRoleChanged{Tie: x, Role: roleMember}, ""},
		{"so does the last host", []any{host}, layDown(open), events.MembershipRoleChanged{Tie: x, Role: roleMember}, ""},
		{"who has no role to hand back stays what they are", []any{member, events.MembershipRoleChanged{Tie: x, Role: roleGuest}}, layDown(open), nil, ""},
		{"nobody hands a role back from outside", []any{invited}, layDown(open), nil, fault.Forbidden},
		{"nor in a closed community", []any{core}, layDown(over), nil, fault.Conflict},

		{"a core member takes over", []any{core}, takeOver(0, 1), events.MembershipRoleChanged{Tie: x, Role: roleHost}, ""},
		{"a member waits while there is a core", []any{member}, takeOver(0, 1), nil, fault.Forbidden},
		{"a member takes over where there is no core", []any{member}, takeOver(0, 0), events.MembershipRoleChanged{Tie: x, Role: roleHost}, ""},
		{"nobody takes over from a host", []any{core}, takeOver(1, 1), nil, fault.Conflict},
		{"nobody takes over from outside", nil, takeOver(0, 0), nil, fault.Forbidden},
	} {
		t.Run(c.rule, func(t *testing.T) {
			out := estest.Given(t, foldTie, c.given...).When(c.when)
			switch {
			case c.fails != "":
				out.Fails(c.fails)
			case c.then == nil:
				out.Nothing()
			default:
				out.Then(c.then)
			}
		})
	}
}

// Whatever hosts and administrators do, in whatever order, a membership begins
// only after an act of the person that has not been taken back.
func TestNobodyIsMadeAMember(t *testing.T) {
	x := events.Tie{Community: "c", Person: "p"}
	text := content("h", "x")
	rapid.Check(t, func(t *rapid.T) {
		on := terms{joining: rapid.SampledFrom([]string{community.JoinOpen, community.JoinRequest, community.JoinInvitation}).Draw(t, "joining")}
		var s tie
		willing := false // the person has asked and not taken it back
		for i := range rapid.IntRange(1, 30).Draw(t, "acts") {
			own, decide := false, func(tie) (es.Event, error) { return nil, nil }
			switch rapid.IntRange(0, 12).Draw(t, "act") {
			case 0:
				own, decide = true, func(s tie) (es.Event, error) { return s.Join(x, on, text) }
			case 1:
				own, decide = true, func(s tie) (es.Event, error) { return s.WithdrawRequest(x) }
			case 2:
				own, decide = true, func(s tie) (es.Event, error) { return s.AcceptInvitation(x, on) }
			case 3:
				own, decide = true, func(s tie) (es.Event, error) { return s.DeclineInvitation(x) }
			case 4:
				own, decide = true, func(s tie) (es.Event, error) { return s.Leave(x) }
			case 5:
				decide = func(s tie) (es.Event, error) { return s.Admit(x, on) }
			case 6:
				decide = func(s tie) (es.Event, error) { return s.DeclineRequest(x, text) }
			case 7:
				decide = func(s tie) (es.Event, error) { return s.Invite(x, on, text) }
			case 8:
				decide = func(s tie) (es.Event, error) { return s.WithdrawInvitation(x) }
			case 9:
				decide = func(s tie) (es.Event, error) { return s.Remove(x, text) }
			case 10:
				decide = func(s tie) (es.Event, error) { return s.ChangeRole(x, on, roleHost) }
			case 11:
				own, decide = true, func(s tie) (es.Event, error) { return s.TakeOver(x, on, 0, 0) }
			case 12:
				decide = func(s tie) (es.Event, error) { return s.LayDown(x, on) }
			}
			e, err := decide(s)
			if err != nil || e == nil {
				continue
			}
			if _, ok := e.(events.MembershipJoined); ok && !own && !willing {
				t.Fatalf("act %d made somebody a member who had not asked", i)
			}
			switch e.(type) {
			case events.MembershipRequested:
				willing = true
			case events.MembershipRequestWithdrawn, events.MembershipRequestDeclined, events.MembershipJoined, events.MembershipLeft, events.MembershipRemoved:
				willing = false
			}
			was := s.member
			foldTie(&s, es.Recorded{Seq: uint64(i + 1), Data: e})
			if _, ok := e.(events.MembershipJoined); s.member && !was && !ok {
				t.Fatalf("%s made somebody a member", e.EventType())
			}
		}
	})
}
