package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	"kith/services/kith/client"
)

// memory measures what people and requests need in the process, with all that
// the services, the log and its subjects keep of them.
type memory struct {
	*bench
	*site
	raised []string // requests
}

// people imports n people.
func (m *memory) people(ctx context.Context, n int) error {
	return m.each(ctx, "memory_per_person", n, func() error {
		note("importing %d people", n)
		return m.importPeople(ctx, n)
	})
}

// requests lets a hundred people ask n questions, of which a quarter are
// answered by somebody, so that there is something to match with.
func (m *memory) requests(ctx context.Context, n int) error {
	askers, err := m.signIn(ctx, 0, 100)
	if err != nil {
		return err
	}
	err = m.each(ctx, "memory_per_request", n, func() error {
		note("raising %d requests", n)
		m.raised = make([]string, n)
		return inParallel(ctx, n, func(ctx context.Context, i int) (err error) {
			m.raised[i], err = raise(ctx, askers[i%len(askers)], uint64(i), "")
			return err
		})
	})
	if err != nil {
		return err
	}
	err = inParallel(ctx, n/4, func(ctx context.Context, i int) error {
		words := newWords(uint64(i))
		return askers[(i+1)%len(askers)].Post(ctx, "/api/community/requests/"+m.raised[i]+"/responses", map[string]string{"body": words.text(40)}, nil)
	})
	if err != nil {
		return fmt.Errorf("respond: %w", err)
	}
	return m.settle(ctx)
}

// each reports by how much the heap has grown per one of n.
func (m *memory) each(ctx context.Context, name string, n int, add func() error) error {
	measured := m.wanted(partMemory)
	var before float64
	if measured {
		if err := m.settle(ctx); err != nil {
			return err
		}
		before = heap()
	}
	if err := add(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := m.settle(ctx); err != nil || !measured {
		return err
	}
	m.report(row{name: name, value: (heap() - before) / float64(n), unit: "bytes"})
	return nil
}

// raise asks everybody for help with topic, or with something usual if it is
// "", and returns the request's id.
func raise(ctx context.Context, asker *client.Client, seed uint64, topic string) (string, error) {
	words := newWords(seed)
	say := func(n int) string { return words.text(n) }
	in := map[string]any{"tags": words.tags()}
	if topic != "" {
		// Nothing else that others could be found by.
		say = func(int) string { return "I would like to know more about " + topic + "." }
		delete(in, "tags")
	}
	in["title"], in["body"] = say(7), say(45)
	switch rand.New(rand.NewPCG(seed, 2)).IntN(3) {
	case 0:
		in["kind"], in["tried"] = "problem", say(12)
	case 1:
		in["kind"], in["purpose"] = "information", say(8)
	default:
		in["kind"], in["situation"] = "experience", say(12)
	}
	var out struct {
		ID string `json:"id"`
	}
	err := asker.Post(ctx, "/api/community/requests", in, &out)
	return out.ID, err
}
