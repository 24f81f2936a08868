package vault_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/vault"
)

var _ es.Sealer = (*vault.Vault)(nil)

// noted is an event with personal texts at every depth.
type noted struct {
	Title sealed.Text `json:"title"`
	Open  string      `json:"open"`
	Inner part        `json:"inner"`
	Parts []part      `json:"parts"`
}

type part struct {
	Body sealed.Text   `json:"body"`
	Tags []sealed.Text `json:"tags"`
}

func (noted) EventType() string { return "note.noted" }

func master(t testing.TB) *vault.Master {
	t.Helper()
	m, err := vault.NewMaster([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func memoryVault(t testing.TB, people ...string) *vault.Vault {
	t.Helper()
	v := vault.New(master(t), vault.NewMemoryKeys(), rand.Reader)
	create(t, v, people...)
	return v
}

func create(t testing.TB, v *vault.Vault, people ...string) {
	t.Helper()
	for _, p := range people {
		if err := v.Create(context.Background(), p); err != nil {
			t.Fatal(err)
		}
	}
}

func seal(t testing.TB, v *vault.Vault, event string, e noted) noted {
	t.Helper()
	s, err := v.Seal(context.Background(), event, e)
	if err != nil {
		t.Fatal(err)
	}
	return s.(noted)
}

func titled(person, text string) noted {
	return noted{Title: sealed.New(person, sealed.Content, text)}
}

func TestSealingKeepsEveryTextThroughJSON(t *testing.T) {
	v := memoryVault(t, "p0", "p1", "p2")
	rapid.Check(t, func(t *rapid.T) {
		text := func(label string) (string, sealed.Text) {
			s := rapid.String().Draw(t, label)
			class := rapid.SampledFrom([]sealed.Class{sealed.Identity, sealed.Content}).Draw(t, "class")
			return s, sealed.New(fmt.Sprintf("p%d", rapid.IntRange(0, 2).Draw(t, "person")), class, s)
		}
		var e noted
		var want []string
		add := func(into *sealed.Text, label string) {
			s, x := text(label)
			want, *into = append(want, s), x
		}
		add(&e.Title, "title")
		add(&e.Inner.Body, "inner")
		for range rapid.IntRange(0, 3).Draw(t, "parts") {
			var p part
			add(&p.Body, "body")
			p.Tags = make([]sealed.Text, rapid.IntRange(0, 2).Draw(t, "tags"))
			for i := range p.Tags {
				add(&p.Tags[i], "tag")
			}
			e.Parts = append(e.Parts, p)
		}
		s, err := v.Seal(context.Background(), "e1", e)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back noted
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		texts := []sealed.Text{back.Title, back.Inner.Body}
		for _, p := range back.Parts {
			texts = append(append(texts, p.Body), p.Tags...)
		}
		for i, x := range texts {
			got, err := v.Open(context.Background(), x)
			if err != nil || got != want[i] {
				t.Fatalf("text %d: got %q, %v; want %q", i, got, err, want[i])
			}
		}
		if _, _, _, plain := e.Title.Plain(); !plain && want[0] != "" {
			t.Fatal("sealing changed the event it was given")
		}
	})
}

func TestSealedTextsStayWhereTheyWereSealed(t *testing.T) {
	v := memoryVault(t, "p1", "p2")
	box, err := seal(t, v, "e1", titled("p1", "secret")).Title.Box()
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*sealed.Box){
		"another event":  func(b *sealed.Box) { b.Event = "e2" },
		"another field":  func(b *sealed.Box) { b.Field = "inner.body" },
		"another person": func(b *sealed.Box) { b.Person = "p2" },
		"another class":  func(b *sealed.Box) { b.Class = sealed.Identity },
		"a flipped bit":  func(b *sealed.Box) { b.Bytes[len(b.Bytes)-1] ^= 1 },
		"a cut text":     func(b *sealed.Box) { b.Bytes = b.Bytes[:5] },
		"no text":        func(b *sealed.Box) { b.Bytes = nil },
		"a bad person":   func(b *sealed.Box) { b.Person = "p.*" },
		"a bad class":    func(b *sealed.Box) { b.Class = "master" },
	} {
		t.Run(name, func(t *testing.T) {
			b := box
			b.Bytes = append([]byte(nil), box.Bytes...)
			change(&b)
			if got, err := v.Open(t.Context(), sealed.Seal(b)); !errors.Is(err, vault.ErrTampered) {
				t.Fatalf("got %q, %v; want ErrTampered", got, err)
			}
		})
	}
	t.Run("an event cannot take over a text of another event", func(t *testing.T) {
		foreign := noted{Title: seal(t, v, "e1", titled("p1", "secret")).Title}
		if _, err := v.Seal(t.Context(), "e2", foreign); !errors.Is(err, vault.ErrTampered) {
			t.Fatalf("got %v, want ErrTampered", err)
		}
		if _, err := v.Seal(t.Context(), "e1", foreign); err != nil {
			t.Fatalf("sealing an event twice: %v", err)
		}
	})
}

func TestPlainTextsAreNeitherStoredNorOpened(t *testing.T) {
	v := memoryVault(t, "p1")
	if _, err := json.Marshal(titled("p1", "secret")); !errors.Is(err, sealed.ErrUnsealed) {
		t.Fatalf("marshalling a plain text: %v", err)
	}
	if err := json.Unmarshal([]byte(`{"title":"secret"}`), &noted{}); err == nil {
		t.Fatal("a plain text was read as a sealed one")
	}
	if _, err := v.Open(t.Context(), sealed.New("p1", sealed.Content, "secret")); !errors.Is(err, sealed.ErrUnsealed) {
		t.Fatalf("opening a plain text: %v", err)
	}
}

func TestAbsentTexts(t *testing.T) {
	v := memoryVault(t)
	if got, err := v.Open(t.Context(), sealed.Text{}); got != "" || err != nil {
		t.Fatalf("got %q, %v", got, err)
	}
	if got, ok, err := v.Reveal(t.Context(), sealed.Text{}); got != "" || ok || err != nil {
		t.Fatalf("got %q, %v, %v", got, ok, err)
	}
}

func TestMissingKeysAreErrorsWorthARetry(t *testing.T) {
	v := memoryVault(t)
	e, err := v.Seal(t.Context(), "e1", titled("p1", "secret"))
	if !errors.Is(err, vault.ErrNoKey) || fault.CodeOf(err) != fault.Unavailable {
		t.Fatalf("got %v, want ErrNoKey as unavailable", err)
	}
	if e.EventType() != "note.noted" {
		t.Fatal("the event was lost with the error")
	}
	_, _, err = v.Reveal(t.Context(), seal(t, memoryVault(t, "p1"), "e1", titled("p1", "secret")).Title)
	if !errors.Is(err, vault.ErrNoKey) {
		t.Fatalf("a missing key was shown as %v", err)
	}
}

func TestVaultsThatRaceToCreateShareTheKey(t *testing.T) {
	js, _ := startServer(t)
	vaults := make([]*vault.Vault, 4)
	var wg sync.WaitGroup
	for i := range vaults {
		vaults[i] = vault.New(master(t), vault.NewStreamKeys(js), rand.Reader)
		wg.Go(func() {
			for p := range 10 {
				if err := vaults[i].Create(t.Context(), fmt.Sprintf("p%d", p)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for p := range 10 {
		s := seal(t, vaults[p%4], "e1", titled(fmt.Sprintf("p%d", p), "secret"))
		for i, v := range vaults {
			if got, err := v.Open(t.Context(), s.Title); err != nil || got != "secret" {
				t.Fatalf("vault %d: got %q, %v", i, got, err)
			}
		}
	}
}

func TestRandomnessThatEndsIsAnError(t *testing.T) {
	v := vault.New(master(t), vault.NewMemoryKeys(), strings.NewReader("short"))
	if err := v.Create(t.Context(), "p1"); err == nil {
		t.Fatal("made a key of nothing")
	}
}

func FuzzOpen(f *testing.F) {
	v := memoryVault(f, "p1")
	b, err := json.Marshal(seal(f, v, "e1", titled("p1", "secret")).Title)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(b[1 : len(b)-1]))
	for _, s := range []string{"", "v1:", "v1:p1:content:e1:title:", "v1:p1:content:e1:title:AAAA", "v1:::::", "v1:p.>:identity:::x"} {
		f.Add(s)
	}
	genuine := string(b[1 : len(b)-1])
	f.Fuzz(func(t *testing.T, wire string) {
		q, err := json.Marshal(wire)
		if err != nil {
			t.Skip()
		}
		var x sealed.Text
		if json.Unmarshal(q, &x) != nil {
			return
		}
		got, err := v.Open(context.Background(), x)
		if err == nil && got != "" && got != "secret" {
			t.Fatalf("%q opened as %q, the genuine one is %q", wire, got, genuine)
		}
	})
}
