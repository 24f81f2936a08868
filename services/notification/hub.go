package notification

import (
	"strings"
	"sync"

	"kith/api/events/membership"
	"kith/pkg/access"
	"kith/pkg/es"
)

// backlog is how many items may wait for a client that is slow to take them.
const backlog = 128

// hub hands new items to the streams of the people who are connected. It looks
// at nothing but memory, because the process's follower waits for it.
type hub struct {
	access   *access.Access
	position func() uint64 // up to which the views hold everything
	w        whereabouts

	mu      sync.Mutex
	streams map[string]map[*stream]struct{} // person → their streams
}

// stream is one connection of a person. Items arrive in the order of the log.
type stream struct {
	person string
	token  string        // id of the API token, "" without
	after  uint64        // items up to here are in the view, later ones come here
	items  chan *item    // shared with other streams: read only
	done   chan struct{} // closed when the stream has to end
}

func newHub(a *access.Access, position func() uint64) *hub {
	return &hub{access: a, position: position, w: known(a), streams: map[string]map[*stream]struct{}{}}
}

// open adds a stream, which is given every item after the position that the
// views have reached now. The caller closes it.
func (h *hub) open(person, token string) *stream {
	s := &stream{person: person, token: token, items: make(chan *item, backlog), done: make(chan struct{})}
	h.mu.Lock()
	defer h.mu.Unlock()
	// Under the lock: batches that are folded from now on find the stream here,
	// and of one that is folded but not yet handed on, after says so.
	s.after = h.position()
	if h.streams[person] == nil {
		h.streams[person] = map[*stream]struct{}{}
	}
	h.streams[person][s] = struct{}{}
	return s
}

// close ends a stream; it may have ended already.
func (h *hub) close(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.end(s)
}

// end is close with h.mu held.
func (h *hub) end(s *stream) {
	of := h.streams[s.person]
	if _, open := of[s]; !open {
		return
	}
	close(s.done)
	delete(of, s)
	if len(of) == 0 {
		delete(h.streams, s.person)
	}
}

// applied is app.Module.Applied.
func (h *hub) applied(batch []es.Recorded) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range batch {
		if len(h.streams) == 0 {
			return
		}
		switch e := r.Data.(type) {
		case membership.PersonDeactivated, membership.PersonErased:
			h.endAll(r.Stream.ID, func(*stream) bool { return true })
		case membership.TokenRevoked:
			h.endAll(e.Person, func(s *stream) bool { return s.token == r.Stream.ID })
		default:
			for _, it := range h.w.items(r) {
				h.spread(&it)
			}
		}
	}
}

func (h *hub) endAll(person string, which func(*stream) bool) {
	for s := range h.streams[person] {
		if which(s) {
			h.end(s)
		}
	}
}

// spread hands an item to the connected people of its audience. Whether they
// see it and want it is judged by the stream, which has the time for it.
func (h *hub) spread(it *item) {
	if person, ok := strings.CutPrefix(it.Audience, groupPerson+":"); ok {
		h.hand(person, it)
		return
	}
	for person := range h.streams {
		if belongs(h.access, person, it.Audience) {
			h.hand(person, it)
		}
	}
}

// hand gives an item to the streams of a person. One whose backlog is full is
// cut: its client connects again and is given the rest from the view.
func (h *hub) hand(person string, it *item) {
	for s := range h.streams[person] {
		if it.Seq <= s.after {
			continue
		}
		select {
		case s.items <- it:
		default:
			h.end(s)
		}
	}
}
