package portal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kith/pkg/fault"
	"kith/pkg/sessions"
)

// tokens are what a session holds.
type tokens struct {
	Access  string    `json:"access"`
	Refresh string    `json:"refresh,omitempty"`
	ID      string    `json:"id,omitempty"` // for the end of the session at the issuer
	Fetched time.Time `json:"fetched"`
	Expires time.Time `json:"expires"`          // of the access token
	Seen    time.Time `json:"seen"`             // last request, give or take seenWithin
	Renewal time.Time `json:"renewal,omitzero"` // when a process set about to renew the tokens; zero: none does
}

// seenWithin is how exactly the last request is noted: each note is a write.
const seenWithin = 5 * time.Minute

// held is a session with its tokens.
type held struct {
	sessions.Session
	tokens
}

// ends is when the session ends in any case.
func (s *service) ends(h held) time.Time { return h.Began.Add(s.cfg.Lifetime) }

// life is how long the session goes on if nobody asks for anything.
func (s *service) life(h held) time.Duration {
	now := s.core.Now()
	return min(s.ends(h).Sub(now), h.Seen.Add(s.cfg.Idle).Sub(now))
}

// begin makes a session with a new id.
func (s *service) begin(ctx context.Context, person string, t tokens) (held, string, error) {
	now := s.core.Now()
	t.Fetched, t.Seen = now, now
	value, err := json.Marshal(t)
	if err != nil {
		return held{}, "", err
	}
	n, id, err := s.store.Create(ctx, person, now, value, min(s.cfg.Idle, s.cfg.Lifetime))
	return held{n, t}, id, err
}

// errSignedOut is the end of a session to whoever comes with its cookie.
func errSignedOut() error {
	return fault.New(fault.Unauthenticated, "You are not signed in in this browser, or your session has ended. Sign in again.")
}

// find returns the session of a cookie. Returns Unauthenticated if there is
// none any more, AccessBehind while nobody knows who may still act.
func (s *service) find(ctx context.Context, id string) (held, error) {
	if !s.core.Follower.Fresh() {
		return held{}, fault.New(fault.AccessBehind, "Permissions are being brought up to date. Repeat the request in a few seconds.")
	}
	n, err := s.store.Get(ctx, id)
	if errors.Is(err, sessions.ErrNone) {
		return held{}, errSignedOut()
	}
	if err != nil {
		return held{}, err
	}
	h := held{Session: n}
	if err := json.Unmarshal(n.Value, &h.tokens); err != nil {
		return held{}, fmt.Errorf("portal: what a session holds: %w", err)
	}
	// The bucket forgets to the second, and knows nothing of people.
	if s.life(h) <= 0 || !s.core.Access.Active(h.Person) {
		return held{}, errors.Join(errSignedOut(), s.end(ctx, h.Key))
	}
	return h, nil
}

// write puts h back with its tokens as they are now.
func (s *service) write(ctx context.Context, h held) (held, error) {
	value, err := json.Marshal(h.tokens)
	if err != nil {
		return h, err
	}
	h.Value = value
	h.Session, err = s.store.Update(ctx, h.Session, s.life(h))
	return h, err
}

// seen notes that the person is there. Losing a note to another one is fine.
func (s *service) seen(ctx context.Context, h held) (held, error) {
	now := s.core.Now()
	if now.Sub(h.Seen) < min(seenWithin, s.cfg.Idle/4) || !h.Renewal.IsZero() {
		return h, nil
	}
	before := h
	h.Seen = now
	h, err := s.write(ctx, h)
	if errors.Is(err, sessions.ErrChanged) {
		return before, nil
	}
	return h, err
}

// end ends a session here and everywhere. What it was doing here ends before
// the bucket says so.
func (s *service) end(ctx context.Context, key string) error {
	s.live.endSession(key)
	return s.store.End(ctx, key)
}
