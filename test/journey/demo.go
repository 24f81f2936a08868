package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"kith/services/kith/client"
	"kith/services/kith/demo"
)

// walkDemo fills the instance with the demo's organisation and lets some of
// its people go through a story of each kind.
func (j *journey) walkDemo(ctx context.Context) bool {
	d := &play{journey: j}
	return j.step("fill in the demo's organisation", func() (string, error) { return d.fill(ctx) }) &&
		j.step("a newcomer finds and joins a community", func() (string, error) { return d.join(ctx) }) &&
		j.step("ask in each of the three kinds, answer, accept, thank", func() (string, error) { return d.help(ctx) }) &&
		j.step("reopen and withdraw", func() (string, error) { return d.change(ctx) })
}

// play is a few people of the demo.
type play struct {
	*journey
	newcomer, host, employee *client.Client
	requests                 []string
}

func (d *play) fill(ctx context.Context) (string, error) {
	s, err := demo.Run(ctx, demo.Config{Server: d.kith.URL, HTTP: d.pool})
	if err != nil {
		return "", err
	}
	for _, l := range s.Logins {
		var who **client.Client
		switch {
		case strings.HasPrefix(l.Why, "newcomer"):
			who = &d.newcomer
		case strings.HasPrefix(l.Why, "host"):
			who = &d.host
		case strings.HasPrefix(l.Why, "employee"):
			who = &d.employee
		default:
			continue
		}
		if *who, err = d.as(ctx, l.Login); err != nil {
			return "", err
		}
	}
	if d.newcomer == nil || d.host == nil || d.employee == nil {
		return "", fmt.Errorf("the demo names no newcomer, host or employee to sign in as: %+v", s.Logins)
	}
	return fmt.Sprintf("%d people, %d communities, %d memberships, %d requests, %d responses, %d thanks",
		s.People, s.Communities, s.Memberships, s.Requests, s.Responses, s.Thanks), nil
}

func (d *play) join(ctx context.Context) (string, error) {
	var page struct {
		Items []struct{ ID, Name, Joining, State string }
	}
	if err := d.newcomer.Get(ctx, "/api/community/communities?state=active&limit=200", &page); err != nil {
		return "", err
	}
	for _, c := range page.Items {
		if c.Joining != "open" {
			continue
		}
		return c.Name, d.newcomer.Post(ctx, "/api/membership/communities/"+c.ID+"/join", map[string]any{}, nil)
	}
	return "", errors.New("no active community is open to join")
}

func (d *play) help(ctx context.Context) (string, error) {
	proposed := 0
	for _, q := range []map[string]any{
		{"kind": "problem", "title": "Our forms are not filled in to the end", "tried": "We made them shorter; it did not help.", "language": "en"},
		{"kind": "information", "title": "Wo finde ich die Vorlage für eine Dienstvereinbarung?", "purpose": "Wir schreiben gerade eine.", "language": "de"},
		{"kind": "experience", "title": "Has anybody moved a whole team to another building?", "situation": "We move in autumn, 40 people.", "language": "en"},
	} {
		var request struct{ ID string }
		if err := d.newcomer.Post(ctx, "/api/community/requests", q, &request); err != nil {
			return "", fmt.Errorf("ask (%s): %w", q["kind"], err)
		}
		helpers, err := d.proposals(ctx, d.newcomer, request.ID)
		if err != nil {
			return "", err
		}
		proposed += len(helpers)
		if err := d.answer(ctx, request.ID, q["kind"] == "experience"); err != nil {
			return "", fmt.Errorf("%s: %w", q["kind"], err)
		}
		d.requests = append(d.requests, request.ID)
	}
	return fmt.Sprintf("3 requests resolved, %d helpers proposed for them", proposed), nil
}

// answer has one person answer, or two where several answers can be accepted.
func (d *play) answer(ctx context.Context, request string, several bool) error {
	helpers := []*client.Client{d.employee}
	if several {
		helpers = append(helpers, d.host)
	}
	path := "/api/community/requests/" + request
	for _, h := range helpers {
		h.Seen(d.newcomer.Position())
		if err := h.Post(ctx, "/api/matching/requests/"+request+"/offer", map[string]string{"answer": "can_help"}, nil); err != nil {
			return fmt.Errorf("offer: %w", err)
		}
		var response struct{ ID string }
		if err := h.Post(ctx, path+"/responses", map[string]string{"body": "I have done this; let us meet on Tuesday."}, &response); err != nil {
			return fmt.Errorf("respond: %w", err)
		}
		d.newcomer.Seen(h.Position())
		if err := d.newcomer.Post(ctx, path+"/responses/"+response.ID+"/accept", nil, nil); err != nil {
			return fmt.Errorf("accept: %w", err)
		}
		if err := d.newcomer.Post(ctx, path+"/responses/"+response.ID+"/thank", map[string]string{"note": "Thank you."}, nil); err != nil {
			return fmt.Errorf("thank: %w", err)
		}
	}
	if several {
		if err := d.newcomer.Post(ctx, path+"/resolve", nil, nil); err != nil {
			return fmt.Errorf("resolve: %w", err)
		}
	}
	var shown struct{ Request struct{ State string } }
	if err := d.newcomer.Get(ctx, path, &shown); err != nil {
		return err
	}
	if shown.Request.State != "resolved" {
		return fmt.Errorf("request %s is %s, want resolved", request, shown.Request.State)
	}
	return nil
}

func (d *play) change(ctx context.Context) (string, error) {
	path := "/api/community/requests/" + d.requests[0]
	if err := d.newcomer.Post(ctx, path+"/reopen", map[string]string{"reason": "It came back."}, nil); err != nil {
		return "", fmt.Errorf("reopen: %w", err)
	}
	if err := d.newcomer.Post(ctx, path+"/withdraw", map[string]string{"reason": "We have solved it."}, nil); err != nil {
		return "", fmt.Errorf("withdraw: %w", err)
	}
	return "open again, then withdrawn", nil
}
