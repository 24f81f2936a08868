package e2e

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/fault"
	"kith/pkg/natsd"
	"kith/services/kith/cli"
	"kith/services/kith/client"
)

func TestErasure(t *testing.T) {
	dir := t.TempDir()
	w := start(t, dir)
	who := organisation(t, w)
	cora, dario, admin := who["cora"], who["dario"], who["admin"]
	var question created
	cora.post("/api/community/requests", map[string]any{"kind": "information", "title": "Where do I find the floor plan?",
		"purpose": "To move.", "language": "en"}, &question)
	subject := "key." + cora.id + ".identity"
	keys := func(w *world) jetstream.Stream {
		s, err := w.js.Stream(t.Context(), "KEYS")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before, err := keys(w).GetLastMsgForSubject(t.Context(), subject)
	if err != nil {
		t.Fatal(err)
	}
	cora.post("/api/membership/me/erase", map[string]any{"texts": false}, nil)

	eventually(t, "the key is destroyed", func() bool {
		msg, err := keys(w).GetLastMsgForSubject(t.Context(), subject)
		return err == nil && !bytes.Equal(msg.Data, before.Data)
	})
	if err := cora.Get(t.Context(), "/api/membership/me", nil); client.CodeOf(err) != fault.Unauthenticated && client.CodeOf(err) != fault.Forbidden {
		t.Errorf("the erased person's token: %v, want a refusal", err)
	}
	after(dario, admin)
	var names struct {
		Items []struct {
			ID, Name string
			Former   bool
		}
	}
	eventually(t, "views show a former member", func() bool {
		dario.post("/api/membership/people/lookup", map[string]any{"ids": []string{cora.id}}, &names)
		return len(names.Items) == 1 && names.Items[0].Former && names.Items[0].Name == ""
	})
	// The texts were to stay.
	var shown struct{ Request struct{ Title, State string } }
	eventually(t, "what they had open is withdrawn", func() bool {
		dario.get("/api/community/requests/"+question.ID, &shown)
		return shown.Request.State == "withdrawn"
	})
	if shown.Request.Title != "Where do I find the floor plan?" {
		t.Errorf("the request's title is %q, want it kept", shown.Request.Title)
	}

	t.Run("an administrator erases from the command line, the texts too", func(t *testing.T) {
		who.in(t)
		eda := who["eda"]
		var hers created
		eda.post("/api/community/requests", map[string]any{"kind": "information", "title": "Where is the lost property office?",
			"purpose": "I lost my keys.", "language": "en"}, &hers)
		if code := cli.Main([]string{"erase", "--server", w.url, "--texts", "--yes", eda.id}); code != 0 {
			t.Fatalf("kith erase ended with %d", code)
		}
		if code := cli.Main([]string{"erase", "--server", w.url, "--yes", eda.id}); code == 0 {
			t.Error("kith erase has erased somebody twice")
		}
		eventually(t, "what she wrote is gone", func() bool {
			var shown struct{ Request struct{ Title *string } }
			dario.get("/api/community/requests/"+hers.ID, &shown)
			return shown.Request.Title == nil
		})
	})

	t.Run("a key that comes back is destroyed again before anybody is served", func(t *testing.T) {
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		bringBack(t, dir, subject, before.Data)
		again := start(t, dir)
		s := keys(again)
		info, err := s.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for seq := info.State.FirstSeq; seq <= info.State.LastSeq; seq++ {
			msg, err := s.GetMsg(t.Context(), seq)
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Equal(msg.Data, before.Data) {
				t.Errorf("the key is at %d of KEYS again", seq)
			}
		}
	})
}

// bringBack writes an old key into the store of a Kith that does not run, as
// a backup would.
func bringBack(t *testing.T, dir, subject string, key []byte) {
	t.Helper()
	server, err := natsd.Start(natsd.Config{Dir: filepath.Join(dir, "log"), Name: "kith", DontListen: true})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	conn, err := server.Conn(nats.Name("backup"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), subject, key); err != nil {
		t.Fatal(err)
	}
}
