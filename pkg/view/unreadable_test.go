package view_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"kith/pkg/es"
	"kith/pkg/es/esmem"
	"kith/pkg/view"
)

// strange is known to a newer version alone, and so is the second version of plain.
type strange struct{}

func (strange) EventType() string { return "thing.strange" }

type plain struct {
	N string `json:"n"`
}

func (plain) EventType() string { return "thing.noted" }

type other struct{ plain }

func (other) SchemaVersion() int { return 2 }

// What a process cannot read it passes over, counts, and says once.
func TestUnreadable(t *testing.T) {
	log := esmem.New(es.NewCodec(es.Type[noted]()), time.Now)
	var written uint64
	write := func(e es.Event) {
		written++
		thing := es.Stream{Context: "test", Aggregate: "thing", ID: es.ID(string(rune(written)))}
		env, err := es.NewCodec(es.Proto(e)).EncodeEnvelope(thing, es.Meta{Command: "c"}, time.Now(), e)
		if err != nil {
			t.Fatal(err)
		}
		log.AppendRaw(thing.Subject(), env.Stored)
	}
	for _, e := range []es.Event{noted{1}, strange{}, strange{}, other{plain{"Maria"}}, plain{"Maria"}, noted{2}} {
		write(e)
	}
	var said bytes.Buffer
	f := view.NewFollower(log, slog.New(slog.NewTextHandler(&said, nil)), time.Now)
	ended := make(chan error, 1)
	go func() { ended <- f.Run(t.Context()) }()
	if err := f.Wait(t.Context(), written); err != nil {
		t.Fatal(err)
	}
	if newer, damaged := f.Unreadable(); newer != 3 || damaged != 1 {
		t.Errorf("%d newer and %d damaged events were counted, want 3 and 1", newer, damaged)
	}
	text := said.String()
	for line, times := range map[string]int{"type=thing.strange schema=1 first=2": 1, "type=thing.noted schema=2 first=4": 1, "is damaged": 1, "Maria": 0} {
		if got := strings.Count(text, line); got != times {
			t.Errorf("it says %q %d times, want %d:\n%s", line, got, times, text)
		}
	}
}
