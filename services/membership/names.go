package membership

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"github.com/tidwall/btree"
	"golang.org/x/text/unicode/norm"

	events "kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/vault"
	"kith/pkg/view"
)

// names is an index of people by name. It lives in memory only: it opens names
// while it folds, and forgets those of an erased person with the erasure. It
// is safe for concurrent use and implements view.Rebuilder.
type names struct {
	open     func(context.Context, sealed.Text) (string, error)
	position atomic.Uint64

	mu     sync.RWMutex
	people map[string]*namedPerson
	sorted btree.Map[string, *namedPerson] // folded name, 0x00, id
}

// namedPerson is immutable but for being replaced.
type namedPerson struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Unit   string   `json:"unit"`
	Site   string   `json:"site"`
	Active bool     `json:"active"`
	words  []string // of the name, folded
	key    string   // in sorted
}

func newNames(open func(context.Context, sealed.Text) (string, error)) *names {
	return &names{open: open, people: map[string]*namedPerson{}}
}

// Name is "membership-names".
func (n *names) Name() string { return "membership-names" }

// Position is the last event folded.
func (n *names) Position() uint64 { return n.position.Load() }

// Apply folds a batch. What could not be opened because a key is missing is an
// error; the batch is then applied again from there.
func (n *names) Apply(ctx context.Context, batch []es.Recorded) error {
	for _, r := range batch {
		if r.Seq <= n.position.Load() {
			continue
		}
		if r.Stream.Context == events.Context && r.Stream.Aggregate == events.Person {
			if err := n.fold(ctx, r); err != nil {
				return fmt.Errorf("index the name in event %d: %w", r.Seq, err)
			}
		}
		n.position.Store(r.Seq)
	}
	return nil
}

func (n *names) fold(ctx context.Context, r es.Recorded) error {
	id := r.Stream.ID
	switch e := r.Data.(type) {
	case events.PersonRegistered:
		return n.rename(ctx, namedPerson{ID: id, Unit: e.Unit, Site: e.Site, Active: true}, e.Name)
	case events.PersonChanged:
		if p, ok := n.get(id); ok {
			return n.rename(ctx, p, e.Name)
		}
	case events.PersonMoved:
		n.change(id, func(p *namedPerson) { p.Unit, p.Site = e.Unit, e.Site })
	case events.PersonDeactivated:
		n.change(id, func(p *namedPerson) { p.Active = false })
	case events.PersonReactivated:
		n.change(id, func(p *namedPerson) { p.Active = true })
	case events.PersonErased:
		n.drop(id)
	}
	return nil
}

// rename puts p under its name. Whose key is gone is dropped: the erasure
// follows in the log.
func (n *names) rename(ctx context.Context, p namedPerson, name sealed.Text) error {
	text, err := n.open(ctx, name)
	if errors.Is(err, vault.ErrErased) {
		n.drop(p.ID)
		return nil
	}
	if err != nil {
		return err
	}
	folded := foldName(text)
	p.Name, p.words, p.key = text, nameWords(folded), folded+"\x00"+p.ID
	n.put(&p)
	return nil
}

func (n *names) change(id string, f func(*namedPerson)) {
	if p, ok := n.get(id); ok {
		f(&p)
		n.put(&p)
	}
}

func (n *names) put(p *namedPerson) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if old := n.people[p.ID]; old != nil {
		n.sorted.Delete(old.key)
	}
	n.people[p.ID] = p
	n.sorted.Set(p.key, p)
}

func (n *names) drop(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if old := n.people[id]; old != nil {
		n.sorted.Delete(old.key)
		delete(n.people, id)
	}
}

// get returns what is known of a person who was not erased.
func (n *names) get(id string) (namedPerson, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	p, ok := n.people[id]
	if !ok {
		return namedPerson{}, false
	}
	return *p, true
}

// search returns up to limit people in the order of their names, after the
// person with the id after ("" for the first), whose names have a word that
// begins with each word of query and for whom keep holds. more says that there
// are others. found is false if nobody has the id after any more.
func (n *names) search(query, after string, limit int, keep func(*namedPerson) bool) (page []namedPerson, more, found bool) {
	wanted := nameWords(foldName(query))
	n.mu.RLock()
	defer n.mu.RUnlock()
	from := ""
	if after != "" {
		p := n.people[after]
		if p == nil {
			return nil, false, false
		}
		from = p.key
	}
	n.sorted.Ascend(from, func(key string, p *namedPerson) bool {
		if after != "" && key == from || !p.matches(wanted) || !keep(p) {
			return true
		}
		if len(page) == limit {
			more = true
			return false
		}
		page = append(page, *p)
		return true
	})
	return page, more, true
}

// named returns what says of a person's id whether their name is one that query
// looks for; everybody's is if it has no words.
func (n *names) named(query string) func(id string) bool {
	wanted := nameWords(foldName(query))
	return func(id string) bool {
		if len(wanted) == 0 {
			return true
		}
		p, ok := n.get(id)
		return ok && p.matches(wanted)
	}
}

func (p *namedPerson) matches(wanted []string) bool {
	for _, w := range wanted {
		ok := false
		for _, have := range p.words {
			if strings.HasPrefix(have, w) {
				ok = true
				break
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

// Hash is the SHA-256 of all entries in the order of names.
func (n *names) Hash(context.Context) (string, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	h := sha256.New()
	enc := json.NewEncoder(h)
	var err error
	n.sorted.Scan(func(_ string, p *namedPerson) bool {
		err = enc.Encode(p)
		return err == nil
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// Fresh returns an empty twin.
func (n *names) Fresh(context.Context) (view.Rebuilder, error) { return newNames(n.open), nil }

// Swap takes over what the twin knows.
func (n *names) Swap(_ context.Context, twin view.Rebuilder) error {
	t, ok := twin.(*names)
	if !ok {
		return fmt.Errorf("membership: the index of names cannot take over a %T", twin)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.people, n.sorted = t.people, t.sorted
	n.position.Store(t.Position())
	return nil
}

// foldName makes names comparable: lower case, without accents, ß as ss.
func foldName(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'ß':
			b.WriteString("ss")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func nameWords(folded string) []string {
	return strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}
