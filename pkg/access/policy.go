package access

import (
	"strings"

	"kith/pkg/fault"
)

// Action is something that only some may do.
type Action string

// Actions. Those in a community are judged by the role there as well.
const (
	FoundCommunity Action = "found a community"
	AskEverybody   Action = "ask everybody for help"

	ChangeSettings Action = "change the settings of this community"
	ChangeState    Action = "move this community through its life cycle"
	ReviseCharter  Action = "revise the charter of this community"
	Invite         Action = "invite people to this community"
	Admit          Action = "admit people to this community"
	RemoveMember   Action = "remove members of this community"
	ChangeRole     Action = "change roles in this community"
	ReadContent    Action = "read what is in this community"
	AskCommunity   Action = "ask this community for help"
	LinkCommunity  Action = "link this community with others"

	ManageOrganisation Action = "manage units, people and roles"
	ManageSystem       Action = "operate the system"
	ReadLog            Action = "read the log"
	IntroducePeople    Action = "start a round of introductions"
)

// rule says who may do something: anybody who is active, anybody with one of
// the roles in the community, or with one of the roles in the organisation.
type rule struct {
	anyone   bool
	in       []Role
	org      []OrgRole
	hostless []OrgRole // only while the community has no host
}

// ruleOf is the whole policy.
func ruleOf(a Action) rule {
	everyMember := []Role{Sponsor, Host, Core, Member, Peripheral, Guest}
	switch a {
	case FoundCommunity, AskEverybody:
		return rule{anyone: true}
	case ChangeSettings, RemoveMember, LinkCommunity:
		return rule{in: []Role{Host}}
	case Admit:
		// Else a community that everybody has left could never be joined again.
		return rule{in: []Role{Host}, hostless: []OrgRole{Coordinator}}
	case ChangeRole, ChangeState:
		return rule{in: []Role{Host}, org: []OrgRole{Coordinator}}
	case ReviseCharter:
		return rule{in: []Role{Host, Sponsor, Core}}
	case Invite:
		return rule{in: []Role{Host, Core}}
	case AskCommunity:
		return rule{in: everyMember}
	case ManageOrganisation, ManageSystem:
		return rule{org: []OrgRole{Administrator}}
	case IntroducePeople:
		return rule{org: []OrgRole{Coordinator, Administrator}}
	case ReadLog:
		return rule{org: []OrgRole{Auditor}}
	default:
		return rule{}
	}
}

// May returns nil if the person may do a, in the community where a is about
// one ("" otherwise). Returns Forbidden with who may, or NotFound for a
// community that does not exist.
func (a *Access) May(person string, action Action, community string) error {
	a.mu.RLock()
	defer a.mu.RUnlock()
	p := a.s.persons[person]
	if p == nil || !p.Active {
		return fault.New(fault.Forbidden, "Only active people of the organisation may %s.", action)
	}
	if community != "" {
		if !a.s.communities[community].founded() {
			return fault.New(fault.NotFound, "There is no community with this id.")
		}
	}
	if action == ReadContent {
		if a.s.seesCommunity(person, community) {
			return nil
		}
		return fault.New(fault.Forbidden, "This community is closed: only its members may %s. You can ask to join it.", action)
	}
	r := ruleOf(action)
	if r.anyone {
		return nil
	}
	if community != "" && has(r.in, a.s.role(community, person)) {
		return nil
	}
	for _, org := range r.org {
		if p.Has(org) {
			return nil
		}
	}
	if community != "" && a.s.communities[community].Hostless {
		for _, org := range r.hostless {
			if p.Has(org) {
				return nil
			}
		}
	}
	return fault.New(fault.Forbidden, "To %s you need to be %s.", action, r)
}

// String names the roles in words.
func (r rule) String() string {
	var who []string
	if len(r.in) == len(ruleOf(AskCommunity).in) {
		who = append(who, "a member")
	} else {
		for _, role := range r.in {
			who = append(who, string(role))
		}
	}
	for _, role := range r.org {
		who = append(who, string(role)+" of the organisation")
	}
	for _, role := range r.hostless {
		who = append(who, "while there is no host "+string(role)+" of the organisation")
	}
	return strings.Join(who, " or ")
}
