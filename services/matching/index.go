package matching

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"kith/api/sealed"
	"kith/pkg/text"
	"kith/pkg/vault"
	"kith/services/matching/engine"
)

// opener opens texts; vault.Vault.
type opener interface {
	Reveal(ctx context.Context, t sealed.Text) (text string, ok bool, err error)
}

// index folds the log into an engine. It opens texts while folding, keeps the
// terms of them only, and drops what belongs to an erased person.
type index struct {
	*folded[known]
	open     opener
	log      *slog.Logger
	analyser *text.Analyser
	ranked   sync.Pool // of *[]engine.Candidate, in which rankings are made
}

// known is what an index holds: the engine, and what its answers are shown with.
type known struct {
	engine   *engine.Engine
	titles   map[string]title // by request
	profiles map[string]profile
}

// title is what is shown of a similar request, sealed as the log has it.
type title struct {
	Text    sealed.Text
	Kind    string
	State   string
	Created time.Time
}

// profile are the topics of a person, sealed, and who may read them.
type profile struct {
	Lines      sealed.Text
	Visibility string
}

// newIndex makes an index that folds nothing before it is filled.
func newIndex(open opener, log *slog.Logger) *index {
	x := &index{open: open, log: log, analyser: text.NewAnalyser(), ranked: sync.Pool{New: func() any { return new([]engine.Candidate) }}}
	x.folded = newFolded(foldedSpec[known]{
		name: "matching-index", log: log, empty: newKnown, changes: x.changes, hash: (*known).hash,
	})
	return x
}

func newKnown() *known {
	return &known{engine: engine.New(), titles: map[string]title{}, profiles: map[string]profile{}}
}

// change is what an event does to what is known; nil: nothing.
type change = func(*known)

// changes opens and analyses the texts of facts side by side, for that is nearly
// all of the work.
func (x *index) changes(ctx context.Context, into *known, facts []fact) ([]change, error) {
	all := make([]change, len(facts))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	const share = 64 // events for one worker at a time
	for start := 0; start < len(facts); start += share {
		g.Go(func() (err error) {
			for i := start; i < min(start+share, len(facts)); i++ {
				if all[i], err = x.change(ctx, into, facts[i]); err != nil {
					return fmt.Errorf("index %s at %d: %w", facts[i].typ, facts[i].seq, err)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return all, nil
}

// text opens a text. One that was damaged is passed over: it must not keep
// everything after it from being found.
func (x *index) text(ctx context.Context, t sealed.Text) (string, error) {
	s, _, err := x.open.Reveal(ctx, t)
	if errors.Is(err, vault.ErrTampered) {
		x.log.Error("a text cannot be opened and is not indexed", "error", err)
		return "", nil
	}
	return s, err
}
