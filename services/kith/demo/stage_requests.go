package demo

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	kith "kith/services/kith"
)

// raiseRequests lets people ask.
func (s *stage) raiseRequests(ctx context.Context) error {
	s.requestIDs = make([]string, len(s.requests))
	return s.each(ctx, "asking for help", len(s.requests), func(ctx context.Context, i int) error {
		r := s.requests[i]
		body := map[string]any{
			"kind": r.kind, "title": r.title, "body": r.body, needField(r.kind): r.need, "tags": r.tags, "language": r.language, "beyond": r.beyond,
		}
		if r.community >= 0 {
			body["community"] = s.communityIDs[r.community]
		}
		var made struct{ ID string }
		err := s.scene().post(ctx, s.login(r.asker), fmt.Sprintf("ask %q", r.title), "/api/community/requests", fmt.Sprintf("request/%d", i), body, &made)
		s.requestIDs[i] = made.ID
		return err
	})
}

// converse lets people offer help, answer, accept and thank.
func (s *stage) converse(ctx context.Context) error {
	return s.each(ctx, "answering", len(s.requests), func(ctx context.Context, i int) error {
		t := talk{stage: s, scene: s.scene(), request: s.requests[i], place: i, path: "/api/community/requests/" + s.requestIDs[i]}
		if err := t.run(ctx); err != nil {
			return fmt.Errorf("request %q: %w", t.title, err)
		}
		return nil
	})
}

// talk is what happens to one request.
type talk struct {
	*stage
	*scene
	request
	place int
	path  string
}

// conversation is what the API shows of a request.
type conversation struct {
	Request   struct{ State string }
	Responses []said
}

type said struct {
	ID     string
	Author struct{ ID string }
	Thanks *struct{}
}

func (t *talk) mine() string { return t.login(t.asker) }

func (t *talk) key(what string) string { return fmt.Sprintf("request/%d/%s", t.place, what) }

// tell is an act of the asker.
func (t *talk) tell(ctx context.Context, does, path, key string, body any) error {
	return t.post(ctx, t.mine(), does, t.path+path, t.key(key), body, nil)
}

func (t *talk) read(ctx context.Context) (c conversation, err error) {
	_, err = t.do(ctx, act{who: t.mine(), does: "read the answers", path: t.path}, &c)
	return c, err
}

// live reports whether answers are possible.
func (c conversation) live() bool {
	return c.Request.State == "open" || c.Request.State == "routed" || c.Request.State == "responded"
}

func (t *talk) run(ctx context.Context) error {
	c, err := t.read(ctx)
	if err != nil {
		return err
	}
	fresh := c.live() && len(c.Responses) == 0 && len(t.answers) > 0
	helpers, err := t.hearHelpers(ctx, fresh)
	if err != nil {
		return err
	}
	if c.live() && len(c.Responses) < len(t.answers) {
		if err := t.respond(ctx, c, helpers); err != nil {
			return err
		}
		if c, err = t.read(ctx); err != nil {
			return err
		}
	}
	if err := t.settle(ctx, c); err != nil {
		return err
	}
	t.count(func(sum *Summary) {
		sum.Requests++
		sum.Responses += len(c.Responses)
	})
	return nil
}

// hearHelpers returns the logins of those who said "I can help". If decide,
// those who were proposed say that or "not me"; some take their time. Later
// runs leave it at that, whoever has been proposed since.
func (t *talk) hearHelpers(ctx context.Context, decide bool) ([]string, error) {
	proposals, err := t.proposed(ctx)
	if err != nil {
		return nil, err
	}
	var ready []string
	for _, h := range proposals {
		login, err := t.loginOf(ctx, h.Person)
		if err != nil {
			return nil, err
		}
		if decide && h.Answer == "waiting" {
			switch mood := t.mood(login); {
			case mood < 4 && len(ready) < len(t.answers):
				h.Answer = "can_help"
			case mood == 9:
				h.Answer = "not_me"
			}
			if h.Answer != "waiting" {
				path := "/api/matching/requests/" + t.requestIDs[t.place] + "/offer"
				if err := t.post(ctx, login, "answer the proposal", path, t.key("offer"), map[string]string{"answer": h.Answer}, nil); err != nil {
					return nil, err
				}
			}
		}
		t.note(login, h.Answer)
		if h.Answer == "can_help" {
			ready = append(ready, login)
		}
	}
	return ready, nil
}

