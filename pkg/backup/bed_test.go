package backup_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/api/sealed"
	"kith/pkg/backup"
	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/natsd"
	"kith/pkg/react"
	"kith/pkg/vault"
)

type noted struct {
	N int `json:"n"`
}

func (noted) EventType() string { return "thing.noted" }

type gone struct {
	Texts bool `json:"texts"`
}

func (gone) EventType() string { return "person.gone" }

// bed is a deployment with streams and no service.
type bed struct {
	t      testing.TB
	js     jetstream.JetStream
	store  *esjs.Store
	master *vault.Master
	n      int
}

func newBed(t testing.TB, window time.Duration) *bed {
	t.Helper()
	server, err := natsd.Start(natsd.Config{Dir: t.TempDir(), Sync: time.Minute, DontListen: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Shutdown)
	nc, err := server.Conn()
	if err != nil {
		t.Fatal(err)
	}
	return bedOn(t, nc, window, 1)
}

func bedOn(t testing.TB, nc *nats.Conn, window time.Duration, replicas int) *bed {
	t.Helper()
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(esjs.Provision(t.Context(), js, esjs.ProvisionConfig{Duplicates: window, Replicas: replicas}),
		vault.ProvisionKeys(t.Context(), js, replicas), react.ProvisionDead(t.Context(), js, replicas)); err != nil {
		t.Fatal(err)
	}
	master, err := vault.NewMaster(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return &bed{t: t, js: js, master: master, store: esjs.Open(js, es.NewCodec(es.Type[noted](), es.Type[gone]()), time.Now)}
}

func (b *bed) vault() *vault.Vault {
	return vault.New(b.master, vault.NewStreamKeys(b.js), rand.Reader)
}

func (b *bed) append(s es.Stream, e es.Event) uint64 {
	b.t.Helper()
	last, err := b.store.LastOf(b.t.Context(), s)
	if err != nil {
		b.t.Fatal(err)
	}
	b.n++
	seq, err := b.store.Append(b.t.Context(), s, last, es.Meta{Command: fmt.Sprint("c", b.n), Actor: "a"}, e)
	if err != nil {
		b.t.Fatal(err)
	}
	return seq
}

// things appends n events to three aggregates in turn.
func (b *bed) things(n int) (last uint64) {
	b.t.Helper()
	for i := range n {
		last = b.append(es.Stream{Context: "test", Aggregate: "thing", ID: fmt.Sprint(i % 3)}, noted{i})
	}
	return last
}

func (b *bed) person(id string) {
	b.t.Helper()
	if err := b.vault().Create(b.t.Context(), id); err != nil {
		b.t.Fatal(err)
	}
}

// erase orders an erasure and destroys the keys.
func (b *bed) erase(id string, texts bool) {
	b.t.Helper()
	seq := b.append(es.Stream{Context: "test", Aggregate: "person", ID: id}, gone{texts})
	erasure := fmt.Sprint("erasure-", seq)
	v := b.vault()
	err := v.Shred(b.t.Context(), id, sealed.Identity, erasure)
	if texts {
		err = errors.Join(err, v.Shred(b.t.Context(), id, sealed.Content, erasure))
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// key is the wrapped key as it is stored.
func (b *bed) key(id string, class sealed.Class) []byte {
	b.t.Helper()
	s, err := b.js.Stream(b.t.Context(), vault.Stream)
	if err != nil {
		b.t.Fatal(err)
	}
	m, err := s.GetLastMsgForSubject(b.t.Context(), "key."+id+"."+string(class))
	if err != nil {
		b.t.Fatal(err)
	}
	return m.Data
}

// standing is what a stream holds, in words, without the times.
func (b *bed) standing(stream string) (all []string) {
	b.t.Helper()
	s, err := b.js.Stream(b.t.Context(), stream)
	if err != nil {
		b.t.Fatal(err)
	}
	for seq := uint64(1); seq <= s.CachedInfo().State.LastSeq; seq++ {
		m, err := s.GetMsg(b.t.Context(), seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			b.t.Fatal(err)
		}
		m.Header.Del("Nats-Time-Stamp")
		var headers []string
		for k, v := range m.Header {
			if k != "Nats-Last-Sequence" && k != "Nats-Sequence" && k != "Nats-Num-Pending" {
				headers = append(headers, fmt.Sprint(k, v))
			}
		}
		slices.Sort(headers)
		all = append(all, fmt.Sprint(m.Sequence, m.Subject, headers, string(m.Data)))
	}
	return all
}

func (b *bed) source() backup.Source {
	return backup.Source{JS: b.js, Now: time.Now, Version: "test", Erased: func(r backup.Record) (backup.Erasure, bool) {
		person, ok := strings.CutPrefix(r.Subject, "evt.test.person.")
		return backup.Erasure{Person: person, Texts: strings.Contains(string(r.Data), "true"), Erasure: fmt.Sprint("erasure-", r.Seq), Seq: r.Seq}, ok
	}}
}

func (b *bed) backup(dir string) backup.Manifest {
	b.t.Helper()
	m, err := backup.Run(b.t.Context(), dir, b.source())
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func verify(t testing.TB, dir string) error {
	t.Helper()
	_, err := backup.Verify(t.Context(), dir, nil, nil)
	return err
}

func read(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(data)
	}
	return all
}

func holds(files map[string]string, what []byte) string {
	for name, data := range files {
		if strings.Contains(data, string(what)) {
			return name
		}
	}
	return ""
}
