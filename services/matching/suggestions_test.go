package matching_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/api/events/membership"
	api "kith/api/openapi/matchingapi"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/services/matching"
)

// settled is a community of host that people can join.
func (b *bed) settled(id, host, visibility string, topics ...string) {
	b.t.Helper()
	s := stream(community.Context, community.Community, id)
	b.Append(host, s, community.CommunityFounded{Founder: host, Settings: community.Settings{
		Name: id, Purpose: "We meet.", Kind: "community", Visibility: visibility, Joining: community.JoinOpen, Language: "en", Topics: topics}})
	b.state(id, host, community.Forming)
	b.join(id, host, "host")
}

func (b *bed) state(id, host, to string) {
	b.t.Helper()
	b.Append(host, stream(community.Context, community.Community, id), community.CommunityStateChanged{To: to, Reason: sealed.New(host, sealed.Content, "why")})
}

// suggested are the communities for a person with their reasons.
func (b *bed) suggested(person string) string {
	b.t.Helper()
	var list api.CommunitySuggestions
	b.get(person, "/me/communities/suggested", &list)
	var out []string
	for _, s := range list.Items {
		line := s.Community + ":"
		for _, r := range s.Reasons {
			line += " " + string(r.Code)
			for _, of := range []*string{r.Topic, r.Request, r.Language} {
				if of != nil {
					line += "=" + *of
				}
			}
			for _, p := range r.People {
				line += "=" + p
			}
		}
		out = append(out, line)
	}
	return strings.Join(out, "; ")
}

func (b *bed) linksFor(host, id string) string {
	b.t.Helper()
	var list api.LinkSuggestions
	b.get(host, "/communities/"+id+"/links/suggested", &list)
	var out []string
	for _, s := range list.Items {
		line := s.Community + ":"
		for _, r := range s.Reasons {
			line += " " + string(r.Code) + strings.Join(r.Words, ",")
			if r.Count != nil {
				line += fmt.Sprint("=", *r.Count)
			}
		}
		out = append(out, line)
	}
	return strings.Join(out, "; ")
}

func (b *bed) splitOf(host, id string) string {
	b.t.Helper()
	var x api.SplitSuggestion
	b.get(host, "/communities/"+id+"/split/suggested", &x)
	var out []string
	for _, r := range x.Reasons {
		line := string(r.Code)
		if r.Members != nil {
			line += fmt.Sprint("=", *r.Members, ">", *r.Limit)
		}
		for _, g := range r.Groups {
			line += fmt.Sprintf(" %v %d", g.Tags, g.Requests)
		}
		out = append(out, line)
	}
	return strings.Join(out, "; ")
}

