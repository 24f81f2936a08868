package e2e

import (
	"bytes"
	"compress/gzip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kith/services/kith/cli"
	"kith/services/kith/history"
)

// past is what two forums write: one with tags, scores and an order, the other
// with times and thanks. One line is broken, one has no asker.
const past = `{"id":"gardens:1","site":"gardens","seq":1,"title":"how deep do roses go","body":"clay soil","tags":["roses"],"asker":"gardens:7","answers":[{"user":"gardens:8","id":11,"score":4,"accepted":true,"text":"two spades deep"},{"user":"gardens:9","id":12,"score":1,"accepted":false}]}
{"list":"Stadtgrün","subject":"Wer pflegt die Platanen?","ts":1325376000,"asker":"ulla","answers":[{"user":"jo","ts":1325379600,"thanked":true,"text":"Das macht der Bauhof."}]}
{"site":"gardens","title":
{"site":"gardens","title":"nobody asks this","answers":[]}
{"id":"gardens:2","site":"gardens","seq":2,"title":"what grows in shade","asker":"gardens:8","answers":[]}
`

func TestThePastOfAForum(t *testing.T) {
	w := start(t, t.TempDir())
	who := organisation(t, w)
	admin := who["admin"]
	path := filepath.Join(t.TempDir(), "past.jsonl.gz")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(past)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	bring := func() (history.Total, []string) {
		var bad []string
		im := &history.Importer{Client: admin.Client, Bad: func(err error) { bad = append(bad, err.Error()) },
			Email: func(user string) string { return strings.ReplaceAll(user, ":", ".") + "@forum.example" }}
		if err := cli.ImportHistory(t.Context(), im, path, func(uint64, uint64) {}); err != nil {
			t.Fatal(err)
		}
		return im.Total(), bad
	}
	total, bad := bring()
	if total.Questions != 3 || total.Answers != 3 || total.Bad != 2 || total.Events == 0 {
		t.Errorf("the import says %+v, want 3 questions with 3 answers and 2 bad lines", total)
	}
	if len(bad) != 2 || !strings.HasPrefix(bad[0], "line 3:") || !strings.HasPrefix(bad[1], "line 4: asker") {
		t.Errorf("bad lines are reported as %q", bad)
	}
	if again, _ := bring(); again.Events != 0 {
		t.Errorf("the same file again has added %d events", again.Events)
	}
	admin.get("/api/membership/me", nil) // waits for what was imported

	t.Run("nobody is made a member, nobody is told", func(t *testing.T) {
		who.in(t)
		for _, login := range []string{"gardens.7@forum.example", "gardens.8@forum.example", "jo@forum.example"} {
			p := w.as(login)
			p.t = t
			var memberships, inbox struct{ Items []struct{} }
			p.get("/api/membership/me/memberships", &memberships)
			p.get("/api/notification/inbox", &inbox)
			if len(memberships.Items) > 0 || len(inbox.Items) > 0 {
				t.Errorf("%s has %d memberships and %d notifications, want none", login, len(memberships.Items), len(inbox.Items))
			}
		}
	})
	t.Run("what happened then keeps its time", func(t *testing.T) {
		who.in(t)
		var page struct {
			Items []struct {
				Occurred time.Time
				Imported bool
			}
		}
		who["auditor"].Seen(admin.Position())
		who["auditor"].get("/api/audit/log?limit=200&type="+url.QueryEscape("request.responded"), &page)
		found := false
		for _, e := range page.Items {
			if !e.Imported {
				t.Errorf("an imported event does not say so: %+v", e)
			}
			found = found || e.Occurred.Equal(time.Unix(1325379600, 0))
		}
		if !found {
			t.Errorf("no response is of 2012 in %+v", page.Items)
		}
	})
	t.Run("it can be found", func(t *testing.T) {
		who.in(t)
		var similar struct {
			Items []struct{ Title string }
		}
		who["dario"].Seen(admin.Position())
		who["dario"].get("/api/matching/similar?text="+url.QueryEscape("Platanen pflegen"), &similar)
		if len(similar.Items) == 0 || similar.Items[0].Title != "Wer pflegt die Platanen?" {
			t.Errorf("similar requests are %+v, want the one of then", similar.Items)
		}
	})
}
