package audit

import (
	"testing"

	events "kith/api/events/audit"
	"kith/pkg/es"
	"kith/pkg/es/estest"
)

func TestAnnouncing(t *testing.T) {
	fold := func(a *announced, r es.Recorded) { a.fold(r) }
	tell := func(size uint64) func(announced) (es.Event, error) {
		return func(a announced) (es.Event, error) { return a.announce(events.CheckpointSigned{Size: size}), nil }
	}
	t.Run("the first checkpoint is told of", func(t *testing.T) {
		estest.Given(t, fold).When(tell(3)).Then(events.CheckpointSigned{Size: 3})
	})
	t.Run("a larger one is told of", func(t *testing.T) {
		estest.Given(t, fold, events.CheckpointSigned{Size: 3}).When(tell(4)).Then(events.CheckpointSigned{Size: 4})
	})
	t.Run("the same or an older one is not told of again", func(t *testing.T) {
		for _, size := range []uint64{3, 2} {
			estest.Given(t, fold, events.CheckpointSigned{Size: 3}).When(tell(size)).Nothing()
		}
	})
	t.Run("only what the audit itself does, and auditors read, is no reason to sign", func(t *testing.T) {
		if worthSigning(checkpoints()) || worthSigning(reads("p")) || !worthSigning(es.Stream{Context: "community", Aggregate: "request", ID: "1"}) {
			t.Error("the wrong events are worth signing")
		}
	})
}
