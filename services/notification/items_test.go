package notification

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	api "kith/api/openapi/notificationapi"
	"kith/pkg/es"
)

func at(seq uint64, context, aggregate, id, actor string, e es.Event) es.Recorded {
	s := es.Stream{Context: context, Aggregate: aggregate, ID: id}
	return es.Recorded{Seq: seq, ID: es.EventID(s, "c"), Stream: s, Type: e.EventType(), Meta: es.Meta{Actor: actor, Command: "c"}, Data: e}
}

// nowhere knows no request.
var nowhere = whereabouts(func(string) (asker, community string) { return "", "" })

// told are kind and audience of each item.
func told(r es.Recorded) string {
	var out []string
	for _, it := range nowhere.items(r) {
		out = append(out, it.Kind+" "+it.Audience)
	}
	return strings.Join(out, ", ")
}

func TestItems(t *testing.T) {
	tie := membership.Tie{Community: "c", Person: "p"}
	ends := community.Ends{Proposer: "c", Other: "d", Kind: community.Sister}
	welcome := matching.Welcome{Community: "c", Newcomer: "p"}
	for _, c := range []struct {
		name               string
		context, aggregate string
		id                 string
		event              es.Event
		want               string
	}{
		{"proposed helpers are asked, each for themselves", "matching", "proposal", "q",
			matching.HelpersProposed{Request: "q", Asker: "a", Helpers: []matching.ProposedHelper{{Person: "p"}, {Person: "o"}}},
			"asked_to_help person:p, asked_to_help person:o"},
		{"the asker learns that nobody was found", "matching", "proposal", "q", matching.HelpersProposed{Request: "q", Asker: "a"}, "nobody_found person:a"},
		{"the asker learns of offers", "matching", "proposal", "q", matching.HelpOffered{Request: "q", Helper: "p", Asker: "a"}, "help_offered person:a"},
		{"connectors are asked to find somebody", "matching", "proposal", "q",
			matching.RoutingWidened{Request: "q", Asker: "a", Step: matching.StepConnectors, Told: []string{"p", "o"}}, "asked_to_find person:p, asked_to_find person:o"},
		{"the asker learns that nobody is left to be asked", "matching", "proposal", "q", matching.RoutingEnded{Request: "q", Asker: "a"}, "nobody_answered person:a"},
		{"that time has passed is no news", "matching", "proposal", "q", matching.RequestUnanswered{Request: "q", Asker: "a"}, ""},
		{"nobody is told of a no", "matching", "proposal", "q", matching.HelpDeclined{Request: "q", Helper: "p"}, ""},
		{"a newcomer learns of buddies", "matching", "buddy", "m", matching.BuddiesSuggested{Welcome: welcome, Buddies: []matching.SuggestedBuddy{{Person: "o"}}}, "buddies_suggested person:p"},
		{"a buddy learns that they were chosen", "matching", "buddy", "m", matching.BuddyChosen{Welcome: welcome, Buddy: "o"}, "buddy_chosen person:o"},
		{"a newcomer learns of the yes", "matching", "buddy", "m", matching.BuddyAgreed{Welcome: welcome, Buddy: "o"}, "buddy_agreed person:p"},
		{"a newcomer learns of the no", "matching", "buddy", "m", matching.BuddyDeclined{Welcome: welcome, Buddy: "o"}, "buddy_declined person:p"},
		{"both learn that it has ended", "matching", "buddy", "m", matching.BuddyEnded{Welcome: welcome, Buddy: "o"}, "buddy_ended person:p, buddy_ended person:o"},
		{"nobody is told that nothing came of it", "matching", "buddy", "m", matching.BuddyEnded{Welcome: welcome}, ""},
		{"nobody is told of no, thanks", "matching", "buddy", "m", matching.BuddiesWaived{Welcome: welcome}, ""},
		{"a newcomer learns what has happened in their first week", "matching", "buddy", "m", matching.FirstWeekPassed{Welcome: welcome}, "first_week person:p"},
		{"both learn of an introduction", "matching", "round", "r", matching.IntroductionMade{People: []string{"o", "p"}}, "introduced person:o, introduced person:p"},
		{"a round is no news", "matching", "round", "r", matching.RoundStarted{}, ""},
		{"the members learn of a request", "community", "request", "q", community.RequestRaised{Community: "c", Asker: "a"}, "request_raised members:c"},
		{"a request to everybody is news for nobody", "community", "request", "q", community.RequestRaised{Asker: "a"}, ""},
		{"a correction is no news", "community", "request", "q", community.RequestCorrected{}, ""},
		{"the asker learns of a response", "community", "request", "q", community.RequestResponded{Response: "r", Author: "p"}, "response asker:q"},
		{"the author learns that it was accepted", "community", "request", "q", community.ResponseAccepted{Response: "r", Author: "p"}, "accepted person:p"},
		{"thanks reach the thanked", "community", "request", "q", community.Thanked{From: "a", To: "p"}, "thanked person:p"},
		{"hosts learn who wants to join", "membership", "membership", "m", membership.MembershipRequested{Tie: tie}, "join_requested hosts:c"},
		{"the person learns of the no", "membership", "membership", "m", membership.MembershipRequestDeclined{Tie: tie}, "join_declined person:p"},
		{"the invited learns of it", "membership", "membership", "m", membership.MembershipInvited{Tie: tie}, "invited person:p"},
		{"admission is told to the person and the hosts", "membership", "membership", "m", membership.MembershipJoined{Tie: tie, Via: membership.ViaAdmission}, "admitted person:p, member_joined hosts:c"},
		{"hosts learn of an accepted invitation", "membership", "membership", "m", membership.MembershipJoined{Tie: tie, Via: membership.ViaInvitation}, "invitation_accepted hosts:c"},
		{"hosts learn who joined", "membership", "membership", "m", membership.MembershipJoined{Tie: tie, Via: membership.ViaOpen}, "member_joined hosts:c"},
		{"founding is no news to the founder", "membership", "membership", "m", membership.MembershipJoined{Tie: tie, Via: membership.ViaFounding}, ""},
		{"the removed learns of it", "membership", "membership", "m", membership.MembershipRemoved{Tie: tie}, "removed person:p"},
		{"the person learns of another role", "membership", "membership", "m", membership.MembershipRoleChanged{Tie: tie}, "role_changed person:p"},
		{"leaving is nobody's news", "membership", "membership", "m", membership.MembershipLeft{Tie: tie}, ""},
		{"core members are asked and coordinators told", "community", "community", "c", community.SuccessionOpened{Last: "h", Asked: []string{"p"}}, "succession_asked person:p, succession_told coordinators:"},
		{"members learn of the charter", "community", "charter", "c", community.CharterRevised{Version: 2}, "charter_revised members:c"},
		{"members learn of the state", "community", "community", "c", community.CommunityStateChanged{To: "active"}, "state_changed members:c"},
		{"the other hosts are asked for a link", "community", "link", "l", community.LinkProposed{Ends: ends}, "link_proposed hosts:d"},
		{"the hosts of both learn that it is agreed", "community", "link", "l", community.LinkAgreed{Ends: ends}, "link_agreed hosts:c, link_agreed hosts:d"},
		{"those who proposed learn of the no", "community", "link", "l", community.LinkDeclined{Ends: ends}, "link_declined hosts:c"},
		{"those who were asked learn that they are no more", "community", "link", "l", community.LinkWithdrawn{Ends: ends}, "link_withdrawn hosts:d"},
		{"the hosts of both learn of the end", "community", "link", "l", community.LinkEnded{Ends: ends, Side: "c"}, "link_ended hosts:c, link_ended hosts:d"},
		{"a person's own data concerns nobody", "membership", "person", "p", membership.PersonDeactivated{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := at(7, c.context, c.aggregate, c.id, "somebody", c.event)
			if got := told(r); got != c.want {
				t.Errorf("told %q, want %q", got, c.want)
			}
			for _, it := range nowhere.items(r) {
				if _, ok := kindOf(it.Kind); !ok {
					t.Errorf("kind %s is not declared", it.Kind)
				}
				if it.Seq != 7 || it.Event != r.ID || it.Actor != "somebody" {
					t.Errorf("item %+v", it)
				}
			}
			if r.Meta.Imported = true; told(r) != "" {
				t.Error("imported history is told as news")
			}
		})
	}
}

