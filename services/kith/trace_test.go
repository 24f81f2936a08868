package kith_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"kith/api/events/notification"
	"kith/pkg/es"
	"kith/pkg/tracing/tracingtest"
	kith "kith/services/kith"
	"kith/services/kith/client"
)

// callers is the trace of somebody who calls Kith and records what happens.
const callers = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// TestACommandIsTracedToTheMailThatItCauses follows one command. The process is
// ended before anything is looked at: whatever it knows has been sent then.
func TestACommandIsTracedToTheMailThatItCauses(t *testing.T) {
	dir, mail, collector := t.TempDir(), openPostbox(t, func(string) error { return nil }), tracingtest.Start(t)
	p, stop := operated(t, watched(dir, collector.URL, mail)) // of its own it traces nothing
	admin := as(t, p.URL(), kith.DevAdministrator)
	for _, name := range []string{"ann", "ben"} {
		post(t, admin, "/api/membership/people", map[string]any{"name": name, "email": name + "@kith.example"})
	}
	ann, ben := as(t, p.URL(), "ann@kith.example"), as(t, p.URL(), "ben@kith.example")
	request := post(t, ann, "/api/community/requests", map[string]any{"kind": "information", "title": "Where is it?", "purpose": "I need it.", "beyond": true, "language": "en"})
	ben.Seen(ann.Position())
	path := "/api/community/requests/" + request + "/responses"
	if _, err := ben.Do(t.Context(), client.Request{Method: http.MethodPost, Path: path,
		Body: map[string]any{"body": "It is here."}, Header: http.Header{"Traceparent": {callers}}}, nil); err != nil {
		t.Fatal(err)
	}
	until(t, "what was mailed is recorded", func() bool { // other mails of the request may come before
		return recorded(t, p, func(e es.Event) bool {
			sent, ok := e.(notification.DeliverySent)
			return ok && sent.Kind == "response"
		})
	})
	stop()

	spans := map[string]tracingtest.Span{}
	for _, s := range collector.Spans() {
		if _, twice := spans[s.Name]; twice {
			t.Errorf("there are two spans %s", s.Name)
		}
		if s.Service != "kith" {
			t.Errorf("%s is of %s", s.Name, s.Service)
		}
		if s.Failed || s.EndNano < s.StartNano {
			t.Errorf("%+v", s)
		}
		spans[s.Name] = s
	}
	one := func(name string) tracingtest.Span {
		t.Helper()
		if _, ok := spans[name]; !ok {
			t.Fatalf("there is no span %q among %v", name, spans)
		}
		return spans[name]
	}
	command, event := one("POST /api/community/requests/:request/responses"), one("append request.responded")
	reactor, letter, sent := one("react notification-mail"), one("send mail"), one("append delivery.sent")
	if command.Trace != callers[3:35] || command.Parent != callers[36:52] || command.Attributes["kith.operation"] != "Respond" {
		t.Errorf("the command is %+v", command)
	}
	for _, step := range []struct {
		name          string
		after, before tracingtest.Span
	}{{"the append", event, command}, {"the mail", letter, reactor}, {"the delivery", sent, reactor}} {
		if step.after.Parent != step.before.ID || step.after.Trace != step.before.Trace {
			t.Errorf("%s is not within %s: %+v", step.name, step.before.Name, step.after)
		}
	}
	for _, name := range []string{"react notification-mail", "fold community-requests", "fold notification-items"} {
		if s := one(name); !slices.Equal(s.Links, []string{event.ID}) || s.Parent != "" || s.Attributes["kith.event.position"] != event.Attributes["kith.event.position"] {
			t.Errorf("it is not linked to the event: %+v", s)
		}
	}
	for name := range spans {
		for _, id := range []string{request, "ann", "ben"} {
			if strings.Contains(name, id) {
				t.Errorf("a span is called %s", name)
			}
		}
	}

	t.Run("reading it again is not traced", func(t *testing.T) {
		collector := tracingtest.Start(t)
		p, stop := operated(t, watched(dir, collector.URL, mail))
		admin := as(t, p.URL(), kith.DevAdministrator)
		if err := admin.Post(t.Context(), "/api/system/views/community-requests/rebuild", nil, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := admin.Do(t.Context(), client.Request{Method: http.MethodGet, Path: "/api/membership/me", Header: http.Header{"Traceparent": {callers}}}, nil); err != nil {
			t.Fatal(err)
		}
		stop()
		var names []string
		for _, s := range collector.Spans() {
			names = append(names, s.Name)
		}
		if !slices.Equal(names, []string{"GET /api/membership/me"}) || mail.repeated() {
			t.Errorf("spans are %q, mails by id %v", names, mail.took)
		}
	})
}
