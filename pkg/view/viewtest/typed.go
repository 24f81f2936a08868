package viewtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"kith/pkg/es"
	"kith/pkg/view"
)

// ordered is a new view with some of the indexes only, for many documents or
// many changes.
func ordered(t *testing.T, b view.Backend, indexes ...string) *view.View[thing] {
	t.Helper()
	s := spec("things" + rand.Text())
	s.Indexes = slices.DeleteFunc(s.Indexes, func(ix view.Index) bool { return !slices.Contains(indexes, ix.Name) })
	v, err := view.Open(t.Context(), b, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// counted are n documents k00000… with Count 0 to n-1, in one batch each 1,000.
func counted(t *testing.T, b view.Backend, n int) *view.View[thing] {
	t.Helper()
	v := ordered(t, b, "count")
	var batch []es.Recorded
	for i := range n {
		batch = append(batch, at(i+1, put(fmt.Sprintf("k%05d", i), thing{Count: i, Done: i%10 == 9})))
		if len(batch) == 1000 || i == n-1 {
			apply(t, v, batch...)
			batch = nil
		}
	}
	return v
}

// walk reads all pages of q, and returns the counts and the number of pages. All
// reads the same.
func walk(t *testing.T, v *view.View[thing], q view.Query, keep func(*thing) bool) (counts []int, pages int) {
	t.Helper()
	var all []int
	for d, err := range v.All(t.Context(), q, keep) {
		if err != nil {
			t.Fatalf("all of %+v: %v", q, err)
		}
		all = append(all, d.Count)
	}
	defer func() {
		if !slices.Equal(all, counts) {
			t.Errorf("all are %v, page by page %v", all, counts)
		}
	}()
	for {
		p, err := v.Find(t.Context(), q, keep)
		if err != nil {
			t.Fatalf("find %+v: %v", q, err)
		}
		if p.Items == nil || len(p.Items) > q.Limit {
			t.Fatalf("find %+v: items %v", q, p.Items)
		}
		pages++
		for _, d := range p.Items {
			counts = append(counts, d.Count)
		}
		if p.Next == "" {
			return counts, pages
		}
		q.After = p.Next
	}
}

func filtered(t *testing.T, b view.Backend) {
	v := counted(t, b, 1200)
	var all, done []int
	for i := range 1200 {
		all = append(all, i)
		if i%10 == 9 {
			done = append(done, i)
		}
	}
	keep := func(d *thing) bool { return d.Done }
	for _, c := range []struct {
		limit, pages int
		keep         func(*thing) bool
		want         []int
	}{
		{1200 / 4, 4, nil, all}, // exact: no empty page at the end
		{1199, 0, nil, nil},
		{1000, 2, nil, all}, {700, 2, nil, all}, {7, 172, nil, all},
		{1, 120, keep, done}, {40, 3, keep, done}, {119, 2, keep, done}, {120, 1, keep, done}, {1000, 1, keep, done},
		{10, 1, func(*thing) bool { return false }, nil},
	} {
		if c.limit > view.MaxLimit {
			_, err := v.Find(t.Context(), view.Query{Index: "count", Limit: c.limit}, c.keep)
			refused(t, fmt.Sprint("limit ", c.limit), err, view.ErrQuery)
			continue
		}
		got, pages := walk(t, v, view.Query{Index: "count", Limit: c.limit}, c.keep)
		same(t, fmt.Sprint("items with limit ", c.limit), got, c.want)
		same(t, fmt.Sprint("pages with limit ", c.limit), pages, c.pages)
	}
	_, err := v.Find(t.Context(), view.Query{Index: "count"}, nil)
	refused(t, "limit 0", err, view.ErrQuery)
	_, err = v.Find(t.Context(), view.Query{Index: "count", Limit: 1, After: "?"}, nil)
	refused(t, "a bad cursor", err, view.ErrCursor)
}

func scanLimit(t *testing.T, b view.Backend) {
	const n = 12_000
	v := counted(t, b, n)
	looked, rare := 0, func(d *thing) bool { return d.Count == 10 || d.Count == n-1 }
	p, err := v.Find(t.Context(), view.Query{Index: "count", Limit: 5}, func(d *thing) bool { looked++; return rare(d) })
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Items) != 1 || p.Next == "" || looked < 5000 || looked > 5000+view.MaxLimit {
		t.Fatalf("%d items, next %q after looking at %d documents", len(p.Items), p.Next, looked)
	}
	got, pages := walk(t, v, view.Query{Index: "count", Limit: 5}, rare)
	same(t, "items", got, []int{10, n - 1})
	same(t, "pages", pages, 3)
}

func hashes(t *testing.T, b view.Backend) {
	x := thing{Name: "x", Tags: []string{"t"}}
	one := opened(t, b, log(put("a", x), put("b", thing{Name: "y"}))...)
	other := opened(t, b, log(noise{}, put("b", thing{Name: "y"}), put("c", x), del("c"), put("a", x))...)
	same(t, "hash of the same content on another way", hash(t, other), hash(t, one))
	same(t, "hash of nothing after deletion", hash(t, opened(t, b, log(put("a", x), del("a"))...)), hash(t, opened(t, b)))
	for what, events := range map[string][]es.Event{
		"another field":      {put("a", x), put("b", thing{Name: "z"})},
		"another key":        {put("a", x), put("c", thing{Name: "y"})},
		"swapped":            {put("b", x), put("a", thing{Name: "y"})},
		"one less":           {put("a", x)},
		"one more":           {put("a", x), put("b", thing{Name: "y"}), put("", thing{})},
		"a different list":   {put("a", thing{Name: "x", Tags: []string{"t", "t"}}), put("b", thing{Name: "y"})},
		"changed more often": {put("a", x), put("a", x), put("b", thing{Name: "y"})},
	} {
		if hash(t, opened(t, b, log(events...)...)) == hash(t, one) {
			t.Fatalf("%s: the hash is the same", what)
		}
	}
}

type stranger struct{ view.Rebuilder }

func twins(t *testing.T, b view.Backend) {
	events := log(put("a", thing{Name: "x"}), put("b", thing{}), del("b"), put("c", thing{Tags: []string{"t"}}))
	v := opened(t, b, events...)
	want := hash(t, v)
	twin, err := v.Fresh(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "position of the twin", twin.Position(), uint64(0))
	same(t, "hash of the twin", hash(t, twin), hash(t, opened(t, b)))
	same(t, "name of the twin", twin.Name(), v.Name())
	apply(t, twin, events[:2]...)
	same(t, "hash of the live view meanwhile", hash(t, v), want)
	apply(t, twin, events[2:]...)
	same(t, "hash of the twin", hash(t, twin), want)

	wrong := at(5, put("wrong", thing{}))
	apply(t, v, wrong) // the live view goes wrong, its twin does not
	if err := v.Swap(context.Background(), stranger{twin}); err == nil {
		t.Fatal("a stranger was taken for a twin")
	}
	if err := v.Swap(context.Background(), twin); err != nil {
		t.Fatal(err)
	}
	same(t, "hash after the swap", hash(t, v), want)
	same(t, "position after the swap", v.Position(), uint64(4))
	apply(t, v, at(5, put("d", thing{})))
	if _, ok, err := v.Get(t.Context(), "d"); err != nil || !ok {
		t.Fatalf("the view does not go on: ok %v, error %v", ok, err)
	}
	got, _ := walk(t, v, view.Query{Index: "name", Limit: 2}, nil)
	same(t, "documents", len(got), 3)
}

// concurrentReaders folds documents whose fields always say the same, and
// reads them in every way meanwhile, once all are there: a document is seen
// whole, but those of one batch may come one after another.
func concurrentReaders(t *testing.T, b view.Backend) {
	v := ordered(t, b, "-count", "tag")
	const keys, rounds = 10, 150
	torn := errors.New("fields of different versions")
	whole := func(d thing) error {
		if int64(d.Count) != d.Balance || fmt.Sprint(d.Count) != d.Name || len(d.Tags) != 2 || d.Tags[1] != d.Name {
			return fmt.Errorf("%w: %+v", torn, d)
		}
		return nil
	}
	round := func(i int) {
		var batch []es.Recorded
		for k := range keys {
			n := i*keys + k
			batch = append(batch, at(n+1, put(fmt.Sprint("k", k), thing{Count: n, Balance: int64(n), Name: fmt.Sprint(n), Tags: []string{"all", fmt.Sprint(n)}})))
		}
		apply(t, v, batch...)
	}
	round(0)
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	reader := func(read func() error) {
		readers.Go(func() {
			for ctx.Err() == nil {
				if err := read(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	reader(func() error {
		d, ok, err := v.Get(context.Background(), "k3")
		if err != nil || !ok {
			return err
		}
		return whole(d)
	})
	find := func(q view.Query) func() error {
		return func() error {
			p, err := v.Find(context.Background(), q, nil)
			for _, d := range p.Items {
				err = errors.Join(err, whole(d))
			}
			if err == nil && len(p.Items) != keys {
				err = errors.Join(err, fmt.Errorf("%d documents of %d", len(p.Items), keys))
			}
			return err
		}
	}
	reader(find(view.Query{Index: "-count", Limit: 100}))
	reader(find(view.Query{Index: "tag", Equal: []any{"all"}, Limit: 100}))
	reader(func() error { _, err := v.Hash(context.Background()); v.Position(); return err })
	for i := range rounds {
		round(i + 1)
	}
	cancel()
	readers.Wait()
}
