package e2e

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/host"
	"kith/test/internal/deployment"
)

// allHours are settings of matching by which a second is a working hour.
func allHours() []string {
	return []string{"--widen-after-problem", "1s", "--work-days", "mon,tue,wed,thu,fri,sat,sun", "--work-from", "00:00", "--work-to", "24:00", "--work-zone", "UTC"}
}

// With two processes of matching, each of which looks what is due, every step is
// taken once, also when the processes end and come back meanwhile; and caps hold
// when many ask at once.
func TestRoutingInProcesses(t *testing.T) {
	w, d := processes(t, deployment.Options{Replicas: map[string]int{"matching": 2}, Flags: map[string][]string{"matching": allHours()}})
	who := organisation(t, w)
	who.in(t)
	admin, cora, dario, eda := who["admin"], who["cora"], who["dario"], who["eda"]
	admin.post("/api/membership/people/"+dario.id+"/roles", map[string]string{"role": "connector"}, nil) // of cora's unit
	admin.post("/api/membership/people/"+who["finn"].id+"/roles", map[string]string{"role": "coordinator"}, nil)
	const limit = 3
	for _, helper := range []*person{eda, who["bela"]} {
		helper.edit("/api/membership/me/profile", map[string]any{"can_help": []string{"framework contracts"}, "languages": []string{"en"}, "availability": "available"})
		helper.edit("/api/matching/me/preferences", map[string]any{"opt_out": false, "cap": limit})
		after(cora, helper)
	}
	after(cora, admin)

	const many = 12
	requests := make([]created, many)
	var all sync.WaitGroup
	for i := range requests {
		all.Go(func() {
			if err := cora.Post(t.Context(), "/api/community/requests", map[string]any{"kind": "problem", "tried": "I asked around.",
				"title": fmt.Sprintf("Framework contract %d ends", i), "language": "en"}, &requests[i]); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for n := range 2 { // what is due is in the log, and waits for who comes back
		d.Service("matching")[n].Kill()
	}
	for n := range 2 {
		if err := d.StartService(context.WithoutCancel(t.Context()), "matching", n); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range requests {
		within(t, 2*time.Minute, "the request is through all steps", func() bool {
			var out struct{ Routing struct{ Step string } }
			cora.get("/api/matching/requests/"+q.ID+"/proposals", &out)
			return out.Routing.Step == matching.StepEnded
		})
	}

	var page struct {
		Items []struct{ What, Step string }
	}
	cora.get("/api/community/requests/"+requests[0].ID+"/timeline", &page)
	var line []string
	for _, it := range page.Items {
		line = append(line, it.What+it.Step)
	}
	if n := len(line); n < 4 || fmt.Sprint(line[n-3:]) != "[widenedconnectors widenedcoordinators unanswered]" {
		t.Errorf("the timeline is %v", line)
	}
	for reader, kind := range map[*person]string{dario: "asked_to_find", who["finn"]: "asked_to_find", cora: "nobody_answered"} {
		after(reader, cora)
		var inbox struct {
			Items []struct{ Kind, Request string }
		}
		reader.get("/api/notification/inbox?limit=200", &inbox)
		told := map[string]int{}
		for _, it := range inbox.Items {
			if it.Kind == kind {
				told[it.Request]++
			}
		}
		for _, q := range requests {
			if told[q.ID] != 1 {
				t.Errorf("%s was told %d times of %s: %s", reader.login, told[q.ID], q.ID, kind)
			}
		}
	}
	checkSteps(t, d, many, limit)
	rebuilt(t, d, admin)
}

// checkSteps reads the log: each request was taken through every step once, and
// nobody was proposed more often than they wish.
func checkSteps(t *testing.T, d *deployment.Deployment, requests, limit int) {
	nc, js, err := d.Connect("audit")
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	log := esjs.Open(js, host.Codec(), host.Now)
	end, err := log.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	taken, load, ended := map[string]int{}, map[string]int{}, 0
	step := func(r es.Recorded, step string) { taken[r.Stream.ID+" "+r.Type+" "+step]++ }
	for r, err := range log.Follow(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		switch e := r.Data.(type) {
		case matching.HelpersProposed:
			step(r, e.Step)
			for _, h := range e.Helpers {
				load[h.Person]++
			}
		case matching.RequestUnanswered:
			step(r, e.Step)
		case matching.RoutingWidened:
			step(r, e.Step)
		case matching.RoutingEnded:
			step(r, matching.StepEnded)
			ended++
		}
		if r.Seq >= end {
			break
		}
	}
	for what, n := range taken {
		if n != 1 {
			t.Errorf("%s is in the log %d times", what, n)
		}
	}
	if ended != requests || len(load) != 2 {
		t.Errorf("%d of %d requests came to the end; proposed were %v", ended, requests, load)
	}
	for person, n := range load {
		if n != limit {
			t.Errorf("%s was proposed %d times, with %d requests and a cap of %d", person, n, requests, limit)
		}
	}
}
