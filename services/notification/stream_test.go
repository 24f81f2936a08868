package notification

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"kith/api/events/community"
	"kith/api/events/membership"
	api "kith/api/openapi/notificationapi"
	"kith/pkg/access"
	"kith/pkg/es"
)

// live is an open stream as its client sees it.
type live struct {
	t      *testing.T
	status int
	events chan sent // closed when the stream has ended
	cancel context.CancelFunc
}

type sent struct {
	id   uint64
	name string
	data string
}

const patience = 20 * time.Second

func connect(t *testing.T, url, token string, last uint64) *live {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+base+"/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if last > 0 {
		req.Header.Set("Last-Event-ID", strconv.FormatUint(last, 10))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	l := &live{t: t, status: resp.StatusCode, events: make(chan sent, 10000), cancel: cancel}
	go func() {
		defer close(l.events)
		defer resp.Body.Close()
		var e sent
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "id":
				e.id, _ = strconv.ParseUint(value, 10, 64)
			case "event":
				e.name = value
			case "data":
				e.data = value
			case "":
				if e.name != "" {
					l.events <- e
				}
				e = sent{}
			}
		}
	}()
	t.Cleanup(cancel)
	return l
}

func (l *live) next() sent {
	l.t.Helper()
	select {
	case e, ok := <-l.events:
		if !ok {
			l.t.Fatal("the stream has ended")
		}
		return e
	case <-time.After(patience):
		l.t.Fatal("nothing came")
	}
	return sent{}
}

// item expects an item of this kind.
func (l *live) item(kind string) sent {
	l.t.Helper()
	e := l.next()
	var it api.Item
	if err := json.Unmarshal([]byte(e.data), &it); err != nil || e.name != "item" || string(it.Kind) != kind || it.Seq != e.id {
		l.t.Fatalf("got %+v, want an item %s", e, kind)
	}
	return e
}

func (l *live) ready() uint64 {
	l.t.Helper()
	e := l.next()
	if e.name != "ready" || e.id == 0 {
		l.t.Fatalf("the stream begins with %+v", e)
	}
	return e.id
}

// ends expects the stream to end with nothing more in it.
func (l *live) ends() {
	l.t.Helper()
	select {
	case e, open := <-l.events:
		if open {
			l.t.Errorf("got %+v, want the end", e)
		}
	case <-time.After(patience):
		l.t.Error("the stream goes on")
	}
}

func (w *world) connect(person string, last uint64) *live {
	w.t.Helper()
	l := connect(w.t, w.URL, person, last)
	if l.status != http.StatusOK {
		w.t.Fatalf("the stream of %s answered %d", person, l.status)
	}
	return l
}