func (b *bed) is(what, got, want string) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// logged are the events of suggestions in the log.
func (b *bed) logged() string {
	b.t.Helper()
	b.Settle()
	last, err := b.App.Core.Events.Last(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for r, err := range b.App.Core.Events.Follow(b.t.Context(), 0) {
		if err != nil {
			b.t.Fatal(err)
		}
		switch e := r.Data.(type) {
		case events.SuggestionTaken:
			out = append(out, fmt.Sprint("taken ", e.Person, " ", e.Community, e.Codes))
		case events.SuggestionDismissed:
			out = append(out, fmt.Sprint("dismissed ", e.Person, " ", e.Community))
		case events.LinkSuggestionTaken:
			out = append(out, fmt.Sprint("link ", e.Community, " ", e.Other, e.Codes))
		case events.SplitSuggestionTaken:
			out = append(out, fmt.Sprint("split ", e.Community, e.Codes))
		}
		if r.Seq == last {
			break
		}
	}
	return strings.Join(out, "; ")
}

// office has ann in unit u1, who wants to learn about procurement, can help with
// printers and has got help from bob in u2.
func office(t *testing.T, cfg matching.Config) *bed {
	b := start(t, cfg)
	for person, unit := range map[string]string{"ann": "u1", "bob": "u2", "cem": "u3", "host": "u3", "out": "u4"} {
		b.person(person, unit)
	}
	b.settled("buying", "host", community.Open, "Procurement")
	b.settled("print", "host", community.Open, "Printers")
	b.settled("talk", "host", community.Open)
	b.settled("kept", "host", community.Closed, "Orchids")
	b.join("talk", "bob", "member")
	b.join("kept", "bob", "member")
	b.profile("ann", func(e *membership.ProfileChanged) {
		e.WantToLearn, e.Languages = sealed.New("ann", sealed.Identity, "Procurement\nReactors"), []string{"en", "de"}
		e.Visibility = map[string]string{"can_help": membership.VisibleNobody}
	}, "Printers")
	b.raise("q", "ann", "How do I begin?", nil)
	b.answer("q", "ann", "bob")
	return b
}

func TestCommunitiesForAPerson(t *testing.T) {
	const all = "buying: want_to_learn=Procurement language=en; print: can_help=Printers language=en; talk: colleagues=bob language=en"
	b := office(t, matching.Config{})
	b.is("ann", b.suggested("ann"), all)
	b.is("who has said and done nothing", b.suggested("out"), "")
	t.Run("in works-council mode not by what was done", func(t *testing.T) {
		b := office(t, matching.Config{WorksCouncil: true})
		b.is("ann", b.suggested("ann"), "buying: want_to_learn=Procurement language=en; print: can_help=Printers language=en")
	})
	t.Run("none that cannot be joined", func(t *testing.T) {
		for _, id := range []string{"draft", "over", "asleep", "invited"} {
			b.settled(id, "host", community.Open, "Procurement")
		}
		b.state("draft", "host", community.Draft)
		b.state("over", "host", community.Ended)
		b.state("asleep", "host", community.Dormant)
		b.Append("host", stream(community.Context, community.Community, "invited"), community.CommunitySettingsChanged{Settings: community.Settings{
			Name: "invited", Visibility: community.Open, Joining: community.JoinInvitation, Language: "en", Topics: []string{"Procurement"}}})
		b.is("ann", b.suggested("ann"), all)
	})
	t.Run("colleagues of one's own unit do not count, nor who has gone", func(t *testing.T) {
		b.Append("admin", stream(membership.Context, membership.Person, "bob"), membership.PersonMoved{Unit: "u1"})
		b.is("ann", b.suggested("ann"), "buying: want_to_learn=Procurement language=en; print: can_help=Printers language=en")
		b.Append("admin", stream(membership.Context, membership.Person, "bob"), membership.PersonMoved{Unit: "u2"})
	})
	t.Run("what was dismissed does not come back", func(t *testing.T) {
		for range 2 {
			b.Must(http.StatusOK, "ann", http.MethodPost, "/api/matching/me/communities/suggested/print/dismiss", nil)
		}
		b.Must(http.StatusNotFound, "ann", http.MethodPost, "/api/matching/me/communities/suggested/nowhere/dismiss", nil)
		b.is("ann", b.suggested("ann"), "buying: want_to_learn=Procurement language=en; talk: colleagues=bob language=en")
	})
	t.Run("joining what was suggested is recorded, joining something else is not", func(t *testing.T) {
		b.join("buying", "ann", "member")
		b.join("kept", "out", "member")
		b.join("print", "ann", "member") // dismissed
		b.is("ann", b.suggested("ann"), "talk: colleagues=bob language=en")
		b.is("the log", b.logged(), "dismissed ann print; taken ann buying[want_to_learn language]")
	})
	t.Run("what somebody left, was asked to or removed from does not come back", func(t *testing.T) {
		tie := func(id string) membership.Tie { return membership.Tie{Community: id, Person: "ann"} }
		on := func(id string, e es.Event) {
			b.Append("ann", stream(membership.Context, membership.Membership, es.ID(id, "ann")), e)
		}
		on("buying", membership.MembershipLeft{Tie: tie("buying")})
		on("talk", membership.MembershipRequested{Tie: tie("talk")})
		on("talk", membership.MembershipRequestDeclined{Tie: tie("talk"), Reason: sealed.New("host", sealed.Content, "no")})
		b.is("ann", b.suggested("ann"), "")
		b.join("buying", "ann", "member") // again, of her own accord
		b.is("the log", b.logged(), "dismissed ann print; taken ann buying[want_to_learn language]; taken ann talk[colleagues language]")
	})
	b.alive()
}

// What is in a closed community speaks to nobody outside, whatever they try.
func TestSuggestionsTellNothingOfAClosedCommunity(t *testing.T) {
	b := office(t, matching.Config{})
	for i := range 12 {
		b.raise(numbered("s", i), "host", "Leaking reactor coolant", func(e *community.RequestRaised) {
			e.Community, e.Tags = "kept", []string{"coolant", "reactors"}
		})
		b.Append("bob", request(numbered("s", i)), community.RequestResponded{Response: "r", Author: "bob", Body: sealed.New("bob", sealed.Content, "So.")})
	}
	want := "buying: want_to_learn=Procurement language=en; print: can_help=Printers language=en; talk: colleagues=bob language=en"
	b.is("ann, who wants to learn about reactors", b.suggested("ann"), want)
	b.profile("out", func(e *membership.ProfileChanged) {
		e.WantToLearn = sealed.New("out", sealed.Identity, "coolant\nLeaking reactor\nOrchids")
	}, "")
	b.is("out knows of orchids what everybody knows", b.suggested("out"), "kept: want_to_learn=Orchids language=en")
	b.settled("outs", "out", community.Open, "Reactors", "Coolant")
	for i := range 12 {
		b.raise(numbered("o", i), "out", "Coolant", func(e *community.RequestRaised) { e.Community, e.Tags = "outs", []string{"coolant", "reactors"} })
	}
	for i := range 6 { // six people in both
		p := numbered("p", i)
		b.person(p, "u9")
		b.join("outs", p, "member")
		b.join("kept", p, "member")
	}
	b.is("its members and tags to a host outside", b.linksFor("out", "outs"), "")
	b.is("to its own host", b.linksFor("host", "kept"), "outs: shared_topicsCoolant,Reactors shared_members=5")
	for _, path := range []string{"/communities/kept/links/suggested", "/communities/kept/split/suggested"} {
		if r := b.Do("out", http.MethodGet, "/api/matching"+path, nil); r.Problem() != "forbidden" {
			t.Errorf("%s: %d %s", path, r.Status, r.Body)
		}
	}
	// As soon as it is open it speaks.
	b.Append("host", stream(community.Context, community.Community, "kept"), community.CommunitySettingsChanged{Settings: community.Settings{
		Name: "kept", Visibility: community.Open, Joining: community.JoinOpen, Language: "en"}})
	b.is("opened", b.linksFor("out", "outs"), "kept: shared_topicsCoolant,Reactors shared_members=5")
	b.alive()
}

func TestLinksAreSuggested(t *testing.T) {
	b := office(t, matching.Config{})
	b.settled("law", "cem", community.Open, "Procurement", "Contracts")
	b.is("cem", b.linksFor("cem", "law"), "buying: shared_topicsProcurement")
	b.Must(http.StatusOK, "host", http.MethodPost, "/api/matching/communities/buying/links/suggested/law/dismiss", nil)
	b.is("host has dismissed it", b.linksFor("host", "buying"), "")
	b.is("cem has not", b.linksFor("cem", "law"), "buying: shared_topicsProcurement")
	b.Append("cem", stream(community.Context, community.Link, "l"), community.LinkProposed{
		Ends: community.Ends{Proposer: "law", Other: "buying", Kind: community.Sister}, Reason: sealed.New("cem", sealed.Content, "why")})
	b.Append("cem", stream(community.Context, community.Link, "m"), community.LinkProposed{ // nobody suggested it
		Ends: community.Ends{Proposer: "law", Other: "talk", Kind: community.Bridge}, Reason: sealed.New("cem", sealed.Content, "why")})
	b.is("cem has proposed it", b.linksFor("cem", "law"), "")
	b.is("the log", b.logged(), "link law buying[shared_topics]")
	b.alive()
}

func TestSplitIsSuggested(t *testing.T) {
	b := office(t, matching.Config{Large: 10})
	b.is("host", b.splitOf("host", "talk"), "")
	for i := range 12 {
		p := numbered("p", i)
		b.person(p, "u9")
		b.join("talk", p, "member")
		tags := [][]string{{"law", "tax"}, {"ink", "printer"}}[i%2]
		for j := range 2 {
			b.raise(fmt.Sprint("q", p, j), p, "A question", func(e *community.RequestRaised) { e.Community, e.Tags = "talk", tags })
		}
	}
	const want = "size=14>10; topics [ink printer] 12 [law tax] 12"
	b.is("host", b.splitOf("host", "talk"), want)
	b.Append("host", stream(community.Context, community.Link, "l"), community.LinkProposed{
		Ends: community.Ends{Proposer: "print", Other: "talk", Kind: community.Spawned, Origin: "talk"}, Reason: sealed.New("host", sealed.Content, "why")})
	if got := b.logged(); !strings.Contains(got, "split talk[size topics]") {
		t.Errorf("the log: %s", got)
	}
	b.Must(http.StatusOK, "host", http.MethodPost, "/api/matching/communities/talk/split/suggested/dismiss", nil)
	b.is("put off", b.splitOf("host", "talk"), "")
	b.Clock.Advance(181 * 24 * time.Hour)
	for until := time.Now().Add(10 * time.Second); !b.App.Core.Follower.Fresh(); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("the process does not notice that it is at the log's end")
		}
	}
	b.is("half a year later", b.splitOf("host", "talk"), want)
	t.Run("erased people and their texts count no more", func(t *testing.T) {
		for i := range 12 {
			b.Append("admin", stream(membership.Context, membership.Person, numbered("p", i)), membership.PersonErased{Texts: true})
		}
		b.is("host", b.splitOf("host", "talk"), "")
	})
	b.alive()
}

func TestSuggestionsCanBeFoldedAnew(t *testing.T) {
	b := office(t, matching.Config{})
	b.join("buying", "ann", "member")
	b.Append("admin", stream(membership.Context, membership.Person, "cem"), membership.PersonErased{})
	b.Settle()
	if !slices.Contains(b.App.Core.Follower.Rebuildable(), "matching-circles") {
		t.Fatal("it is not rebuildable")
	}
	out, err := b.App.Core.Follower.Rebuild(t.Context(), "matching-circles", nil)
	if err != nil || out.Before != out.After {
		t.Errorf("%+v, %v", out, err)
	}
	b.is("ann", b.suggested("ann"), "print: can_help=Printers language=en; talk: colleagues=bob language=en")
}
