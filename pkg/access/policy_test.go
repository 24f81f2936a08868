package access_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"kith/api/events/community"
	"kith/api/events/membership"
	"kith/pkg/access"
	"kith/pkg/fault"
)

var (
	roles    = []access.Role{access.None, access.Sponsor, access.Host, access.Core, access.Member, access.Peripheral, access.Guest}
	orgRoles = []access.OrgRole{access.Coordinator, access.Connector, access.Ombudsperson, access.Auditor, access.Administrator}
	actions  = []access.Action{
		access.FoundCommunity, access.AskEverybody, access.ChangeSettings, access.ChangeState, access.ReviseCharter, access.Invite,
		access.Admit, access.RemoveMember, access.ChangeRole, access.ReadContent, access.AskCommunity, access.LinkCommunity,
		access.ManageOrganisation, access.ManageSystem, access.ReadLog,
		access.IntroducePeople,
	}
	// conditions of a person; only the first may do anything.
	conditions = []string{"active", "reactivated", "deactivated", "erased", "unknown"}
)

// everybody is an organisation with each role in an open and a closed
// community, held by a person in each condition. People are called by their
// role and condition.
func everybody(t *testing.T) *story {
	s := newStory(t)
	s.found("open", community.Open, "founder")
	s.found("closed", community.Closed, "founder")
	s.found("hostless", community.Closed, "founder")
	s.on("community", "hostless", community.SuccessionOpened{Last: "founder"})
	for _, condition := range conditions {
		for _, role := range roles {
			p := string(role) + "-" + condition
			s.person(p, condition)
			if role != access.None {
				s.join("open", p, role)
				s.join("closed", p, role)
				s.join("hostless", p, role)
			}
		}
		for _, role := range orgRoles {
			p := string(role) + "-" + condition
			s.person(p, condition)
			s.on("role", p, membership.RoleGranted{Role: string(role)})
		}
	}
	return s
}

func TestMay(t *testing.T) {
	a := everybody(t).a
	// The policy once more, as a reader of the product would write it down.
	in := map[access.Action][]access.Role{
		access.ChangeSettings: {access.Host}, access.ChangeState: {access.Host}, access.Admit: {access.Host},
		access.RemoveMember: {access.Host}, access.ChangeRole: {access.Host}, access.LinkCommunity: {access.Host},
		access.Invite:        {access.Host, access.Core},
		access.ReviseCharter: {access.Host, access.Core, access.Sponsor},
		access.AskCommunity:  roles[1:],
	}
	org := map[access.Action][]access.OrgRole{
		access.ChangeState: {access.Coordinator}, access.ChangeRole: {access.Coordinator},
		access.ManageOrganisation: {access.Administrator}, access.ManageSystem: {access.Administrator},
		access.ReadLog: {access.Auditor}, access.IntroducePeople: {access.Coordinator, access.Administrator},
	}
	hostless := map[access.Action][]access.OrgRole{access.Admit: {access.Coordinator}}
	everyone := []access.Action{access.FoundCommunity, access.AskEverybody}
	check := func(person string, action access.Action, community string, want bool) {
		t.Helper()
		err := a.May(person, action, community)
		if (err == nil) != want {
			t.Errorf("%s in %q: may %s: %v", person, community, action, err)
		}
		if err != nil && fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("%s in %q: may %s: code %s", person, community, action, fault.CodeOf(err))
		}
	}
	for _, condition := range conditions {
		alive := condition == "active" || condition == "reactivated"
		for _, where := range []string{"open", "closed", "hostless", ""} {
			for _, action := range actions {
				for _, role := range roles {
					want := slices.Contains(everyone, action) || where != "" && slices.Contains(in[action], role) ||
						action == access.ReadContent && (where != "closed" && where != "hostless" || role != access.None)
					check(string(role)+"-"+condition, action, where, alive && want)
				}
				for _, role := range orgRoles {
					want := slices.Contains(everyone, action) || slices.Contains(org[action], role) ||
						where == "hostless" && slices.Contains(hostless[action], role) ||
						action == access.ReadContent && where != "closed" && where != "hostless"
					check(string(role)+"-"+condition, action, where, alive && want)
				}
			}
		}
	}
}

func TestACoordinatorAdmitsUntilThereIsAHost(t *testing.T) {
	s := everybody(t)
	if err := s.a.May("coordinator-active", access.Admit, "hostless"); err != nil {
		t.Fatal(err)
	}
	s.on("community", "hostless", community.SuccessionSettled{Host: "host-active"})
	if err := s.a.May("coordinator-active", access.Admit, "hostless"); fault.CodeOf(err) != fault.Forbidden {
		t.Fatal(err)
	}
}

func TestMayRefuses(t *testing.T) {
	a := everybody(t).a
	t.Run("an action that nobody knows", func(t *testing.T) {
		if err := a.May("host-active", "conquer the world", "open"); fault.CodeOf(err) != fault.Forbidden {
			t.Fatal(err)
		}
	})
	t.Run("a community that does not exist", func(t *testing.T) {
		for _, action := range actions {
			if err := a.May("host-active", action, "nowhere"); fault.CodeOf(err) != fault.NotFound {
				t.Fatalf("%s: %v", action, err)
			}
		}
	})
	t.Run("with words that name who may", func(t *testing.T) {
		for action, words := range map[access.Action]string{
			access.Invite: "host or core", access.ChangeRole: "host or coordinator of the organisation",
			access.AskCommunity: "a member", access.ReadContent: "ask to join", access.ReadLog: "auditor of the organisation",
			access.Admit: "host or while there is no host coordinator of the organisation",
		} {
			var f *fault.Error
			if err := a.May("-active", action, "closed"); !errors.As(err, &f) || !strings.Contains(f.Detail, words) {
				t.Errorf("%s: %v", action, err)
			}
		}
	})
}

func TestSeesCommunity(t *testing.T) {
	a := everybody(t).a
	for _, condition := range conditions {
		alive := condition == "active" || condition == "reactivated"
		for _, role := range roles {
			p := string(role) + "-" + condition
			for where, want := range map[string]bool{"": alive, "open": alive, "closed": alive && role != access.None, "nowhere": false} {
				if got := a.SeesCommunity(p, where); got != want {
					t.Errorf("%s sees %q: %v", p, where, got)
				}
			}
			if got, want := a.Role("closed", p), role; alive && got != want || !alive && got != access.None {
				t.Errorf("%s has the role %q", p, got)
			}
		}
		for _, role := range orgRoles { // no office opens a closed community
			if p := string(role) + "-" + condition; a.SeesCommunity(p, "closed") {
				t.Errorf("%s sees the closed community", p)
			}
		}
	}
}
