package es_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kith/pkg/es"
	"kith/pkg/es/estest"
)

func TestStream(t *testing.T) {
	t.Run("a subject is read back as its stream", rapid.MakeCheck(func(t *rapid.T) {
		part := rapid.StringMatching(`[A-Za-z0-9_-]{1,64}`)
		s := es.Stream{Context: part.Draw(t, "context"), Aggregate: part.Draw(t, "aggregate"), ID: part.Draw(t, "id")}
		if got, err := es.ParseStream(s.Subject()); err != nil || got != s {
			t.Fatalf("%s is read as %+v, %v", s, got, err)
		}
	}))
	t.Run("nothing else is a subject of an aggregate", func(t *testing.T) {
		for _, s := range []string{"", "evt", "evt.a.b", "evt.a.b.c.d", "evt.a.b.*", "evt.a.b.>", "evt..b.c", "a.b.c.d", "evt.a.b.c d", "evt.a.b." + strings.Repeat("x", 65)} {
			if got, err := es.ParseStream(s); err == nil {
				t.Errorf("%q is read as %+v", s, got)
			}
		}
	})
}

func TestID(t *testing.T) {
	t.Run("it can be part of a subject", rapid.MakeCheck(func(t *rapid.T) {
		id := es.ID(rapid.SliceOf(rapid.String()).Draw(t, "parts")...)
		if err := estest.Box(id).Valid(); err != nil || len(id) != 26 {
			t.Fatalf("%q: %v", id, err)
		}
	}))
	t.Run("where one part ends matters", func(t *testing.T) {
		seen := map[string][]string{}
		for _, parts := range [][]string{{}, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"", "ab"}, {"ab", ""}} {
			id := es.ID(parts...)
			if other, ok := seen[id]; ok {
				t.Errorf("%q and %q have one id", parts, other)
			}
			seen[id] = parts
		}
	})
	t.Run("it never changes", func(t *testing.T) {
		// Ids are stored for ever; another result would break every log.
		if got, want := es.EventID(es.Stream{Context: "a", Aggregate: "b", ID: "c"}, "d"), "b8jn1bc9nvvts6xxf93kbhd2d8"; got != want {
			t.Errorf("EventID = %s, want %s", got, want)
		}
	})
}

func TestEnvelope(t *testing.T) {
	codec := estest.Codec()
	text := rapid.StringMatching(`[ -~]{0,40}`)
	id := rapid.StringMatching(`[ -:<-~]{0,40}`) // all but the semicolon, which ends an id
	instant := rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
	})
	t.Run("what goes in comes out", rapid.MakeCheck(func(t *rapid.T) {
		m := es.Meta{
			Command: "c" + id.Draw(t, "command"), Request: text.Draw(t, "request"), Cause: id.Draw(t, "cause"),
			CauseSeq: rapid.Uint64Max(1<<63-1).Draw(t, "cause at"), Correlation: text.Draw(t, "correlation"),
			Actor: id.Draw(t, "actor"), Reason: text.Draw(t, "reason"), Access: rapid.Uint64Max(1<<63-1).Draw(t, "access"),
			Imported: rapid.Bool().Draw(t, "imported"), Traceparent: text.Draw(t, "trace"),
		}
		if rapid.Bool().Draw(t, "history") {
			m.OccurredAt = instant.Draw(t, "occurred")
		}
		e := estest.Put{Thing: rapid.String().Draw(t, "thing"), Count: rapid.Int().Draw(t, "count")}
		at := instant.Draw(t, "now")
		env, err := codec.EncodeEnvelope(estest.Box("a"), m, at, e)
		if err != nil {
			t.Fatal(err)
		}
		if m.Correlation == "" {
			m.Correlation = m.Command
		}
		r := codec.DecodeEnvelope(9, estest.Box("a").Subject(), env.Stored)
		want := es.Recorded{
			Seq: 9, ID: env.ID, Stream: estest.Box("a"), Type: "box.put", Schema: 2,
			Time: at, Meta: m, Data: r.Data, Stored: env.Stored,
		}
		if !reflect.DeepEqual(r, want) {
			t.Fatalf("came out\n%+v, went in\n%+v", r, want)
		}
		if p, ok := r.Data.(estest.Put); !ok || p.Count != e.Count || p.Thing != strings.ToValidUTF8(e.Thing, "\uFFFD") {
			t.Fatalf("data came out as %+v, went in as %+v", r.Data, e)
		}
	}))
	t.Run("an id that would end early is refused", func(t *testing.T) {
		for _, m := range []es.Meta{{Command: "c;1"}, {Command: "c", Cause: "e;1"}, {Command: "c", Actor: "p;1"}} {
			if _, err := codec.EncodeEnvelope(estest.Box("a"), m, time.Now(), estest.Put{}); err == nil {
				t.Errorf("%+v was encoded", m)
			}
		}
	})
	t.Run("nothing that is stored can break a reader", rapid.MakeCheck(func(t *rapid.T) {
		names := rapid.SampledFrom([]string{"ce-id", "ce-type", "ce-schema", "ce-time", "ce-cause", "ce-actor", "ce-occurred", "ce-imported", "other"})
		values := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"box.put", "1", "2", "3", "2026-01-01T00:00:00Z"}))
		st := es.Stored{Header: rapid.MapOf(names, rapid.SliceOfN(values, 0, 2)).Draw(t, "header"), Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data")}
		r := codec.DecodeEnvelope(1, rapid.String().Draw(t, "subject"), st)
		if r.Data == nil {
			t.Fatal("no data, and not unreadable either")
		}
	}))
}

func TestOccurred(t *testing.T) {
	appended, original := time.Unix(2, 0), time.Unix(1, 0)
	if got := (es.Recorded{Time: appended}).Occurred(); !got.Equal(appended) {
		t.Errorf("of today: %s", got)
	}
	if got := (es.Recorded{Time: appended, Meta: es.Meta{OccurredAt: original}}).Occurred(); !got.Equal(original) {
		t.Errorf("of history: %s", got)
	}
}
