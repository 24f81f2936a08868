package matching

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/text"
	"kith/services/matching/circles"
)

// surroundings folds the log into what suggestions of communities are made of.
// Of texts it opens titles while folding, and keeps the terms; profiles stay
// sealed until their owner asks.
type surroundings struct {
	*folded[around]
	index *index // opens and analyses texts
}

// around is what surroundings hold.
type around struct {
	circles  *circles.Circles
	profiles map[string]wishes
}

// wishes are what a person says of themselves, for their own suggestions.
type wishes struct {
	CanHelp, Learn sealed.Text
	Languages      []string
}

// aroundChange is what an event does to what is known; nil: nothing.
type aroundChange = func(*around)

func newSurroundings(i *index) *surroundings {
	x := &surroundings{index: i}
	x.folded = newFolded(foldedSpec[around]{
		name: "matching-circles", log: i.log, changes: x.changes, hash: (*around).hash,
		empty: func() *around { return &around{circles.New(), map[string]wishes{}} },
	})
	return x
}

func (x *surroundings) changes(ctx context.Context, _ *around, facts []fact) ([]aroundChange, error) {
	all := make([]aroundChange, len(facts))
	for i, f := range facts {
		var err error
		if all[i], err = x.change(ctx, f); err != nil {
			return nil, fmt.Errorf("surroundings %s at %d: %w", f.typ, f.seq, err)
		}
	}
	return all, nil
}

// change is what f does.
func (x *surroundings) change(ctx context.Context, f fact) (aroundChange, error) {
	id := f.stream.ID
	switch e := f.data.(type) {
	case community.CommunityFounded:
		d := x.describe(e.Settings)
		return func(k *around) { k.circles.Describe(id, d) }, nil
	case community.CommunitySettingsChanged:
		d := x.describe(e.Settings)
		return func(k *around) { k.circles.Describe(id, d) }, nil
	case community.RequestRaised:
		t, err := x.texts(ctx, e.Title, e.Tags, e.Language)
		return func(k *around) { k.circles.Raise(id, e.Community, e.Asker, t) }, err
	case community.RequestCorrected:
		t, err := x.texts(ctx, e.Title, e.Tags, "")
		return func(k *around) { k.circles.Correct(id, t) }, err
	case community.RequestRetracted:
		return func(k *around) { k.circles.Retract(id) }, nil
	case community.RequestResponded:
		return func(k *around) { k.circles.Answer(id, e.Response, e.Author) }, nil
	case community.ResponseRetracted:
		return func(k *around) { k.circles.RetractAnswer(id, e.Response) }, nil
	case community.LinkProposed:
		return func(k *around) { k.circles.Link(e.Proposer, e.Other, f.seq) }, nil
	case membership.ProfileChanged:
		return func(k *around) { k.profiles[id] = wishes{e.CanHelp, e.WantToLearn, e.Languages} }, nil
	case membership.PersonErased:
		return func(k *around) { k.circles.Forget(id, e.Texts); delete(k.profiles, id) }, nil
	case events.SuggestionDismissed:
		return func(k *around) { k.circles.Spurn(e.Person, e.Community) }, nil
	case events.LinkSuggestionDismissed:
		return func(k *around) { k.circles.SpurnLink(e.Community, e.Other) }, nil
	case events.SplitSuggestionDismissed:
		return func(k *around) { k.circles.SpurnSplit(e.Community, e.Until.Unix()) }, nil
	}
	if tie, ok := tieOf(f.data); ok {
		return func(k *around) { k.circles.Tie(tie.Person, tie.Community, f.seq) }, nil
	}
	return nil, nil
}

// tieOf says between whom and which community something happened.
func tieOf(e es.Event) (membership.Tie, bool) {
	switch e := e.(type) {
	case membership.MembershipRequested:
		return e.Tie, true
	case membership.MembershipInvited:
		return e.Tie, true
	case membership.MembershipJoined:
		return e.Tie, true
	default: // all else comes after one of these
		return membership.Tie{}, false
	}
}

// Weights of what a community says of itself: its name and topics, its purpose.
const (
	saysName    = 1.0
	saysPurpose = 0.5
)

// describe reads settings in every language: organisations mix them.
func (x *surroundings) describe(s community.Settings) circles.Description {
	d := circles.Description{Language: primary(s.Language), Terms: map[string]circles.Said{}}
	say := func(term, word string, weight float64) {
		if d.Terms[term].Weight < weight {
			d.Terms[term] = circles.Said{Weight: weight, Word: word}
		}
	}
	read := func(words string, weight float64) {
		for word := range text.Words(words) {
			for _, l := range text.Languages() {
				if x.says(word) {
					say(l+" "+x.index.analyser.Stem(l, word), word, weight)
				}
			}
		}
	}
	read(s.Name, saysName)
	for _, topic := range s.Topics {
		read(topic, saysName)
		say(circles.Tag(strings.ToLower(topic)), topic, saysName)
	}
	read(s.Purpose, saysPurpose)
	return d
}

// says reports whether a word is a stop word in no language.
func (x *surroundings) says(word string) bool {
	for _, l := range text.Languages() {
		if !x.index.analyser.Says(l, word) {
			return false
		}
	}
	return true
}

// texts are the terms of a request by its title and tags.
func (x *surroundings) texts(ctx context.Context, title sealed.Text, tags []string, language string) (circles.Texts, error) {
	s, err := x.index.text(ctx, title)
	t := circles.Texts{Tags: tags, Language: x.index.analyser.Language(language, s)}
	for _, term := range x.index.analyser.Terms(t.Language, text.Field{Text: s, Weight: 1}) {
		t.Title = append(t.Title, t.Language+" "+term.Text)
	}
	return t, err
}

// lineOf is a topic of a profile, in every language in which it can be read.
func (x *surroundings) lineOf(topic string) circles.Line {
	l := circles.Line{Text: topic, Readings: [][]string{{circles.Tag(strings.ToLower(topic))}}}
	for _, language := range text.Languages() {
		var terms []string
		for _, t := range x.index.analyser.Terms(language, text.Field{Text: topic, Weight: 1}) {
			terms = append(terms, language+" "+t.Text)
		}
		if len(terms) > 0 {
			l.Readings = append(l.Readings, terms)
		}
	}
	return l
}

// primary is the first part of a language tag: de of de-AT.
func primary(tag string) string {
	p, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return p
}

func (k *around) hash() (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, k.circles.Hash())
	if err := json.NewEncoder(h).Encode(k.profiles); err != nil {
		return "", fmt.Errorf("hash the surroundings: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