type proposal struct{ Person, Answer string }

// proposed waits until helpers are proposed, for as long as that makes sense.
func (t *talk) proposed(ctx context.Context) ([]proposal, error) {
	const atMost, doubt = 10 * time.Second, 3
	if !t.matching || t.unrouted.Load() >= doubt {
		return nil, nil
	}
	var out struct {
		Round int
		Items []proposal
	}
	ok, err := await(ctx, atMost, func() (bool, error) {
		_, err := t.do(ctx, act{who: t.mine(), does: "see who can help", path: "/api/matching/requests/" + t.requestIDs[t.place] + "/proposals"}, &out)
		if missing(err) {
			return false, nil // the service has not read of the request yet
		}
		return out.Round > 0, err
	})
	if err == nil && !ok {
		t.unrouted.Add(1)
	}
	return out.Items, err
}

// loginOf finds out how a person signs in.
func (t *talk) loginOf(ctx context.Context, id string) (string, error) {
	var who struct{ Email string }
	_, err := t.do(ctx, act{who: kith.DevAdministrator, does: "look a helper up", path: "/api/membership/people/" + id}, &who)
	return who.Email, err
}

// mood is how somebody takes a proposal, 0 to 9, the same in every run.
func (t *talk) mood(login string) int {
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%d/%d/%s", t.seed, t.place, login)
	return int(h.Sum32() % 10)
}

// note counts what helpers said.
func (t *talk) note(login, answer string) {
	t.count(func(sum *Summary) {
		switch answer {
		case "can_help":
			sum.Offers++
		case "not_me", "not_available":
			sum.Declined++
		case "waiting":
			if t.fate == waiting || t.fate == answered || t.fate == reopened {
				t.open[login]++
			}
		}
	})
}

// respond adds the answers that are missing: by helpers who said that they
// can, then by those of the plan.
func (t *talk) respond(ctx context.Context, c conversation, helpers []string) error {
	wrote := map[string]bool{}
	for _, r := range c.Responses {
		wrote[r.Author.ID] = true
	}
	authors := helpers
	for _, a := range t.answers {
		authors = append(authors, t.login(a.author))
	}
	n := len(c.Responses)
	for _, login := range authors {
		if n == len(t.answers) {
			return nil
		}
		id, err := t.person(ctx, login)
		if err != nil {
			return err
		}
		if wrote[id] {
			continue
		}
		wrote[id] = true
		body := map[string]string{"body": t.answers[n].text}
		if err := t.post(ctx, login, "answer", t.path+"/responses", t.key(fmt.Sprintf("answer/%d", n)), body, nil); err != nil {
			return err
		}
		n++
	}
	return nil
}

// settle brings the request to its end. What happened in an earlier run is
// not repeated: the commands are the same.
func (t *talk) settle(ctx context.Context, c conversation) error {
	switch {
	case t.fate == withdrawn && c.live():
		return t.tell(ctx, "withdraw the request", "/withdraw", "withdraw", map[string]string{"reason": t.reason})
	case t.fate == givenUp && c.live():
		return t.tell(ctx, "close the request as unresolved", "/unresolved", "unresolved", map[string]string{"reason": t.reason})
	case t.fate != resolved && t.fate != reopened || len(c.Responses) == 0:
		return nil
	}
	accept := c.Responses[:1]
	if t.kind == experience {
		accept = c.Responses[:min(2, len(c.Responses))]
	}
	if c.live() {
		for _, r := range accept {
			if err := t.tell(ctx, "accept an answer", "/responses/"+r.ID+"/accept", "accept", nil); err != nil {
				return err
			}
		}
		if t.kind == experience {
			if err := t.tell(ctx, "close the request", "/resolve", "resolve", nil); err != nil {
				return err
			}
		}
	}
	if t.fate == reopened {
		return t.tell(ctx, "reopen the request", "/reopen", "reopen", map[string]string{"reason": t.reason})
	}
	if t.thanks == "" {
		return nil
	}
	t.count(func(sum *Summary) { sum.Thanks++ })
	return t.tell(ctx, "thank for an answer", "/responses/"+accept[0].ID+"/thank", "thank", map[string]string{"note": t.thanks})
}
