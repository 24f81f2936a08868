package audit

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	events "kith/api/events/audit"
	"kith/pkg/es"
)

// reads is the stream of what one auditor looked at. Its events do not depend
// on one another, so nothing is folded to append the next.
func reads(person string) es.Stream {
	return es.Stream{Context: events.Context, Aggregate: events.Read, ID: person}
}

const appendAttempts = 16

// record puts what an auditor is about to see into the log, what they wrote
// sealed, and returns its position. Each look is a new one: there is no idempotency to a read.
func (s *service) record(ctx context.Context, person string, e events.LogRead) (uint64, error) {
	var random [16]byte
	s.random.Lock()
	_, err := io.ReadFull(s.core.Random, random[:])
	s.random.Unlock()
	if err != nil {
		return 0, fmt.Errorf("audit: randomness: %w", err)
	}
	command := es.ID("read", person, hex.EncodeToString(random[:]))
	m := es.Meta{Command: command, Actor: person, Access: s.core.Access.Position()}
	sealed, err := s.core.Vault.Seal(ctx, es.EventID(reads(person), command), e)
	if err != nil {
		return 0, fmt.Errorf("audit: seal what %s looked at: %w", person, err)
	}
	return s.append(ctx, reads(person), m, func(uint64) (es.Event, error) { return sealed, nil })
}

// append makes the next event of a stream from the position of the last one,
// again when somebody else was faster. A nil event changes nothing.
func (s *service) append(ctx context.Context, st es.Stream, m es.Meta, decide func(last uint64) (es.Event, error)) (uint64, error) {
	for attempt := 0; ; attempt++ {
		last, err := s.core.Events.LastOf(ctx, st)
		if err != nil {
			return 0, err
		}
		e, err := decide(last)
		if err != nil || e == nil {
			return last, err
		}
		seq, err := s.core.Events.Append(ctx, st, last, m, e)
		if errors.Is(err, es.ErrRepeated) {
			return seq, nil // this very event
		}
		if err == nil || !errors.Is(err, es.ErrConflict) || attempt == appendAttempts {
			return seq, err
		}
	}
}
