package eval

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"kith/api/events/community"
	events "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/text/tidy"
	"kith/pkg/vault"
	"kith/services/matching"
)

// history is a log of its own and the service's index, which has folded all of it.
type history struct {
	vault  *vault.Vault
	index  *matching.Offline
	people map[string]string // forum's user → person id
	seq    uint64
}

// newHistory makes an empty one; random is for the keys of its people.
func newHistory(ctx context.Context, s Setting, random io.Reader) (*history, error) {
	key := make([]byte, 32)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fmt.Errorf("eval: make a key: %w", err)
	}
	master, err := vault.NewMaster(key)
	if err != nil {
		return nil, err
	}
	v := vault.New(master, vault.NewMemoryKeys(), random)
	index := matching.NewOffline(ctx, s.Policy, s.unit, s.Without, v, slog.New(slog.DiscardHandler))
	return &history{vault: v, index: index, people: map[string]string{}}, nil
}

// raise appends the question and nothing of what came of it.
func (h *history) raise(ctx context.Context, q Question) error {
	asker, err := h.person(ctx, q.Asker)
	if err != nil {
		return err
	}
	return h.append(ctx, q, q.At, community.RequestRaised{
		Community: es.ID("import", "community", q.Community), Asker: asker, Kind: community.Information,
		Title: written(asker, q.Title), Body: written(asker, q.Body), Tags: tidy.Tags(q.Tags), Origin: q.ID,
	})
}

// conclude appends what came of the question: answers, acceptance, thanks.
func (h *history) conclude(ctx context.Context, q Question) error {
	asker, err := h.person(ctx, q.Asker)
	if err != nil {
		return err
	}
	last, accepted := q.At, false
	for i, a := range q.Answers {
		author, err := h.person(ctx, a.User)
		if err != nil {
			return err
		}
		at := later(q.At, a.At)
		last = later(last, at)
		if err := h.append(ctx, q, at, community.RequestResponded{
			Response: response(q, i), Author: author, Body: written(author, a.Text), Score: a.Score}); err != nil {
			return err
		}
	}
	for i, a := range q.Answers {
		author, err := h.person(ctx, a.User)
		if err != nil {
			return err
		}
		if a.Accepted {
			accepted = true
			if err := h.append(ctx, q, later(q.At, a.At), community.ResponseAccepted{Response: response(q, i), Author: author, Resolves: true}); err != nil {
				return err
			}
		}
		if a.Thanked && author != asker {
			if err := h.append(ctx, q, later(q.At, a.At), community.Thanked{Response: response(q, i), From: asker, To: author}); err != nil {
				return err
			}
		}
	}
	if accepted {
		return nil
	}
	return h.append(ctx, q, last, community.RequestUnresolved{})
}

// propose appends that people were proposed for the question.
func (h *history) propose(ctx context.Context, q Question, people []string) error {
	e := events.HelpersProposed{Request: request(q), Asker: person(q.Asker), Kind: community.Information, Round: 1}
	for _, p := range people {
		e.Helpers = append(e.Helpers, events.ProposedHelper{Person: p})
	}
	return h.appendTo(ctx, es.Stream{Context: events.Context, Aggregate: events.Proposal, ID: request(q)}, q.At, e)
}

// offer appends a profile that says what somebody can help with.
func (h *history) offer(ctx context.Context, user string, lines []string) error {
	id, err := h.person(ctx, user)
	if err != nil {
		return err
	}
	return h.appendTo(ctx, es.Stream{Context: membership.Context, Aggregate: membership.Person, ID: id}, time.Time{},
		membership.ProfileChanged{CanHelp: sealed.New(id, sealed.Identity, strings.Join(lines, "\n")), Availability: "available"})
}

func (h *history) append(ctx context.Context, q Question, at time.Time, data es.Event) error {
	return h.appendTo(ctx, es.Stream{Context: community.Context, Aggregate: community.Request, ID: request(q)}, at, data)
}

// appendTo seals an event as the log would and lets the index fold it.
func (h *history) appendTo(ctx context.Context, s es.Stream, at time.Time, data es.Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	h.seq++
	id := es.EventID(s, fmt.Sprint(h.seq))
	data, err := h.vault.Seal(ctx, id, data)
	if err != nil {
		return fmt.Errorf("eval: %s: %w", s.ID, err)
	}
	return h.index.Apply(ctx, []es.Recorded{{
		Seq: h.seq, ID: id, Stream: s, Type: data.EventType(), Schema: 1, Time: at, Data: data,
		Meta: es.Meta{OccurredAt: at, Imported: true},
	}})
}

// person is the id of a forum's user, who gets keys when they are new.
func (h *history) person(ctx context.Context, user string) (string, error) {
	if id, ok := h.people[user]; ok {
		return id, nil
	}
	id := person(user)
	if err := h.vault.Create(ctx, id); err != nil {
		return "", fmt.Errorf("eval: make keys: %w", err)
	}
	h.people[user] = id
	return id, nil
}

func person(user string) string { return es.ID("import", "person", user) }

func request(q Question) string { return es.ID("import", "request", q.ID) }

func response(q Question, n int) string { return es.ID("import", "response", q.ID, fmt.Sprint(n)) }

// written is text by person, absent where there is none.
func written(person, text string) sealed.Text {
	if text == "" {
		return sealed.Text{}
	}
	return sealed.New(person, sealed.Content, text)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
