package audit

import (
	"context"
	"iter"
	"math"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	wire "kith/api/events"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// filter selects events. Zero values select everything.
type filter struct {
	from, to                          uint64 // positions, inclusive
	since, until                      time.Time
	context, aggregate, id, kind, who string
	community                         string // that events belong to; see service.home
	causedBy                          uint64 // position of the event that caused them
}

// filterOf reads the query, whose form the document has judged.
func filterOf(c echo.Context) (filter, error) {
	f := filter{
		from: 1, to: math.MaxInt64,
		context: c.QueryParam("context"), aggregate: c.QueryParam("aggregate"), id: c.QueryParam("id"),
		kind: c.QueryParam("type"), who: c.QueryParam("actor"), community: c.QueryParam("community"),
	}
	for name, into := range map[string]*uint64{"from": &f.from, "to": &f.to, "caused_by": &f.causedBy} {
		if v := c.QueryParam(name); v != "" {
			n, err := strconv.ParseUint(v, 10, 63)
			if err != nil || n == 0 {
				return filter{}, fault.InvalidField(name, "must be a position, from 1")
			}
			*into = n
		}
	}
	for name, into := range map[string]*time.Time{"since": &f.since, "until": &f.until} {
		if v := c.QueryParam(name); v != "" {
			t, err := time.Parse(time.RFC3339Nano, v)
			if err != nil {
				return filter{}, fault.InvalidField(name, "must be a time like 2026-01-31T09:00:00Z")
			}
			*into = t
		}
	}
	f.from = max(f.from, f.causedBy) // nothing is caused by what comes later
	if f.to < f.from {
		return filter{}, fault.InvalidField("to", "must not be before from")
	}
	return f, nil
}

// conditions are what selects besides positions, by the names of the query.
func (f filter) conditions() map[string]string {
	m := map[string]string{}
	for name, v := range map[string]string{
		"context": f.context, "aggregate": f.aggregate, "id": f.id, "type": f.kind, "actor": f.who,
		"since": instant(f.since), "until": instant(f.until), "community": f.community, "caused_by": position(f.causedBy),
	} {
		if v != "" {
			m[name] = v
		}
	}
	return m
}

// String is the filter as a query, as it is recorded: positions, times, codes
// and ids, whose form the document has judged, and nothing else that was sent.
func (f filter) String() string {
	q := url.Values{}
	for name, v := range f.conditions() {
		q.Set(name, v)
	}
	if f.from > max(1, f.causedBy) {
		q.Set("from", strconv.FormatUint(f.from, 10))
	}
	if f.to > 0 && f.to < math.MaxInt64 {
		q.Set("to", strconv.FormatUint(f.to, 10))
	}
	return q.Encode()
}

func position(seq uint64) string {
	if seq == 0 {
		return ""
	}
	return strconv.FormatUint(seq, 10)
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func (s *service) match(f filter, r es.Recorded) bool {
	fits := func(want, have string) bool { return want == "" || want == have }
	return r.Seq >= f.from && r.Seq <= f.to &&
		fits(f.context, r.Stream.Context) && fits(f.aggregate, r.Stream.Aggregate) && fits(f.id, r.Stream.ID) &&
		fits(f.kind, r.Type) && fits(f.who, r.Meta.Actor) && (f.causedBy == 0 || f.causedBy == r.Meta.CauseSeq) &&
		(f.since.IsZero() || !r.Time.Before(f.since)) && (f.until.IsZero() || r.Time.Before(f.until)) &&
		(f.community == "" || s.belongs(r, f.community))
}

// streams are those that events have to be in to be selected, as es.Stream.Pattern
// has it; some is false if that can be any.
func (s *service) streams(f filter) (of es.Stream, some bool) {
	of = es.Stream{Context: f.context, Aggregate: f.aggregate, ID: f.id}
	if e, known := s.written[f.kind]; known && f.fits(e) {
		of.Context, of.Aggregate = e.Context, e.Aggregate
	}
	if of.Aggregate == "" {
		of.ID = ""
	}
	_, err := of.Pattern()
	return of, err == nil
}

// fits says whether an event may be selected by where it is stored.
func (f filter) fits(e wire.Entry) bool {
	return (f.context == "" || f.context == e.Context) && (f.aggregate == "" || f.aggregate == e.Aggregate)
}

// writtenWhere says where each event is stored, by its type.
func writtenWhere() map[string]wire.Entry {
	all := map[string]wire.Entry{}
	for _, e := range wire.All() {
		all[e.Event.EventType()] = e
	}
	return all
}

// source is where the events that may match a filter are read.
type source struct {
	// between yields them after position after, up to position to.
	between func(ctx context.Context, after, to uint64) iter.Seq2[es.Recorded, error]
	gapless bool // it has every event
	// least and most are how many positions are read at a time where the list goes
	// backwards: the fewer events it has of them, the more.
	least, most uint64
}

const (
	everyEvent  = 4096
	someStreams = 65536
	allAtOnce   = math.MaxUint64 / 2
)

// source of what f selects: what an event caused, or some streams, where that follows
// from f, which costs as much as there are of them, else the log.
func (s *service) source(f filter) source {
	if f.causedBy > 0 {
		caused := func(ctx context.Context, after, to uint64) iter.Seq2[es.Recorded, error] {
			return s.caused(ctx, f.causedBy, after, to)
		}
		return source{caused, false, allAtOnce, allAtOnce}
	}
	of, some := s.streams(f)
	if !some {
		return source{s.log.Range, true, 0, everyEvent}
	}
	part := func(ctx context.Context, after, to uint64) iter.Seq2[es.Recorded, error] {
		return s.log.RangeOf(ctx, of, after, to)
	}
	if of.ID != "" {
		return source{part, false, allAtOnce, allAtOnce}
	}
	return source{part, false, 0, someStreams}
}
