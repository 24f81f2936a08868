// Command box is a service of a test's own, in two versions: boxes into which
// things are put. The newer one, built with the tag newer, has a second schema of
// one event, and an event that the older one does not know.
package main

import (
	"context"
	_ "embed"
	"net/http"
	"os"

	"github.com/labstack/echo/v4"

	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/host"
	"kith/pkg/react"
	"kith/pkg/rest"
	"kith/pkg/view"
)

//go:embed contract.json
var contract []byte

const counter = "box-counter"

// Counted is the effect of the reactor: one for each event of a box.
type Counted struct {
	Of string `json:"of"` // id of the event
}

// EventType implements es.Event.
func (Counted) EventType() string { return "tally.counted" }

// box is the state of an aggregate.
type box struct{ events int }

// contents is the document of a box.
type contents struct {
	Puts  int    `json:"puts"`
	Count int    `json:"count"` // of things
	Label string `json:"label,omitempty"`
}

type service struct {
	core    app.Core
	boxes   *es.Repo[box]
	tallies *es.Repo[box]
	shown   *view.View[contents]
}

func main() {
	os.Exit(host.Service[struct{}]{Name: "box", Open: open, Events: append(types(), es.Type[Counted]())}.Main(os.Args[1:]))
}

func open(ctx context.Context, core app.Core, _ struct{}) (app.Module, error) {
	count := func(b *box, _ es.Recorded) { b.events++ }
	s := &service{core: core, boxes: app.Repo(core, "box", "box", count), tallies: app.Repo(core, "box", "tally", count)}
	var err error
	s.shown, err = view.Open(ctx, core.Views, view.Spec[contents]{
		Name: "box-contents", Version: viewVersion, Fold: fold, Indexes: []view.Index{{Name: "all", Fields: []string{"puts"}}},
		Keys: func(r es.Recorded) []string {
			if _, bad := r.Data.(es.Unreadable); bad || r.Stream.Context != "box" || r.Stream.Aggregate != "box" {
				return nil
			}
			return []string{r.Stream.ID}
		},
	})
	return app.Module{
		Name: "box", Spec: contract, Folders: []view.Folder{s.shown},
		Routes: func(r app.Router) {
			r.POST("/boxes/:box/things", s.put)
			r.POST("/boxes/:box/label", s.label)
			r.GET("/contents", s.contents)
		},
		Reactors: []react.Reactor{{Name: counter, Subjects: []string{"evt.box.box.*"}, From: react.Start, InFlight: 4, Handle: s.count}},
	}, err
}

func (s *service) put(c echo.Context) error {
	return s.execute(c, func(word string) (es.Event, error) { return put(word), nil })
}

func (s *service) label(c echo.Context) error { return s.execute(c, label) }

func (s *service) execute(c echo.Context, event func(word string) (es.Event, error)) error {
	var in struct {
		Word string `json:"word"`
	}
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m := es.Meta{Command: es.ID("box", c.Request().URL.Path, c.Request().Header.Get("Idempotency-Key")), Request: es.ID(in.Word), Actor: "anybody"}
	seq, err := s.boxes.Execute(c.Request().Context(), c.Param("box"), m, func(box) (es.Event, error) { return event(in.Word) })
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusNoContent, nil)
}

// contents answers with sums over all boxes, and the hash of the view.
func (s *service) contents(c echo.Context) error {
	ctx := c.Request().Context()
	hash, err := s.shown.Hash(ctx)
	if err != nil {
		return err
	}
	page, err := s.shown.Find(ctx, view.Query{Index: "all", Limit: view.MaxLimit}, nil)
	if err != nil {
		return err
	}
	if page.Next != "" {
		return fault.New(fault.Internal, "There are more boxes than are added up.")
	}
	out := struct {
		contents
		Hash string `json:"hash"`
	}{Hash: hash}
	for _, d := range page.Items {
		out.Puts += d.Puts
		out.Count += d.Count
	}
	return c.JSON(http.StatusOK, out)
}

// count is the reactor: every event of a box is counted once.
func (s *service) count(ctx context.Context, r es.Recorded) error {
	_, err := s.tallies.Execute(ctx, r.ID, react.Command(r, counter), func(box) (es.Event, error) { return Counted{r.ID}, nil })
	return err
}
