package direct_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/direct"
	"kith/pkg/natsd"
)

// world is a stream with messages 1 to 6 on two subjects, of which the third
// is deleted.
func world(t *testing.T) (jetstream.JetStream, jetstream.Stream) {
	t.Helper()
	s, err := natsd.Start(natsd.Config{Dir: t.TempDir(), DontListen: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	nc, err := s.Conn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s.*"}, AllowDirect: true})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 6; n++ {
		m := &nats.Msg{Subject: "s." + []string{"even", "odd"}[n%2], Header: nats.Header{"n": {fmt.Sprint(n)}, "Nats-Subject": {"forged"}}, Data: fmt.Append(nil, n)}
		if _, err := js.PublishMsg(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.DeleteMsg(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	return js, stream
}

func TestBatch(t *testing.T) {
	js, _ := world(t)
	r := direct.New(js, "S", 20*time.Second)
	for name, c := range map[string]struct {
		of   direct.Range
		want []uint64
		last uint64
		more bool
	}{
		"all":              {direct.Range{Messages: 10}, []uint64{1, 2, 4, 5, 6}, 6, false},
		"some":             {direct.Range{Messages: 2}, []uint64{1, 2}, 2, true},
		"behind a gap":     {direct.Range{After: 2, Messages: 2}, []uint64{4, 5}, 5, true},
		"of a subject":     {direct.Range{Messages: 10, Subject: "s.odd"}, []uint64{1, 5}, 5, false},
		"beyond the end":   {direct.Range{After: 6, Messages: 2}, nil, 6, false},
		"of no subject":    {direct.Range{Messages: 2, Subject: "s.none"}, nil, 0, false},
		"behind its last":  {direct.Range{After: 5, Messages: 2, Subject: "s.odd"}, nil, 5, false},
		"just up to it":    {direct.Range{After: 4, Messages: 2}, []uint64{5, 6}, 6, false},
		"one of a subject": {direct.Range{After: 1, Messages: 1, Subject: "s.odd"}, []uint64{5}, 5, false},
	} {
		t.Run(name, func(t *testing.T) {
			var got []uint64
			last, more, err := r.Batch(t.Context(), c.of, func(m direct.Message) error {
				got = append(got, m.Seq)
				if n := fmt.Sprint(m.Seq); string(m.Data) != n || !slices.Equal(m.Header["n"], []string{n}) || !strings.HasPrefix(m.Subject, "s.") {
					t.Errorf("%d is %+v", m.Seq, m)
				}
				// What was stored under a name that the server uses too is there again.
				if len(m.Header) != 2 || !slices.Equal(m.Header["Nats-Subject"], []string{"forged"}) {
					t.Errorf("headers of %d: %v", m.Seq, m.Header)
				}
				if at, err := m.Time(); err != nil || time.Since(at) > time.Minute {
					t.Errorf("time of %d: %v, %v", m.Seq, at, err)
				}
				return nil
			})
			if err != nil || last != c.last || more != c.more || !slices.Equal(got, c.want) {
				t.Errorf("%v, last %d, more %t, %v; want %v, %d, %t", got, last, more, err, c.want, c.last, c.more)
			}
		})
	}
	enough := errors.New("enough")
	if _, _, err := r.Batch(t.Context(), direct.Range{Messages: 5}, func(direct.Message) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("stopped by the caller: %v", err)
	}
}

func TestOne(t *testing.T) {
	js, _ := world(t)
	r := direct.New(js, "S", 20*time.Second)
	if m, ok, err := r.At(t.Context(), 4); !ok || err != nil || m.Seq != 4 || m.Subject != "s.even" {
		t.Errorf("At 4: %+v, %t, %v", m, ok, err)
	}
	if m, ok, err := r.Last(t.Context(), "s.odd"); !ok || err != nil || m.Seq != 5 || string(m.Data) != "5" {
		t.Errorf("Last: %+v, %t, %v", m, ok, err)
	}
	for name, ask := range map[string]func() (direct.Message, bool, error){
		"a gap":      func() (direct.Message, bool, error) { return r.At(t.Context(), 3) },
		"beyond":     func() (direct.Message, bool, error) { return r.At(t.Context(), 7) },
		"no subject": func() (direct.Message, bool, error) { return r.Last(t.Context(), "s.none") },
	} {
		if m, ok, err := ask(); ok || err != nil {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

func TestNobodyAnswers(t *testing.T) {
	js, _ := world(t)
	r := direct.New(js, "OTHER", 20*time.Second)
	if _, _, err := r.At(t.Context(), 1); !errors.Is(err, nats.ErrNoResponders) {
		t.Errorf("At: %v", err)
	}
	if _, _, err := r.Batch(t.Context(), direct.Range{Messages: 2}, nil); !errors.Is(err, nats.ErrNoResponders) {
		t.Errorf("Batch: %v", err)
	}
}
