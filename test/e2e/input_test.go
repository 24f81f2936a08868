package e2e

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"kith/pkg/fault"
	"kith/services/kith/cli"
	"kith/services/kith/client"
)

func TestARetriedCommandIsOneCommand(t *testing.T) {
	w := start(t, t.TempDir())
	who := organisation(t, w)
	cora := who["cora"]
	ask := func(title string) (string, error) {
		var out created
		_, err := cora.Do(t.Context(), client.Request{Method: "POST", Path: "/api/community/requests", Key: "the-same",
			Body: map[string]any{"kind": "information", "title": title, "purpose": "To know.", "language": "en"}}, &out)
		return out.ID, err
	}
	first, err := ask("Where is the key?")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if again, err := ask("Where is the key?"); err != nil || again != first {
			t.Errorf("the retry made %q (%v), want %q", again, err, first)
		}
	}
	if _, err := ask("Where is the door?"); client.CodeOf(err) != fault.Reused {
		t.Errorf("the same key with another body ended in %v, want %s", err, fault.Reused)
	}
	// Another person's key is another key.
	dario := who["dario"]
	var other created
	_, err = dario.Do(t.Context(), client.Request{Method: "POST", Path: "/api/community/requests", Key: "the-same",
		Body: map[string]any{"kind": "information", "title": "Where is the key?", "purpose": "To know.", "language": "en"}}, &other)
	if err != nil || other.ID == first {
		t.Errorf("another person's command ended in %q (%v), want a request of its own", other.ID, err)
	}
}

func TestEditingAnOlderVersionIsRefused(t *testing.T) {
	w := start(t, t.TempDir())
	who := organisation(t, w)
	aenne := who["aenne"]
	id := community(aenne, "Good contracts", "open", "open")
	path := "/api/community/communities/" + id + "/charter"
	put := func(etag string) error {
		r := client.Request{Method: http.MethodPut, Path: path, Body: map[string]any{"purpose": "To learn."}}
		if etag != "" {
			r.Header = http.Header{"If-Match": {etag}}
		}
		_, err := aenne.Do(t.Context(), r, nil)
		return err
	}
	for _, tc := range []struct {
		name, etag string
		code       fault.Code
	}{
		{"without If-Match", "", fault.PreconditionReq},
		{"with what is no ETag", "seven", fault.Invalid},
		{"with the version that is there", `"0"`, ""},
		{"with an older version", `"0"`, fault.Stale},
		{"with the new version", `"1"`, ""},
	} {
		if err := put(tc.etag); client.CodeOf(err) != tc.code || (err == nil) != (tc.code == "") {
			t.Errorf("%s: %v, want code %q", tc.name, err, tc.code)
		}
	}
}

func TestTokensOfOthersAreRefused(t *testing.T) {
	w := start(t, t.TempDir())
	who := organisation(t, w)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	forge := func(change func(map[string]any)) string {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{}).WithType("at+jwt"))
		if err != nil {
			t.Fatal(err)
		}
		claims := map[string]any{"iss": w.url + "/dev", "aud": "kith", "sub": who["admin"].login, "email": who["admin"].login,
			"exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix()}
		change(claims)
		token, err := jwt.Signed(signer).Claims(claims).Serialize()
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	genuine := who["admin"].Token
	parts := strings.Split(genuine, ".")
	for name, token := range map[string]string{
		"signed with a key that is not the issuer's": forge(func(map[string]any) {}),
		"expired":               forge(func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() }),
		"for another":           forge(func(c map[string]any) { c["aud"] = "payroll" }),
		"of another issuer":     forge(func(c map[string]any) { c["iss"] = "https://login.example" }),
		"without a signature":   parts[0] + "." + parts[1] + ".",
		"with another's claims": parts[0] + "." + strings.Split(forge(func(map[string]any) {}), ".")[1] + "." + parts[2],
		"of no kind":            "abc",
		"an unknown API token":  "kith_abc_def",
		"absent":                "",
	} {
		c := &client.Client{Base: w.url, Token: token, HTTP: w.http}
		if err := c.Get(t.Context(), "/api/membership/me", nil); client.CodeOf(err) != fault.Unauthenticated {
			t.Errorf("a token %s: %v, want %s", name, err, fault.Unauthenticated)
		} else if strings.Contains(err.Error(), token) && token != "" {
			t.Errorf("a token %s: the error repeats it: %v", name, err)
		}
	}
}