func TestResponseIsForTheAsker(t *testing.T) {
	w := whereabouts(func(request string) (string, string) { return "asker-of-" + request, "c" })
	items := w.items(at(7, "community", "request", "q", "p", community.RequestResponded{Response: "r", Author: "p"}))
	if len(items) != 1 || items[0].Audience != "person:asker-of-q" || items[0].Community != "c" {
		t.Errorf("items = %+v", items)
	}
}

func TestEachSideIsToldOfItsOwnCommunity(t *testing.T) {
	items := nowhere.items(at(7, "community", "link", "l", "h", community.LinkAgreed{Ends: community.Ends{Proposer: "c", Other: "d"}}))
	if len(items) != 2 || items[0].Community != "c" || items[1].Community != "d" || items[0].Link != "l" || items[1].Link != "l" {
		t.Errorf("items = %+v", items)
	}
}

func TestContractNamesEveryKind(t *testing.T) {
	spec, err := api.GetSpecJSON()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Enum []string `json:"enum"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(spec, &doc); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	want := doc.Components.Schemas["Kind"].Enum
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("kinds are %v, the contract has %v", names, want)
	}
}

// Each of two people is told of the other one.
func TestMutualItems(t *testing.T) {
	for _, e := range []es.Event{
		matching.IntroductionMade{People: []string{"o", "p"}},
		matching.BuddyEnded{Welcome: matching.Welcome{Community: "c", Newcomer: "o"}, Buddy: "p"},
	} {
		items := nowhere.items(at(1, "matching", "round", "r", "reactor:x", e))
		if len(items) != 2 || items[0].Person != "p" || items[1].Person != "o" {
			t.Errorf("%s: got %+v", e.EventType(), items)
		}
	}
}
