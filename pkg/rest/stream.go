package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kith/pkg/fault"
)

// Event is one server-sent event.
type Event struct {
	ID   uint64 // its position in the log, by which a client resumes; 0: none
	Name string // kind of event, one line; "": "message"
	Data any    // sent as JSON
}

// LastEventID is the position after which a client wants to resume, 0 if it
// starts. Returns Invalid if the header holds anything else.
func LastEventID(c echo.Context) (uint64, error) {
	v := c.Request().Header.Get(headerLastEvent)
	if v == "" {
		return 0, nil
	}
	n, ok := parsePosition(v)
	if !ok {
		return 0, fault.InvalidField("Last-Event-ID", "must be the id of an event of this stream")
	}
	return n, nil
}

// Stream sends events as they come and a comment when there are none, until
// events is closed, the request's context ends, the token expires, the server
// drains or the client takes longer than Config.StreamWrite for an event. It
// returns nil unless an event could not be sent.
//
// The sender MUST stop on the end of the request's context and of this call,
// not only when events is full: nobody receives any more then.
func Stream(c echo.Context, events <-chan Event) error {
	k := callOf(c)
	if k == nil {
		return errors.New("rest: Stream outside of an operation")
	}
	h := c.Response().Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // for proxies that would hold events back
	w := streamWriter{c: c, rc: http.NewResponseController(c.Response()), limit: k.srv.cfg.StreamWrite}
	c.Response().WriteHeader(http.StatusOK)
	if err := w.send([]byte("retry: 1000\n\n")); err != nil {
		return err
	}
	beat := time.NewTicker(k.srv.cfg.Heartbeat)
	defer beat.Stop()
	var expired <-chan time.Time
	if e := k.principal.Expires; !e.IsZero() {
		t := time.NewTimer(e.Sub(k.srv.cfg.Now()))
		defer t.Stop()
		expired = t.C
	}
	for {
		var err error
		select {
		case <-c.Request().Context().Done():
			return nil
		case <-k.srv.draining:
			return nil
		case <-expired:
			return nil
		case <-beat.C:
			err = w.send([]byte(":\n\n"))
		case e, open := <-events:
			if !open {
				return nil
			}
			err = w.event(e)
		}
		if err != nil {
			return err
		}
	}
}

type streamWriter struct {
	c     echo.Context
	rc    *http.ResponseController
	limit time.Duration
	buf   bytes.Buffer
}

func (w *streamWriter) event(e Event) error {
	if strings.ContainsAny(e.Name, "\r\n") {
		return fmt.Errorf("rest: the name of an event has more than one line")
	}
	data, err := json.Marshal(e.Data)
	if err != nil {
		return fmt.Errorf("rest: encode event %d: %w", e.ID, err)
	}
	w.buf.Reset()
	if e.ID != 0 {
		w.buf.WriteString("id: " + strconv.FormatUint(e.ID, 10) + "\n")
	}
	if e.Name != "" {
		w.buf.WriteString("event: " + e.Name + "\n")
	}
	w.buf.WriteString("data: ")
	w.buf.Write(data)
	w.buf.WriteString("\n\n")
	return w.send(w.buf.Bytes())
}

// send writes and flushes within the limit; without a limit one client that
// stops reading would hold its sender for ever.
func (w *streamWriter) send(data []byte) error {
	if err := w.rc.SetWriteDeadline(time.Now().Add(w.limit)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	if _, err := w.c.Response().Write(data); err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	if err := w.rc.Flush(); err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	return nil
}
