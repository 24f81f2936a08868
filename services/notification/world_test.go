package notification

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	catalogue "kith/api/events"
	"kith/api/events/community"
	"kith/api/events/matching"
	"kith/api/events/membership"
	api "kith/api/openapi/notificationapi"
	"kith/api/sealed"
	"kith/pkg/app"
	"kith/pkg/app/apptest"
	"kith/pkg/es"
)

const base = "/api/notification"

// world is an organisation with the notification service alone: what other
// services would do is appended as they would.
type world struct {
	*apptest.System
	t *testing.T
}

func codec() *es.Codec {
	var types []es.Option
	for _, e := range catalogue.All() {
		types = append(types, es.Proto(e.Event))
	}
	return es.NewCodec(types...)
}

func start(t *testing.T, cfg Config) *world {
	t.Helper()
	module := func(ctx context.Context, core app.Core) (app.Module, error) { return New(ctx, core, cfg) }
	return &world{apptest.Start(t, codec(), module), t}
}

func (w *world) on(actor, context, aggregate, id string, e es.Event) uint64 {
	w.t.Helper()
	return w.Append(actor, es.Stream{Context: context, Aggregate: aggregate, ID: id}, e)
}

// people registers people, "name" or "name/language".
func (w *world) people(names ...string) {
	w.t.Helper()
	for _, name := range names {
		id, language, found := strings.Cut(name, "/")
		if !found {
			language = "en"
		}
		if err := w.App.Core.Vault.Create(w.t.Context(), id); err != nil {
			w.t.Fatal(err)
		}
		w.on("admin", "membership", "person", id, membership.PersonRegistered{
			Name: sealed.New(id, sealed.Identity, strings.ToUpper(id)), Email: sealed.New(id, sealed.Identity, id+"@example.org"), Language: language,
		})
	}
}

// founds makes an open or closed community whose host is its founder.
func (w *world) founds(host, id, visibility string) {
	w.t.Helper()
	w.on(host, "community", "community", id, community.CommunityFounded{Founder: host, Settings: community.Settings{
		Name: "The " + id, Visibility: visibility, Joining: "open",
	}})
	w.joins(host, id, "host")
}

func (w *world) joins(person, in, role string) uint64 {
	w.t.Helper()
	via := membership.ViaOpen
	if role == "host" {
		via = membership.ViaFounding
	}
	return w.on(person, "membership", "membership", es.ID(in, person), membership.MembershipJoined{
		Tie: membership.Tie{Community: in, Person: person}, Via: via, Role: role,
	})
}

func (w *world) removes(host, person, in string) {
	w.t.Helper()
	w.on(host, "membership", "membership", es.ID(in, person), membership.MembershipRemoved{Tie: membership.Tie{Community: in, Person: person}})
}

func (w *world) raises(asker, id, in string, beyond bool) uint64 {
	w.t.Helper()
	return w.on(asker, "community", "request", id, community.RequestRaised{
		Community: in, Asker: asker, Kind: "problem", Title: sealed.New(asker, sealed.Content, "Title of "+id), Beyond: beyond,
	})
}

func (w *world) proposes(request, in, asker string, helpers ...string) uint64 {
	w.t.Helper()
	e := matching.HelpersProposed{Request: request, Community: in, Asker: asker}
	for _, h := range helpers {
		e.Helpers = append(e.Helpers, matching.ProposedHelper{Person: h})
	}
	return w.on("reactor:matching-router", "matching", "proposal", request, e)
}

func (w *world) responds(author, request, response string) uint64 {
	w.t.Helper()
	return w.on(author, "community", "request", request, community.RequestResponded{Response: response, Author: author})
}

func (w *world) page(person, query string) api.ItemPage {
	w.t.Helper()
	var page api.ItemPage
	if err := w.Must(http.StatusOK, person, http.MethodGet, base+"/inbox"+query, nil).JSON(&page); err != nil {
		w.t.Fatal(err)
	}
	return page
}

// inbox is a person's inbox in short: "kind why" of each item, newest first.
func (w *world) inbox(person string) string {
	w.t.Helper()
	return short(w.page(person, "").Items)
}

func short(items []api.Item) string {
	var out []string
	for _, it := range items {
		out = append(out, fmt.Sprintf("%s %s", it.Kind, it.Why))
	}
	return strings.Join(out, ", ")
}

func (w *world) count(person string) api.Count {
	w.t.Helper()
	var c api.Count
	if err := w.Must(http.StatusOK, person, http.MethodGet, base+"/inbox/count", nil).JSON(&c); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// prefers gives a person rules, whatever they had before.
func (w *world) prefers(person string, rules ...map[string]any) {
	w.t.Helper()
	etag := w.Must(http.StatusOK, person, http.MethodGet, base+"/preferences", nil).Header.Get("ETag")
	if rules == nil {
		rules = []map[string]any{}
	}
	w.Must(http.StatusNoContent, person, http.MethodPut, base+"/preferences", map[string]any{"rules": rules}, apptest.Header("If-Match", etag))
}
