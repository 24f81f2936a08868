package e2e

import (
	"bufio"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kith/services/kith/client"
)

// item is a notification in a live inbox.
type item struct{ Kind, Request string }

// inbox is somebody's live inbox.
type inbox struct{ items chan item }

// listen opens the person's live inbox until the test ends.
func (p *person) listen() *inbox {
	p.t.Helper()
	body, err := p.Open(p.t.Context(), client.Request{Method: "GET", Path: "/api/notification/stream"})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = body.Close() })
	in := &inbox{items: make(chan item, 100)}
	ready := make(chan struct{})
	go func() {
		event := ""
		for lines := bufio.NewScanner(body); lines.Scan(); {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				event = name
				if event == "ready" {
					close(ready)
				}
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && event == "item" {
				var it item
				if json.Unmarshal([]byte(data), &it) == nil {
					in.items <- it
				}
			}
		}
	}()
	select {
	case <-ready:
	case <-time.After(20 * time.Second):
		p.t.Fatal("the live inbox is not ready after 20 s")
	}
	return in
}

// next waits for the next item of a kind.
func (i *inbox) next(t *testing.T, kind string) item {
	t.Helper()
	for limit := time.After(20 * time.Second); ; {
		select {
		case it := <-i.items:
			if it.Kind == kind {
				return it
			}
		case <-limit:
			t.Fatalf("no %s came within 20 s", kind)
		}
	}
}
