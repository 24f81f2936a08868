package e2e

import (
	"archive/zip"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kith/pkg/fault"
	"kith/services/kith/cli"
)

func TestMyData(t *testing.T) {
	w := start(t, t.TempDir())
	who := organisation(t, w)
	cora, dario := who["cora"], who["dario"]
	var question, answer created
	cora.post("/api/community/requests", map[string]any{"kind": "information", "title": "Where do I find the floor plan?",
		"purpose": "To move.", "language": "en"}, &question)
	after(dario, cora)
	dario.post("/api/community/requests/"+question.ID+"/responses", map[string]string{"body": "In the cellar."}, &answer)
	cora.refused(http.MethodGet, "/api/audit/me/data", nil, fault.Conflict)

	out := filepath.Join(t.TempDir(), "cora.zip")
	if code := cli.Main([]string{"mydata", "--server", w.url, "--out", out}); code == 0 {
		t.Error("kith mydata did not ask whose data it is to take")
	}
	for range 2 { // the second time the consent still holds
		if code := cli.Main([]string{"mydata", "--server", w.url, "--as", cora.login, "--out", out}); code != 0 {
			t.Fatalf("kith mydata ended with %d", code)
		}
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others can read it", info, err)
	}
	z, err := zip.OpenReader(out)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	read := func(name string) []byte {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		data, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var data struct {
		Person string
		Parts  map[string][]struct {
			Type, By string
			Data     map[string]any
		}
	}
	if err := json.Unmarshal(read("my-data.json"), &data); err != nil {
		t.Fatal(err)
	}
	if data.Person != cora.id || len(data.Parts["consents"]) != 1 || data.Parts["consents"][0].By != cora.id {
		t.Errorf("the archive of %s with the consents %+v", data.Person, data.Parts["consents"])
	}
	said := map[string]bool{}
	for _, e := range data.Parts["requests"] {
		for _, name := range []string{"title", "body"} {
			if text, ok := e.Data[name].(string); ok {
				said[text] = true
			}
		}
	}
	if !said["Where do I find the floor plan?"] || !said["In the cellar."] {
		t.Errorf("of the request it says %v", said)
	}
	if page := string(read("my-data.html")); !strings.Contains(page, "In the cellar.") || strings.Contains(page, "<script") {
		t.Errorf("the page is %s", page)
	}
}
