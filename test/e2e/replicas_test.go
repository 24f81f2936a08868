package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"kith/api/events/matching"
	"kith/pkg/es/esjs"
	"kith/pkg/fault"
	"kith/pkg/host"
	kith "kith/services/kith"
	"kith/services/kith/client"
	"kith/test/internal/deployment"
)

// Several processes of a service are as good as one: the same views, and no
// effect twice. What happens is random, how much of it is not.
func TestReplicas(t *testing.T) {
	type setting struct {
		processes int
		mongo     bool
	}
	settings := map[string]setting{"two of each service": {2, false}, "four of each service": {4, false}}
	if os.Getenv(deployment.MongoURI) != "" {
		// The stand-in does not write atomically, so that of two processes which
		// write one document the older may win. The tests of the backend, in
		// test/mongo, make up for that; here it takes a real server.
		settings["two of each service on one database"] = setting{2, true}
	}
	for name, o := range settings {
		t.Run(name, func(t *testing.T) {
			n := o.processes
			// One process keeps the audit of a log.
			w, d := processes(t, deployment.Options{Replicas: map[string]int{"membership": n, "community": n, "matching": n, "notification": n}, Mongo: o.mongo})
			who := organisation(t, w)
			who.in(t)
			m := &mess{t: t, community: community(who["aenne"], "Good contracts", "open", "open")}
			for _, p := range who {
				after(p, who["aenne"])
			}
			const workers, acts, seed = 8, 40, 20
			t.Logf("seed %d", seed)
			var all sync.WaitGroup
			for i := range workers {
				names := []string{"aenne", "bela", "cora", "dario", "eda", "finn"}
				all.Go(func() {
					rnd := rand.New(rand.NewPCG(seed, uint64(i)))
					for range acts {
						m.act(rnd, who[names[rnd.IntN(len(names))]])
					}
				})
			}
			all.Wait()
			if len(m.requests) == 0 || m.done < workers*acts/4 {
				t.Fatalf("only %d acts succeeded, %d requests were raised", m.done, len(m.requests))
			}
			who["admin"].Seen(m.seen)
			for _, id := range m.requests {
				eventually(t, "helpers are proposed, or not needed any more", func() bool {
					var out struct{ Round int }
					var shown struct{ Request struct{ State string } }
					who["admin"].get("/api/matching/requests/"+id+"/proposals", &out)
					who["admin"].get("/api/community/requests/"+id, &shown)
					return out.Round > 0 || shown.Request.State == "resolved"
				})
			}
			m.effects(d)
			rebuilt(t, d, w.as(kith.DevAdministrator))
		})
	}
}

// mess is what random people have done.
type mess struct {
	t         *testing.T
	community string

	mu        sync.Mutex
	requests  []string
	responses [][2]string // request, response
	done      int
	seen      uint64 // by anybody
}

// act lets p do something. That it is refused by a rule is fine; that a service
// fails is not.
func (m *mess) act(rnd *rand.Rand, p *person) {
	c := &client.Client{Base: p.Base, Token: p.Token, HTTP: p.HTTP}
	c.Seen(p.Position())
	m.mu.Lock()
	var request string
	if len(m.requests) > 0 {
		request = m.requests[rnd.IntN(len(m.requests))]
	}
	answer := [2]string{"-", "-"}
	if len(m.responses) > 0 {
		answer = m.responses[rnd.IntN(len(m.responses))]
	}
	m.mu.Unlock()
	var out created
	var err error
	say := func(path string, body any) { err = c.Post(m.t.Context(), path, body, &out) }
	switch what := rnd.IntN(10); {
	case what < 2 || request == "":
		say("/api/community/requests", map[string]any{"kind": "information", "title": "Where do I find contracts?", "purpose": "To prolong one.", "language": "en"})
		m.note(err, func() { m.requests = append(m.requests, out.ID) })
	case what < 4:
		say("/api/community/requests/"+request+"/responses", map[string]string{"body": "In the archive."})
		m.note(err, func() { m.responses = append(m.responses, [2]string{request, out.ID}) })
	case what == 4:
		say("/api/community/requests/"+answer[0]+"/responses/"+answer[1]+"/accept", nil)
	case what == 5:
		say("/api/community/requests/"+answer[0]+"/responses/"+answer[1]+"/thank", map[string]string{"note": "Thank you."})
	case what == 6:
		say("/api/matching/requests/"+request+"/offer", map[string]string{"answer": []string{"can_help", "not_me"}[rnd.IntN(2)]})
	case what == 7:
		say("/api/membership/communities/"+m.community+"/join", map[string]any{})
	case what == 8:
		say("/api/membership/communities/"+m.community+"/leave", nil)
	default:
		say("/api/community/requests/"+request+"/reopen", map[string]string{"reason": "It came up again."})
	}
	m.mu.Lock()
	m.seen = max(m.seen, c.Position())
	m.mu.Unlock()
	switch client.CodeOf(err) {
	case "", fault.Conflict, fault.Forbidden, fault.NotFound, fault.Invalid:
		var problem *client.Problem
		if err != nil && !errors.As(err, &problem) {
			m.t.Errorf("%s: %v", p.login, err)
		}
	default:
		m.t.Errorf("%s: %v", p.login, err)
	}
}

func (m *mess) note(err error, f func()) {
	if err == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.done++
		f()
	}
}

// effects reads the log: no command is in it twice, and nobody was proposed
// twice in a round.
func (m *mess) effects(d *deployment.Deployment) {
	nc, js, err := d.Connect("audit")
	if err != nil {
		m.t.Fatal(err)
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
	defer cancel()
	log := esjs.Open(js, host.Codec(), host.Now)
	end, err := log.Last(ctx)
	if err != nil {
		m.t.Fatal(err)
	}
	commands, rounds := map[string]uint64{}, map[string]uint64{}
	for r, err := range log.Follow(ctx, 0) {
		if err != nil {
			m.t.Fatal(err)
		}
		if first, ok := commands[r.ID]; ok {
			m.t.Errorf("the event at %d is there already, at %d", r.Seq, first)
		}
		commands[r.ID] = r.Seq
		if e, ok := r.Data.(matching.HelpersProposed); ok {
			round := fmt.Sprint(e.Request, " ", e.Round)
			if first, ok := rounds[round]; ok {
				m.t.Errorf("round %s was proposed at %d and at %d", round, first, r.Seq)
			}
			rounds[round] = r.Seq
		}
		if r.Seq >= end {
			return
		}
	}
}
