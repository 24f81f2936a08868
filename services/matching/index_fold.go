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
	"kith/pkg/text"
	"kith/services/matching/engine"
)

// titleWeight is how much more a word of the title counts than one of the body.
const titleWeight = 3

// question are the texts of a request.
type question struct {
	texts    [5]sealed.Text // the title first
	tags     []string
	language string
}

// words opens and reads q.
func (x *index) words(ctx context.Context, k *known, q question) (language string, words text.Bag, err error) {
	var fields [5]text.Field
	for i, t := range q.texts {
		s, err := x.text(ctx, t)
		if err != nil {
			return "", words, err
		}
		fields[i] = text.Field{Text: s, Weight: 1}
	}
	fields[0].Weight = titleWeight
	language, words = k.engine.Read(q.language, q.tags, fields[:]...)
	return language, words, nil
}

// change is what f does to k; nil for events that it passes over.
func (x *index) change(ctx context.Context, k *known, f fact) (change, error) {
	id := f.stream.ID
	switch e := f.data.(type) {
	case community.RequestRaised:
		language, words, err := x.words(ctx, k, question{[...]sealed.Text{e.Title, e.Body, e.Tried, e.Purpose, e.Situation}, e.Tags, e.Language})
		return func(k *known) {
			k.engine.Raise(engine.Request{ID: id, Community: e.Community, Asker: e.Asker, Kind: sameKind(e.Kind), Language: language, Tags: e.Tags, Words: words, At: f.at})
			k.titles[id] = title{Text: e.Title, Kind: sameKind(e.Kind), State: stateOpen, Created: f.at}
		}, err
	case community.RequestCorrected:
		// The event does not say the language, and it may be another one now.
		language, words, err := x.words(ctx, k, question{[...]sealed.Text{e.Title, e.Body, e.Tried, e.Purpose, e.Situation}, e.Tags, ""})
		return func(k *known) {
			k.engine.Correct(id, language, e.Tags, words)
			if t, ok := k.titles[id]; ok {
				t.Text = e.Title
				k.titles[id] = t
			}
		}, err
	case community.RequestRetracted:
		return func(k *known) { k.engine.Retract(id); delete(k.titles, id) }, nil
	case community.RequestResponded:
		words, err := x.answer(ctx, k, e.Body)
		return func(k *known) {
			k.engine.Answer(id, e.Response, e.Author, f.at, e.Score)
			k.engine.SetAnswerWords(id, e.Response, words)
		}, err
	case community.ResponseCorrected:
		words, err := x.answer(ctx, k, e.Body)
		return func(k *known) { k.engine.SetAnswerWords(id, e.Response, words) }, err
	case community.ResponseRetracted:
		return func(k *known) { k.engine.RetractAnswer(id, e.Response) }, nil
	case community.ResponseAccepted:
		return func(k *known) {
			k.engine.Accept(id, e.Response)
			if e.Resolves {
				k.settle(id, stateResolved)
			}
		}, nil
	case community.Thanked:
		return func(k *known) { k.engine.Thank(id, e.Response) }, nil
	case community.RequestResolved:
		return func(k *known) { k.settle(id, stateResolved) }, nil
	case community.RequestUnresolved:
		return func(k *known) { k.settle(id, stateUnresolved) }, nil
	case community.RequestWithdrawn:
		return func(k *known) { k.settle(id, stateWithdrawn) }, nil
	case community.RequestReopened:
		return func(k *known) { k.settle(id, stateOpen) }, nil
	default:
		return x.changePeople(ctx, f)
	}
}

// changePeople is change for what people wish, offer and are asked.
func (x *index) changePeople(ctx context.Context, f fact) (change, error) {
	id := f.stream.ID
	switch e := f.data.(type) {
	case membership.ProfileChanged:
		p := profile{e.CanHelp, e.Visibility["can_help"]}
		var topics []engine.TopicLine
		if p.Visibility == membership.VisibleNobody {
			p.Lines = sealed.Text{} // what nobody may see cannot be a reason
		}
		text, err := x.text(ctx, p.Lines)
		for i, line := range lines(text) {
			topics = append(topics, engine.TopicTerms(x.analyser, i, line))
		}
		languages := e.Languages
		if v := e.Visibility["languages"]; v != "" && v != membership.VisibleOrganisation {
			languages = nil // who may not see them must not learn them by who is proposed
		}
		return func(k *known) {
			k.engine.SetTopics(id, topics)
			k.engine.SetLanguages(id, languages)
			k.engine.SetAvailability(id, e.Availability)
			if topics == nil {
				delete(k.profiles, id)
				return
			}
			k.profiles[id] = p
		}, err
	case membership.PersonErased:
		return func(k *known) {
			k.engine.Forget(id, e.Texts)
			delete(k.profiles, id)
			if !e.Texts {
				return
			}
			for request := range k.titles {
				if k.engine.Asked(id, request) {
					delete(k.titles, request)
				}
			}
		}, nil
	case events.HelpersProposed:
		people := make([]string, len(e.Helpers))
		for i, h := range e.Helpers {
			people[i] = h.Person
		}
		return func(k *known) { k.engine.Propose(id, f.at, people) }, nil
	case events.HelpOffered:
		return func(k *known) { k.engine.Answered(id, e.Helper, true) }, nil
	case events.HelpDeclined:
		return func(k *known) { k.engine.Answered(id, e.Helper, false) }, nil
	case events.HelperPreferencesChanged:
		return func(k *known) { k.engine.Prefer(id, e.OptOut, e.Cap) }, nil
	default:
		return nil, nil
	}
}

func (x *index) answer(ctx context.Context, k *known, body sealed.Text) (text.Bag, error) {
	s, err := x.text(ctx, body)
	_, words := k.engine.Read("", nil, text.Field{Text: s, Weight: 1})
	return words, err
}

func (k *known) settle(request, state string) {
	k.engine.SetOpen(request, state == stateOpen)
	if t, ok := k.titles[request]; ok {
		t.State = state
		k.titles[request] = t
	}
}

// sameKind is kind without a string of its own for each request.
func sameKind(kind string) string {
	for _, k := range [...]string{community.Problem, community.Information, community.Experience} {
		if k == kind {
			return k
		}
	}
	return kind
}

// lines are the topics of a profile.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func (k *known) hash() (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, k.engine.Hash())
	// Maps marshal in the order of their keys.
	enc := json.NewEncoder(h)
	for _, part := range []any{k.titles, k.profiles} {
		if err := enc.Encode(part); err != nil {
			return "", fmt.Errorf("hash the index: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
