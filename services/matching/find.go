package matching

import (
	"context"
	"math/rand/v2"

	"kith/pkg/app"
	"kith/pkg/text"
	"kith/services/matching/engine"
)

// finder ranks with what the process knows: the index for what people did,
// access for what they may.
type finder struct {
	core  app.Core
	cfg   Config
	index *index
}

// found is a chosen candidate with the reasons for it.
type found struct {
	engine.Candidate
	reasons []reason
}

// forRequest chooses helpers for a request that was raised, by what its asker
// may see now and nothing else: otherwise who is proposed, and in which order,
// would tell of closed communities to whoever raises the right words. What
// counts from everywhere is how much a helper is asked, for caps must hold, and
// how rare a word is in profiles.
func (f finder) forRequest(ctx context.Context, request, asker, kind string, round int, but func(person string) bool) ([]found, engine.Weights, error) {
	people := f.people(asker, func(person string) bool {
		return f.core.Access.MayBeAsked(person, request) && !but(person)
	})
	people.Sees = f.sees(asker)
	return f.choose(ctx, engine.Ask{Request: request, Asker: asker, At: f.core.Now()}, kind, people, chanceFor(request, round))
}

// draft is a request that is about to be raised.
type draft struct {
	asker, community, kind string
	title, body, language  string
	tags                   []string
	beyond                 bool
}

// forDraft chooses as forRequest does.
func (f finder) forDraft(ctx context.Context, d draft) ([]found, error) {
	people := f.people(d.asker, func(person string) bool {
		return person != d.asker && f.core.Access.Active(person) &&
			(d.beyond || f.core.Access.SeesCommunity(person, d.community))
	})
	people.Sees = f.sees(d.asker)
	language := f.index.analyser.Language(d.language, d.title+"\n"+d.body)
	out, _, err := f.choose(ctx, engine.Ask{
		Community: d.community, Asker: d.asker, Language: language, Tags: d.tags, At: f.core.Now(),
		Terms: f.index.analyser.Terms(language,
			text.Field{Text: d.title, Weight: titleWeight}, text.Field{Text: d.body, Weight: 1}),
	}, d.kind, people, nil)
	return out, err
}

// choose ranks and chooses. Random, unless it is nil, gives newcomers a chance.
func (f finder) choose(ctx context.Context, ask engine.Ask, kind string, people engine.People, random *rand.Rand) (out []found, weights engine.Weights, err error) {
	profiles := map[string]profile{}
	err = f.index.read(ctx, func(k *known) {
		people.Topics = func(person string) bool { return f.seesTopics(ask.Asker, person, k.profiles[person]) }
		weights = k.engine.WeightsFor(ask, people.Sees)
		room := f.index.ranked.Get().(*[]engine.Candidate)
		defer f.index.ranked.Put(room)
		ranked := k.engine.AppendRank((*room)[:0], ask, f.cfg.rules(weights), people)
		*room = ranked
		choice := f.cfg.choice(kind)
		chosen := choice.Choose(ranked)
		if random != nil {
			chosen = choice.Venture(ranked, chosen, random)
		}
		for _, c := range chosen {
			out = append(out, found{Candidate: c})
			profiles[c.Person] = k.profiles[c.Person]
		}
	})
	if err != nil {
		return nil, weights, err
	}
	for i := range out {
		if out[i].reasons, err = f.reasonsFor(ctx, out[i].Candidate, profiles[out[i].Person]); err != nil {
			return nil, weights, err
		}
	}
	return out, weights, nil
}

func (f finder) people(asker string, may func(person string) bool) engine.People {
	return engine.People{May: may, Unit: func(person string) string {
		p, _ := f.core.Access.Person(person)
		return p.Unit
	}}
}

// sees says which requests the reader may see. It remembers communities, so
// that a search asks about each of them once.
func (f finder) sees(reader string) func(community, request string) bool {
	open := map[string]bool{}
	return func(community, request string) bool {
		visible, ok := open[community]
		if !ok {
			visible = f.core.Access.SeesCommunity(reader, community)
			open[community] = visible
		}
		return visible || f.core.Access.SeesRequest(reader, request)
	}
}

// typing is what somebody is about to ask; all but one of title and text may be "".
type typing struct{ title, text, language, community string }

// resembling is an earlier request with what it is shown with.
type resembling struct {
	engine.Similar
	title
	responses int
}

// similar finds at most limit earlier requests that resemble what is typed, of
// those that sees lets through (nil: all).
func (x *index) similar(ctx context.Context, t typing, limit int, sees func(community, request string) bool) (out []resembling, err error) {
	language := x.analyser.Language(t.language, t.title+" "+t.text)
	terms := x.analyser.Terms(language,
		text.Field{Text: t.title, Weight: titleWeight}, text.Field{Text: t.text, Weight: 1})
	err = x.read(ctx, func(k *known) {
		hits := k.engine.Similar(language, terms, nil, t.community, limit, sees, func(request string) bool {
			_, ok := k.titles[request] // gone with its asker
			return ok
		})
		for _, hit := range hits {
			out = append(out, resembling{hit, k.titles[hit.Request], k.engine.Responses(hit.Request)})
		}
	})
	return out, err
}
