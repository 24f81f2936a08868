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

const (
	renewBefore = 30 * time.Second // of the end of an access token, at most a quarter of its life
	renewLimit  = 15 * time.Second // after which another process may try
	renewPoll   = 50 * time.Millisecond
)

// fresh returns h with an access token that is good for a while, whole for
// longer: a stream ends with its token. One process alone renews the tokens of
// a session, once for all who wait: issuers end a session whose refresh token
// is used twice.
//
// Returns Unauthenticated if the session has ended with its tokens, Unavailable
// if the issuer cannot be asked and the token so far has expired.
func (s *service) fresh(ctx context.Context, id string, h held, whole bool) (held, error) {
	now := s.core.Now()
	left := h.Expires.Sub(now)
	before := min(renewBefore, h.Expires.Sub(h.Fetched)/4)
	if whole {
		before = h.Expires.Sub(h.Fetched) / 2
	}
	if left > before {
		return h, nil
	}
	if h.Refresh == "" {
		if left > 0 {
			return h, nil
		}
		return h, errors.Join(errSignedOut(), s.end(ctx, h.Key))
	}
	result := s.refresh.DoChan(h.Key, func() (any, error) {
		// Not the request's context: whoever hangs up must not fail the others.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewLimit)
		defer cancel()
		return s.renew(ctx, id, h)
	})
	select {
	case r := <-result:
		if r.Err == nil {
			return r.Val.(held), nil
		}
		if left > 0 && fault.CodeOf(r.Err) != fault.Unauthenticated {
			return h, nil // good enough for now
		}
		return h, r.Err
	case <-ctx.Done():
		return h, ctx.Err()
	}
}

// renew gets new tokens in the place of old's, or waits for the process that does.
func (s *service) renew(ctx context.Context, id string, old held) (held, error) {
	for {
		h, err := s.find(ctx, id)
		if err != nil || h.Access != old.Access {
			return h, err
		}
		if s.core.Now().Sub(h.Renewal) >= renewLimit {
			h.Renewal = s.core.Now()
			h, err = s.write(ctx, h)
			if errors.Is(err, sessions.ErrChanged) {
				continue // another process was first
			}
			if err != nil {
				return h, err
			}
			return s.exchange(ctx, id, h)
		}
		select {
		case <-time.After(renewPoll):
		case <-ctx.Done():
			return h, issuerDown(ctx.Err())
		}
	}
}

// exchange uses the refresh token of a session that is claimed for it.
func (s *service) exchange(ctx context.Context, id string, h held) (held, error) {
	g, err := s.issuer.renew(ctx, h.Refresh)
	if err == nil {
		h.tokens, err = s.renewed(ctx, h, g)
	}
	s.metrics.renewals.WithLabelValues(outcome(err)).Inc()
	switch fault.CodeOf(err) {
	case fault.Unauthenticated, fault.Forbidden:
		s.core.Log.Info("a session has ended with its tokens", "cause", err)
		return h, errors.Join(errSignedOut(), s.end(ctx, h.Key))
	}
	if err != nil {
		h.Renewal = time.Time{}
		if _, err := s.write(ctx, h); err != nil && !errors.Is(err, sessions.ErrChanged) {
			s.core.Log.Warn("a session is renewed later than it could be", "error", err)
		}
		return h, err
	}
	kept := h.tokens
	for {
		h, err = s.write(ctx, h)
		if !errors.Is(err, sessions.ErrChanged) {
			return h, err
		}
		// Nobody writes while it is claimed but to end it, unless this took too long.
		if h, err = s.find(ctx, id); err != nil {
			return h, err
		}
		h.tokens = kept
	}
}

// renewed are the tokens of h after the issuer gave g. Returns Unauthenticated
// if they speak for somebody else.
func (s *service) renewed(ctx context.Context, h held, g granted) (tokens, error) {
	who, err := s.core.Auth.Authenticate(ctx, "Bearer "+g.access)
	if err != nil {
		return h.tokens, err
	}
	if who.Person != h.Person {
		return h.tokens, &fault.Error{Code: fault.Unauthenticated, Detail: "Sign in again.", Err: errors.New("portal: renewed tokens are somebody else's")}
	}
	t := h.tokens
	t.Access, t.Expires, t.Fetched, t.Renewal = g.access, who.Expires, s.core.Now(), time.Time{}
	if g.refresh != "" {
		t.Refresh = g.refresh
	}
	if g.id != "" {
		t.ID = g.id
	}
	return t, s.fits(t)
}

// fits returns an error if t is more than a session can hold.
func (s *service) fits(t tokens) error {
	if value, err := json.Marshal(t); err != nil || len(value) > sessions.MaxValue {
		return fmt.Errorf("portal: the issuer's tokens have %d bytes, more than a session can hold", len(value))
	}
	return nil
}

// outcome is a label of metrics.
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	return string(fault.CodeOf(err))
}
