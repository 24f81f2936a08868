package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	"kith/api/events/notification"
	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/es"
)

// organisation is a made-up past: people come, found and join communities,
// ask, and help each other. Equal sizes give equal pasts but for the ciphertexts.
type organisation struct {
	*writer
	secret      []byte
	words       words
	rnd         *rand.Rand
	people      []string
	communities []string
	err         error // the first; nothing is added after it
}

const (
	pastCommunities = 60
	memberships     = 3 // per person
)

func newOrganisation(w *writer, secret []byte, n int) *organisation {
	o := &organisation{writer: w, secret: secret, words: newWords(7), rnd: rand.New(rand.NewPCG(7, 7)),
		people: make([]string, max(20, min(11_500, n/20))), communities: make([]string, pastCommunities)}
	for i := range o.people {
		o.people[i] = es.ID("load", "person", fmt.Sprint(i))
	}
	for i := range o.communities {
		o.communities[i] = es.ID("load", "community", fmt.Sprint(i))
	}
	return o
}

// write adds n events or a few more.
func (o *organisation) write(ctx context.Context, n int) error {
	o.found(ctx)
	for i := 0; o.seq < uint64(n) && o.err == nil; i++ {
		o.request(ctx, es.ID("load", "request", fmt.Sprint(i)))
		if i%20_000 == 19_999 {
			note("%d of %d events", o.seq, n)
		}
	}
	return o.err
}

func (o *organisation) put(ctx context.Context, service, aggregate, id, actor string, e es.Event) {
	if o.err == nil {
		_, o.err = o.add(ctx, es.Stream{Context: service, Aggregate: aggregate, ID: id}, actor, e)
	}
}

func (o *organisation) anybody() string   { return o.people[o.rnd.IntN(len(o.people))] }
func (o *organisation) community() string { return o.communities[o.rnd.IntN(len(o.communities))] }

// content is what person writes, in n words.
func (o *organisation) content(person string, n int) sealed.Text {
	return sealed.New(person, sealed.Content, o.words.text(n))
}

// found adds units, people and communities.
func (o *organisation) found(ctx context.Context) {
	const administrator = "config"
	unit := func(i int) string { return es.ID("load", "unit", fmt.Sprint(i)) }
	for i := range units {
		o.put(ctx, membership.Context, membership.Unit, unit(i), administrator,
			membership.UnitCreated{Code: fmt.Sprintf("u%02d", i), Name: title(word(uint64(i))), Kind: "department"})
	}
	for i, p := range o.people {
		if o.err == nil {
			o.err = o.vault.Create(ctx, p)
		}
		email := login(i)
		for kind, value := range map[string]string{access.KeyLogin: email, access.KeyStaffNumber: fmt.Sprintf("s%05d", i)} {
			o.put(ctx, membership.Context, membership.Reservation, access.ReservationID(o.secret, kind, value), administrator,
				membership.ReservationMade{Person: p, Kind: kind})
		}
		o.put(ctx, membership.Context, membership.Person, p, administrator, membership.PersonRegistered{
			Name: sealed.New(p, sealed.Identity, personName(i)), Email: sealed.New(p, sealed.Identity, email),
			StaffNumber: sealed.New(p, sealed.Identity, fmt.Sprintf("s%05d", i)), Unit: unit(i % units), Site: "Site 1", Language: "en"})
		if i%2 == 0 {
			o.put(ctx, membership.Context, membership.Person, p, p, membership.ProfileChanged{
				CanHelp: sealed.New(p, sealed.Identity, o.words.text(2)+"\n"+o.words.text(2)), Languages: []string{"en"}, Availability: "available"})
		}
	}
	for i, c := range o.communities {
		host := o.people[i%len(o.people)]
		o.put(ctx, community.Context, community.Community, c, host, community.CommunityFounded{Founder: host, Settings: community.Settings{
			Name: title(o.words.text(2)), Purpose: o.words.text(12), Kind: "community", Visibility: community.Open,
			Joining: community.JoinOpen, Language: "en", Topics: o.words.tags()}})
		o.put(ctx, membership.Context, membership.Membership, es.ID(c, host), host,
			membership.MembershipJoined{Tie: membership.Tie{Community: c, Person: host}, Via: membership.ViaFounding, Role: "host"})
		for _, s := range [][2]string{{community.Draft, community.Forming}, {community.Forming, community.Active}} {
			o.put(ctx, community.Context, community.Community, c, host,
				community.CommunityStateChanged{From: s[0], To: s[1], Reason: o.content(host, 6)})
		}
		o.put(ctx, community.Context, community.Charter, c, host, community.CharterRevised{Version: 1, Purpose: o.words.text(12),
			Objectives: []string{o.words.text(6), o.words.text(6)}, Norms: []string{o.words.text(6)}, Note: o.content(host, 8)})
	}
	joined := map[string]bool{}
	for range memberships * len(o.people) {
		p, c := o.anybody(), o.community()
		if id := es.ID(c, p); !joined[id] {
			joined[id] = true
			o.put(ctx, membership.Context, membership.Membership, id, p,
				membership.MembershipJoined{Tie: membership.Tie{Community: c, Person: p}, Via: membership.ViaOpen, Role: "member"})
		}
	}
}

// request adds the story of one request: five helpers are proposed, one or two
// answer, most are accepted and thanked.
func (o *organisation) request(ctx context.Context, id string) {
	asker, in := o.anybody(), o.community()
	tags := o.words.tags()
	put := func(actor string, e es.Event) { o.put(ctx, community.Context, community.Request, id, actor, e) }
	put(asker, community.RequestRaised{Community: in, Asker: asker, Kind: community.Problem,
		Title: o.content(asker, 8), Body: o.content(asker, 50), Tried: o.content(asker, 12), Tags: tags, Language: "en"})
	proposed := matching.HelpersProposed{Request: id, Community: in, Asker: asker, Kind: community.Problem, Round: 1, Policy: "load"}
	for i := range 5 {
		proposed.Helpers = append(proposed.Helpers, matching.ProposedHelper{Person: o.anybody(), Score: float64(5-i) / 3,
			Reasons: []matching.Reason{{Code: matching.ReasonTag, Tag: tags[0]}, {Code: matching.ReasonOtherUnit, Unit: "u01"}}})
	}
	o.put(ctx, matching.Context, matching.Proposal, id, "reactor:router", proposed)
	for i := range 1 + o.rnd.IntN(2) {
		h := proposed.Helpers[i].Person
		if h == asker {
			continue
		}
		o.put(ctx, matching.Context, matching.Proposal, id, h, matching.HelpOffered{Request: id, Helper: h, Asker: asker, Proposed: true})
		answer := fmt.Sprintf("a%d", i)
		put(h, community.RequestResponded{Response: answer, Author: h, Body: o.content(h, 60)})
		if i == 0 && o.rnd.IntN(4) > 0 {
			put(asker, community.ResponseAccepted{Response: answer, Author: h, Resolves: true})
			put(asker, community.Thanked{Response: answer, From: asker, To: h, Across: true, Note: o.content(asker, 8)})
		}
	}
	o.put(ctx, matching.Context, matching.Proposal, id, proposed.Helpers[4].Person,
		matching.HelpDeclined{Request: id, Helper: proposed.Helpers[4].Person})
	o.put(ctx, notification.Context, notification.Inbox, asker, asker, notification.InboxRead{UpTo: o.seq})
}