func TestStream(t *testing.T) {
	setUp := func(t *testing.T, visibility string) *world {
		w := start(t, Config{})
		w.people("ann", "ben", "cem")
		w.founds("ann", "c", visibility)
		w.joins("ben", "c", "member")
		return w
	}
	t.Run("items come as they happen, each to whom they are for", func(t *testing.T) {
		w := setUp(t, community.Open)
		ann, ben, cem := w.connect("ann", 0), w.connect("ben", 0), w.connect("cem", 0)
		ann.ready()
		ben.ready()
		cem.ready()
		w.raises("ann", "q", "c", true)
		w.proposes("q", "c", "ann", "cem")
		w.responds("cem", "q", "r")
		ben.item(requestRaised)
		cem.item(askedToHelp)
		ann.item(responded)
		w.raises("ben", "q2", "c", true)
		ann.item(requestRaised)
		w.on("ann", "community", "charter", "c", community.CharterRevised{Version: 2})
		ben.item(charterRevised) // not the request, which is ben's own
	})
	t.Run("an item names its position, and the view holds it by then", func(t *testing.T) {
		w := setUp(t, community.Open)
		ben := w.connect("ben", 0)
		ben.ready()
		seq := w.raises("ann", "q", "c", true)
		if e := ben.item(requestRaised); e.id != seq {
			t.Errorf("id %d, want %d", e.id, seq)
		}
		if items := w.page("ben", "").Items; len(items) != 1 || items[0].Seq != seq {
			t.Errorf("items = %+v", items)
		}
	})
	t.Run("who resumes gets what they have missed once and in order, then what is new", func(t *testing.T) {
		w := setUp(t, community.Open)
		ben := w.connect("ben", 0)
		last := ben.ready()
		ben.cancel()
		var want []uint64
		for i := range 50 {
			want = append(want, w.raises("ann", fmt.Sprintf("q%d", i), "c", true))
		}
		again := w.connect("ben", last)
		if at := again.ready(); at != last {
			t.Errorf("goes on from %d, want %d", at, last)
		}
		want = append(want, w.raises("ann", "live", "c", true))
		for _, seq := range want {
			if e := again.item(requestRaised); e.id != seq {
				t.Fatalf("got %d, want %d", e.id, seq)
			}
		}
		half := w.connect("ben", want[25])
		half.ready()
		if e := half.item(requestRaised); e.id != want[26] {
			t.Errorf("got %d, want %d", e.id, want[26])
		}
	})
	t.Run("resuming while things happen leaves no gap and doubles nothing", func(t *testing.T) {
		w := setUp(t, community.Open)
		const rounds = 200
		seqs := make(chan uint64, rounds)
		go func() {
			defer close(seqs)
			for i := range rounds {
				s := es.Stream{Context: "community", Aggregate: "community", ID: "c"}
				after, _ := w.App.Core.Events.LastOf(w.t.Context(), s)
				seq, err := w.App.Core.Events.Append(w.t.Context(), s, after, es.Meta{Command: fmt.Sprint("busy", i), Actor: "ann"}, community.SuccessionOpened{Last: "x", Asked: []string{"ben"}})
				if err != nil {
					return
				}
				seqs <- seq
			}
		}()
		got, last := []uint64(nil), w.App.Core.Follower.Position()-1
		for len(got) < rounds {
			l := w.connect("ben", last)
			for range 1 + min(20, rounds-len(got)) {
				e, open := <-l.events
				if !open {
					break // cut for being slow, perhaps before it was ready: go on from here
				}
				if e.name == "ready" {
					continue
				}
				last = e.id
				got = append(got, last)
			}
			l.cancel()
		}
		i := 0
		for seq := range seqs {
			if got[i] != seq {
				t.Fatalf("item %d is %d, want %d", i, got[i], seq)
			}
			i++
		}
	})
	t.Run("who has missed too much is told to read the inbox again", func(t *testing.T) {
		w := setUp(t, community.Open)
		ben := w.connect("ben", 0)
		last := ben.ready()
		ben.cancel()
		s := es.Stream{Context: "community", Aggregate: "community", ID: "c"}
		after, err := w.App.Core.Events.LastOf(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for i := range resumeLimit + 1 {
			if after, err = w.App.Core.Events.Append(t.Context(), s, after, es.Meta{Command: fmt.Sprint("many", i), Actor: "ann"}, community.SuccessionOpened{Last: "x", Asked: []string{"ben"}}); err != nil {
				t.Fatal(err)
			}
		}
		w.Settle()
		again := w.connect("ben", last)
		again.ready()
		if e := again.next(); e.name != "reload" || e.id != after {
			t.Fatalf("got %+v, want reload at %d", e, after)
		}
		w.raises("ann", "q", "c", true)
		again.item(requestRaised)
	})
	t.Run("what preferences switch off does not come", func(t *testing.T) {
		w := setUp(t, community.Open)
		ben := w.connect("ben", 0)
		ben.ready()
		w.prefers("ben", map[string]any{"kind": "request_raised", "inbox": false, "mail": true})
		w.raises("ann", "q", "c", true)
		w.proposes("q", "c", "ann", "ben")
		ben.item(askedToHelp)
	})
	t.Run("who is removed from a closed community gets nothing more of it, not by resuming either", func(t *testing.T) {
		w := setUp(t, community.Closed)
		ben := w.connect("ben", 0)
		last := ben.ready()
		w.raises("ann", "q", "c", false)
		ben.item(requestRaised)
		w.removes("ann", "ben", "c")
		ben.item(removed)
		w.raises("ann", "q2", "c", false)
		w.on("ann", "membership", "membership", es.ID("c", "ben"), membership.MembershipInvited{Tie: membership.Tie{Community: "c", Person: "ben"}})
		ben.item(invited)
		again := w.connect("ben", last)
		again.ready()
		again.item(removed)
		again.item(invited)
	})
	t.Run("a bad or future position is refused", func(t *testing.T) {
		w := setUp(t, community.Open)
		if l := connect(t, w.URL, "ben", 1<<40); l.status != http.StatusServiceUnavailable {
			t.Errorf("a position beyond the log answered %d", l.status)
		}
	})
	for name, e := range map[string]es.Event{"deactivation": membership.PersonDeactivated{}, "erasure": membership.PersonErased{}} {
		t.Run("every stream of a person ends with "+name+", and no other", func(t *testing.T) {
			w := setUp(t, community.Open)
			one, two, other := w.connect("ben", 0), w.connect("ben", 0), w.connect("ann", 0)
			one.ready()
			two.ready()
			other.ready()
			w.on("admin", "membership", "person", "ben", e)
			one.ends()
			two.ends()
			w.joins("cem", "c", "member")
			other.item(memberJoined)
			if l := connect(t, w.URL, "ben", 0); l.status != http.StatusForbidden {
				t.Errorf("connecting again answered %d", l.status)
			}
		})
	}
}

func TestHub(t *testing.T) {
	t.Run("a client that does not keep up is cut, and its memory is bounded", func(t *testing.T) {
		h := newHub(access.New(), func() uint64 { return 0 })
		slow, quick := h.open("ben", ""), h.open("ben", "")
		for i := range backlog + 1 {
			h.applied([]es.Recorded{at(uint64(i+1), "membership", "membership", "m", "ann", membership.MembershipInvited{Tie: membership.Tie{Community: "c", Person: "ben"}})})
			<-quick.items
		}
		select {
		case <-slow.done:
		default:
			t.Error("it was not cut")
		}
		select {
		case <-quick.done:
			t.Error("the other was cut, too")
		default:
		}
		if len(slow.items) != backlog {
			t.Errorf("%d items wait", len(slow.items))
		}
	})
	t.Run("what the view held when the stream was opened does not come again", func(t *testing.T) {
		h := newHub(access.New(), func() uint64 { return 5 })
		s := h.open("ben", "")
		for seq := range uint64(8) {
			h.applied([]es.Recorded{at(seq, "membership", "membership", "m", "ann", membership.MembershipInvited{Tie: membership.Tie{Community: "c", Person: "ben"}})})
		}
		if len(s.items) != 2 || (<-s.items).Seq != 6 {
			t.Errorf("%d items wait, want those at 6 and 7", len(s.items)+1)
		}
	})
	t.Run("closed streams leave nothing behind", func(t *testing.T) {
		h := newHub(access.New(), func() uint64 { return 0 })
		one, two := h.open("ben", ""), h.open("ben", "")
		h.close(one)
		h.close(one)
		h.close(two)
		if len(h.streams) != 0 {
			t.Errorf("%d people are left", len(h.streams))
		}
	})
}

// An item for the members of a community while 5,000 people are connected.
func BenchmarkHub(b *testing.B) {
	a := access.New()
	var log []es.Recorded
	add := func(aggregate, id string, e es.Event) {
		log = append(log, at(uint64(len(log)+1), "membership", aggregate, id, "x", e))
	}
	h := newHub(a, func() uint64 { return 0 })
	var streams []*stream
	for i := range 5000 {
		person := fmt.Sprint("p", i)
		add("person", person, membership.PersonRegistered{})
		if i%2 == 0 {
			add("membership", es.ID("c", person), membership.MembershipJoined{Tie: membership.Tie{Community: "c", Person: person}, Role: "member"})
		}
		streams = append(streams, h.open(person, ""))
	}
	if err := a.Apply(b.Context(), log); err != nil {
		b.Fatal(err)
	}
	batch := []es.Recorded{at(1<<20, "community", "charter", "c", "x", community.CharterRevised{})}
	for b.Loop() {
		h.applied(batch)
		b.StopTimer()
		for _, s := range streams {
			for len(s.items) > 0 {
				<-s.items
			}
		}
		b.StartTimer()
	}
}