func TestFilesAreCheckedWholeBeforeAnythingIsWritten(t *testing.T) {
	w := start(t, t.TempDir())
	who := organisation(t, w)
	admin := who["admin"]
	position := func() uint64 {
		var state struct{ End uint64 }
		admin.get("/api/system/state", &state)
		return state.End
	}
	before := position()
	const head = "external_id,name,email,unit_id,site,language,active\n"
	for _, tc := range []struct{ name, what, csv, says string }{
		{"one id twice", "people", head + "7,A,a@x.example,soz,,de,true\n7,B,b@x.example,soz,,de,true\n", "line 3"},
		{"one address twice", "people", head + "7,A,a@x.example,soz,,de,true\n8,B,A@x.example,soz,,de,true\n", "line 3"},
		{"another's address", "people", head + "7,A,cora@stadt.example,soz,,de,true\n", "email"},
		{"a unit that does not exist", "people", head + "7,A,a@x.example,moon,,de,true\n", "unit_id"},
		{"Latin-1", "people", head + "7,J\xf6rg,a@x.example,soz,,de,true\n", "UTF-8"},
		{"a column too few", "people", head + "7,A,a@x.example,soz,,de\n", "line 2"},
		{"an unknown column", "people", "external_id,name,grade\n7,A,13\n", "grade"},
		{"units in a circle", "units", "id,parent_id,name,kind\na,b,A,team\nb,a,B,team\n", "parent_id"},
	} {
		_, err := cli.ImportCSV(t.Context(), admin.Client, tc.what, []byte(tc.csv), nil, func(uint64, uint64) {})
		if client.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v, want %s with %q", tc.name, err, fault.Invalid, tc.says)
		}
	}
	if after := position(); after != before {
		t.Errorf("files that were refused have left %d events", after-before)
	}
}

func TestDeactivationEndsEverythingAtOnce(t *testing.T) {
	w := start(t, t.TempDir())
	who := organisation(t, w)
	cora, admin := who["cora"], who["admin"]
	var token struct{ Token string }
	cora.post("/api/membership/me/tokens", map[string]any{"name": "script", "expires": time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)}, &token)
	script := &client.Client{Base: w.url, Token: token.Token, HTTP: w.http}
	script.Seen(cora.Position())
	if err := script.Get(t.Context(), "/api/membership/me", nil); err != nil {
		t.Fatalf("the API token does not work: %v", err)
	}
	another := client.Request{Method: "POST", Path: "/api/membership/me/tokens",
		Body: map[string]any{"name": "another", "expires": time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)}}
	if _, err := script.Do(t.Context(), another, nil); client.CodeOf(err) != fault.Forbidden {
		t.Errorf("an API token made another: %v", err)
	}
	stream, err := cora.Open(t.Context(), client.Request{Method: "GET", Path: "/api/notification/stream"})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	ended := make(chan struct{})
	opened := make(chan struct{})
	go func() {
		defer close(ended)
		in := bufio.NewScanner(stream)
		for first := true; in.Scan(); first = false {
			if first {
				close(opened)
			}
		}
	}()
	<-opened
	admin.post("/api/membership/people/"+cora.id+"/deactivate", nil, nil)
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Error("the live stream goes on after the deactivation")
	}
	for name, c := range map[string]*client.Client{"token of the issuer": cora.Client, "API token": script} {
		c.Seen(admin.Position())
		if err := c.Get(t.Context(), "/api/membership/me", nil); client.CodeOf(err) != fault.Forbidden && client.CodeOf(err) != fault.Unauthenticated {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
}
