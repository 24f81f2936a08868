package notification

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/notificationapi"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/rest/principal"
)

// resumeLimit is how many missed items a stream repeats at most.
const resumeLimit = 2000

// reachLimit bounds the wait for the position in Last-Event-ID.
const reachLimit = 2 * time.Second

// Names of the events of a stream.
const (
	eventReady  = "ready"
	eventItem   = "item"
	eventReload = "reload"
)

// position is the data of the events that are no item.
type position struct {
	Seq uint64 `json:"seq"`
}

// StreamInbox sends the caller's items as they come.
func (s *service) StreamInbox(c echo.Context, _ api.StreamInboxParams) error {
	last, err := rest.LastEventID(c)
	if err != nil {
		return err
	}
	if err := s.reach(c.Request().Context(), last); err != nil {
		return err
	}
	who := rest.PrincipalOf(c)
	st := s.hub.open(who.Person, who.TokenID)
	defer s.hub.close(st)
	// Only now: whatever ended the token or the person before would be missed.
	if err := s.still(who); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(c.Request().Context())
	defer cancel()
	p := pump{s: s, st: st, out: make(chan rest.Event)}
	go p.run(ctx, last)
	return rest.Stream(c, p.out)
}

// reach waits for the position that the client has seen elsewhere. Returns
// ViewBehind after two seconds.
func (s *service) reach(ctx context.Context, seq uint64) error {
	ctx, cancel := context.WithTimeout(ctx, reachLimit)
	defer cancel()
	if err := s.core.Follower.Wait(ctx, seq); err != nil {
		return fault.New(fault.ViewBehind, "This service has not reached the position in Last-Event-ID yet. Connect again in a second, or without it.")
	}
	return nil
}

// still returns nil while the token and its person are as they were when the
// request was authenticated.
func (s *service) still(p principal.Principal) error {
	if !s.core.Access.Active(p.Person) {
		return fault.New(fault.Forbidden, "This person has been deactivated.")
	}
	if p.TokenID == "" {
		return nil
	}
	if person, _, _, ok := s.core.Access.Token(p.TokenID); !ok || person != p.Person {
		return fault.New(fault.Unauthenticated, "The API token was revoked.")
	}
	return nil
}

// pump judges the items of one stream and passes them on.
type pump struct {
	s   *service
	st  *stream
	out chan rest.Event
}

var errEnded = errors.New("notification: the stream has ended")

// run sends what the client has missed after last, then what comes.
func (p pump) run(ctx context.Context, last uint64) {
	defer close(p.out)
	err := p.catchUp(ctx, last, p.st.after)
	for sent := max(last, p.st.after); err == nil; {
		select {
		case <-p.st.done:
			return
		case <-ctx.Done():
			return
		case it := <-p.st.items:
			if it.Seq <= sent { // sent to them as part of another audience
				continue
			}
			// By what holds now: the event may be long past when a slow client comes to it.
			var inbox bool
			if inbox, _, err = p.s.wants(ctx, p.st.person, *it); inbox && err == nil {
				sent = it.Seq
				err = p.sendItem(ctx, *it)
			}
		}
	}
	if !errors.Is(err, errEnded) && ctx.Err() == nil {
		p.s.core.Log.Error("a live stream has failed", "error", err)
	}
}

// catchUp tells a new client where it starts, and one that resumes after last
// what it has missed up to from, oldest first.
func (p pump) catchUp(ctx context.Context, last, from uint64) error {
	if last == 0 {
		return p.send(ctx, rest.Event{ID: from, Name: eventReady, Data: position{from}})
	}
	if err := p.send(ctx, rest.Event{ID: last, Name: eventReady, Data: position{last}}); err != nil {
		return err
	}
	var missed []item
	more, err := p.s.walk(ctx, p.st.person, last, from+1, func(it item) bool {
		missed = append(missed, it)
		return len(missed) < resumeLimit
	})
	if err != nil {
		return err
	}
	if more != 0 {
		return p.send(ctx, rest.Event{ID: from, Name: eventReload, Data: position{from}})
	}
	for _, it := range slices.Backward(missed) {
		if err := p.sendItem(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

func (p pump) sendItem(ctx context.Context, it item) error {
	marks, _, err := p.s.marks.Get(ctx, p.st.person)
	if err != nil {
		return err
	}
	return p.send(ctx, rest.Event{ID: it.Seq, Name: eventItem, Data: shown(it, marks)})
}

// send passes an event on unless the stream has ended: an end comes first.
func (p pump) send(ctx context.Context, e rest.Event) error {
	select {
	case <-p.st.done:
		return errEnded
	default:
	}
	select {
	case p.out <- e:
		return nil
	case <-p.st.done:
		return errEnded
	case <-ctx.Done():
		return errEnded
	}
}
