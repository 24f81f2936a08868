package demo

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"kith/pkg/fault"
	"kith/services/kith/client"
)

// atOnce is how many people act at the same time.
const atOnce = 16

// crew signs people in, each once, when they first act.
type crew struct {
	server string
	http   *http.Client
	prefix string // of every Idempotency-Key

	mu     sync.Mutex
	actors map[string]*actor
}

// actor is a person who is signed in.
type actor struct {
	signIn sync.Once
	client *client.Client
	err    error // of signing in

	meet    sync.Once
	id      string
	unknown error // why the id is not known
}

func newCrew(server string, h *http.Client, prefix string) *crew {
	return &crew{server: server, http: h, prefix: prefix, actors: map[string]*actor{}}
}

// actor signs login in.
func (c *crew) actor(ctx context.Context, login string) (*actor, error) {
	c.mu.Lock()
	a := c.actors[login]
	if a == nil {
		a = &actor{}
		c.actors[login] = a
	}
	c.mu.Unlock()
	a.signIn.Do(func() { a.client, a.err = client.SignIn(ctx, c.http, c.server, login) })
	return a, a.err
}

// scene is a chain of acts in which everybody sees what came before.
type scene struct {
	crew *crew
	seq  uint64
}

// act is one request to the API.
type act struct {
	who    string // login
	does   string // in words, for errors
	method string // empty: GET
	path   string
	key    string // of a command, unique in the plan
	body   any
	etag   string // that a text was read with
}

// do carries the act out and decodes the answer into out, which may be nil.
// The error says what was being done, and by whom.
func (s *scene) do(ctx context.Context, a act, out any) (http.Header, error) {
	who, err := s.crew.actor(ctx, a.who)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.does, err)
	}
	who.client.Seen(s.seq)
	r := client.Request{Method: a.method, Path: a.path, Body: a.body}
	if r.Method == "" {
		r.Method = http.MethodGet
	} else {
		r.Key = s.crew.prefix + a.key
	}
	if a.etag != "" {
		r.Header = http.Header{"If-Match": {a.etag}}
	}
	h, err := who.client.Do(ctx, r, out)
	if err != nil {
		return nil, fmt.Errorf("%s, as %s: %w", a.does, a.who, err)
	}
	if seq, err := strconv.ParseUint(h.Get("Kith-Seq"), 10, 64); err == nil {
		s.seq = max(s.seq, seq)
	}
	return h, nil
}

func (s *scene) post(ctx context.Context, who, does, path, key string, body, out any) error {
	_, err := s.do(ctx, act{who: who, does: does, method: http.MethodPost, path: path, key: key, body: body}, out)
	return err
}

// person returns the id of the person with that login.
func (s *scene) person(ctx context.Context, login string) (string, error) {
	a, err := s.crew.actor(ctx, login)
	if err != nil {
		return "", err
	}
	a.meet.Do(func() {
		var me struct{ Person struct{ ID string } }
		if _, a.unknown = s.do(ctx, act{who: login, does: "look oneself up", path: "/api/membership/me"}, &me); a.unknown == nil {
			a.id = me.Person.ID
		}
	})
	return a.id, a.unknown
}

// await asks until done says yes. What a reactor does shows a moment later.
func await(ctx context.Context, atMost time.Duration, done func() (bool, error)) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 200*time.Millisecond) {
		if ok, err := done(); ok || err != nil {
			return ok, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return false, nil
		}
	}
}

// missing reports whether the server does not offer what was asked for.
func missing(err error) bool { return client.CodeOf(err) == fault.NotFound }
