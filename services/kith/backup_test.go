package kith_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kith/pkg/backup"
	"kith/pkg/host"
	kith "kith/services/kith"
	"kith/services/kith/cli"
	"kith/services/kith/demo"
	"kith/services/notification"
)

// letterBox is as much of an SMTP server as it takes to count mail.
type letterBox struct {
	net.Listener
	mu  sync.Mutex
	ids []string // Message-ID of each mail, in order
}

func openLetterBox(t *testing.T) *letterBox {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &letterBox{Listener: l}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go b.receive(conn)
		}
	}()
	return b
}

func (b *letterBox) receive(conn net.Conn) {
	defer conn.Close()
	fmt.Fprint(conn, "220 mail.test\r\n")
	body := false
	for in := bufio.NewScanner(conn); in.Scan(); {
		line := in.Text()
		if body {
			if id, ok := strings.CutPrefix(line, "Message-ID: "); ok {
				b.mu.Lock()
				b.ids = append(b.ids, id)
				b.mu.Unlock()
			}
			if line != "." {
				continue
			}
			body = false
		}
		switch {
		case strings.HasPrefix(line, "DATA"):
			body = true
			fmt.Fprint(conn, "354 go on\r\n")
		case strings.HasPrefix(line, "QUIT"):
			fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

func (b *letterBox) mails() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.ids)
}

// instance is an all-in-one that can be stopped.
type instance struct {
	*kith.Process
	t    *testing.T
	stop func()
}

func startIn(t *testing.T, data string, box *letterBox) instance {
	t.Helper()
	s := kith.Settings{Settings: host.Settings{Addr: "127.0.0.1:0", Data: data, Log: "error"}, Target: []string{"all"}, Dev: true}
	if box != nil {
		s.Notification = notification.Config{Mail: notification.Mail{Host: "127.0.0.1", Port: box.Addr().(*net.TCPAddr).Port,
			From: "kith@example.org", TLS: notification.TLSNone, BaseURL: "http://kith.example.org"}}
	}
	ctx, stop := context.WithCancel(context.Background())
	p, err := kith.Open(ctx, s)
	if err != nil {
		stop()
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	i := instance{p, t, sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the process ended with %v", err)
		}
	})}
	t.Cleanup(i.stop)
	i.eventually("it is ready", func() bool {
		resp, err := http.Get(p.URL() + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return i
}

func (i instance) eventually(what string, ok func() bool) {
	i.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			i.t.Fatalf("never: %s", what)
		}
	}
}

// idle waits until every reactor has handled all there is.
func (i instance) idle() {
	i.t.Helper()
	i.eventually("the reactors are done", func() bool {
		places, err := backup.AllConsumers(i.t.Context(), i.JS)
		if err != nil {
			i.t.Fatal(err)
		}
		for _, p := range places {
			c, err := i.JS.Consumer(i.t.Context(), "EVENTS", p.Name)
			if err != nil {
				i.t.Fatal(err)
			}
			if info := c.CachedInfo(); info.NumPending > 0 || info.NumAckPending > 0 {
				return false
			}
		}
		return len(places) > 0
	})
}

// hashes of all views that can be rebuilt, as they are live; it fails if one is
// not what the log says.
func (i instance) hashes() map[string]string {
	i.t.Helper()
	admin := as(i.t, i.URL(), kith.DevAdministrator)
	state := get[struct {
		Views []struct {
			Name        string
			Rebuildable bool
		}
	}](i.t, admin, "/api/system/state")
	all := map[string]string{}
	for _, v := range state.Views {
		if !v.Rebuildable {
			continue
		}
		out, err := cli.RebuildView(i.t.Context(), admin, v.Name, func(uint64, uint64) {})
		if err != nil {
			i.t.Fatal(err)
		}
		if out.Before != out.After {
			i.t.Errorf("the view %s was not what the log says", v.Name)
		}
		all[v.Name] = out.After
	}
	return all
}

func (i instance) count(filter string) (n int) {
	i.t.Helper()
	auditor := as(i.t, i.URL(), kith.DevAuditor)
	for cursor := "-"; cursor != ""; {
		path := "/api/audit/log?limit=200&" + filter
		if cursor != "-" {
			path += "&cursor=" + cursor
		}
		page := get[struct {
			Items []struct{ Seq uint64 }
			Next  string
		}](i.t, auditor, path)
		n += len(page.Items)
		cursor = page.Next
	}
	return n
}

func backUp(t *testing.T, data, dir string, change ...func(*backup.Source)) backup.Manifest {
	t.Helper()
	var m backup.Manifest
	err := kith.WithData(data, func(s backup.Source) (err error) {
		for _, c := range change {
			c(&s)
		}
		m, err = backup.Run(t.Context(), dir, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func withSigningKey(s *backup.Source) { s.SigningKey = true }

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestBackupAndRestore(t *testing.T) {
	data, dir, box := t.TempDir(), filepath.Join(t.TempDir(), "backup"), openLetterBox(t)
	first := startIn(t, data, box)
	filled := make(chan error, 1)
	go func() {
		_, err := demo.Run(t.Context(), demo.Config{Server: first.URL(), People: 60, Seed: 3})
		filled <- err
	}()
	busy := backup.Manifest{} // of backups that are made while everybody works
	for going := true; going; {
		select {
		case err := <-filled:
			if going = false; err != nil {
				t.Fatal(err)
			}
		default:
			busy = backUp(t, data, dir, withSigningKey)
		}
	}
	if _, err := kith.VerifyBackup(t.Context(), dir, "", nil); err != nil || len(busy.Events) < 2 {
		t.Errorf("after %d backups of a busy Kith: %v", len(busy.Events), err)
	}
	first.idle()
	hashes, proposals, mails := first.hashes(), first.count("type=helpers.proposed"), box.mails()
	proposals += first.count("context=matching")
	if len(mails) == 0 || proposals == 0 {
		t.Fatalf("%d mails and %d events of matching: nothing that could be repeated", len(mails), proposals)
	}
	first.idle()
	first.stop()

	m := backUp(t, data, dir, withSigningKey)
	if m.Head < busy.Head {
		t.Errorf("the stopped Kith has %d events, the busy one had %d", m.Head, busy.Head)
	}
	verified, err := kith.VerifyBackup(t.Context(), dir, "", nil)
	if err != nil || verified.Checkpoints == 0 || verified.Signed == 0 {
		t.Fatalf("%+v, %v", verified, err)
	}
	if len(m.Consumers) < 7 {
		t.Errorf("%d places of reactors", len(m.Consumers))
	}

	again := filepath.Join(t.TempDir(), "data")
	out, err := kith.RestoreData(t.Context(), dir, again, backup.Target{Audit: again})
	if err != nil {
		t.Fatal(err)
	}
	if out.Manifest.Head != m.Head {
		t.Errorf("restored to %d, want %d", out.Manifest.Head, m.Head)
	}
	if _, err := kith.RestoreData(t.Context(), dir, again, backup.Target{Audit: again}); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("a second restore: %v, want %v", err, backup.ErrNotEmpty)
	}
	copyFile(t, filepath.Join(data, "master.key"), filepath.Join(again, "master.key"))
	second := startIn(t, again, box)
	second.idle()
	auditor := as(t, second.URL(), kith.DevAuditor)
	if v, err := cli.Verify(t.Context(), auditor, func(uint64, uint64) {}); err != nil || !v.Ok || v.Checkpoints < verified.Checkpoints {
		t.Errorf("the restored log verifies as %+v, %v", v, err)
	}
	got := second.hashes()
	for _, name := range slices.Sorted(maps.Keys(hashes)) {
		if hashes[name] != got[name] {
			t.Errorf("the view %s is not what it was", name)
		}
	}
	if now := second.count("type=helpers.proposed") + second.count("context=matching"); now != proposals {
		t.Errorf("%d events of matching, want %d", now, proposals)
	}
	if now := box.mails(); len(now) != len(mails) {
		t.Errorf("%d mails were sent again", len(now)-len(mails))
	}
	// What the second process appended is its own checkpoints, and our look at the log.
	for _, context := range []string{"membership", "community", "notification"} {
		if n := second.count(fmt.Sprintf("context=%s&from=%d", context, m.Head+1)); n > 0 {
			t.Errorf("%d events of %s since the restore", n, context)
		}
	}
	second.stop()
	// The restored log is the same log: the backup goes on with it.
	if on := backUp(t, again, dir, withSigningKey); on.Head <= out.Manifest.Head || len(on.Events) != len(m.Events)+1 {
		t.Errorf("the backup went on to %d with %d files, from %d with %d", on.Head, len(on.Events), m.Head, len(m.Events))
	}
	if _, err := kith.VerifyBackup(t.Context(), dir, "", nil); err != nil {
		t.Error(err)
	}
}

func mainCode(args ...string) int { return cli.Main(args) }

func kithRun(t *testing.T, args ...string) {
	t.Helper()
	if code := mainCode(args...); code != 0 {
		t.Fatalf("kith %s ended with %d", strings.Join(args, " "), code)
	}
}

// Somebody who was erased after the backup is erased before anybody is served.
func TestErasuresSinceTheBackupAreRepeated(t *testing.T) {
	data, dir := t.TempDir(), filepath.Join(t.TempDir(), "backup")
	first := startIn(t, data, nil)
	admin := as(t, first.URL(), kith.DevAdministrator)
	people := "external_id,name,email,unit_id,site,language,active\n1,Zoe Gone,zoe@example.org,,Bern,en,true\n2,Yves Here,yves@example.org,,Bern,en,true\n"
	if _, err := cli.ImportCSV(t.Context(), admin, "people", []byte(people), nil, func(uint64, uint64) {}); err != nil {
		t.Fatal(err)
	}
	zoe := get[struct{ Person struct{ ID string } }](t, as(t, first.URL(), "zoe@example.org"), "/api/membership/me").Person.ID
	first.idle()
	first.stop()
	kithRun(t, "backup", dir, "--data", data)
	kithRun(t, "backup", "verify", dir)

	first = startIn(t, data, nil)
	admin = as(t, first.URL(), kith.DevAdministrator)
	if err := admin.Post(t.Context(), "/api/membership/people/"+zoe+"/erase", map[string]any{"texts": true}, nil); err != nil {
		t.Fatal(err)
	}
	first.idle()
	first.stop()
	kithRun(t, "backup", dir, "--data", data, "--erasures-only")

	again := filepath.Join(t.TempDir(), "data")
	if code := mainCode("restore", dir, "--data", again); code == 0 {
		t.Error("checkpoints were restored without the signing key")
	}
	if _, err := os.Stat(filepath.Join(again, "log")); err == nil {
		t.Error("a refused restore left a log")
	}
	kithRun(t, "restore", dir, "--data", again, "--signing-key", filepath.Join(data, "audit", "signing.key"))
	copyFile(t, filepath.Join(data, "master.key"), filepath.Join(again, "master.key"))
	second := startIn(t, again, nil)
	admin = as(t, second.URL(), kith.DevAdministrator)
	names := func() string {
		t.Helper()
		var out struct {
			Items []struct {
				ID, Name string
				Former   bool
			}
		}
		if err := admin.Post(t.Context(), "/api/membership/people/lookup", map[string]any{"ids": []string{zoe}}, &out); err != nil {
			t.Fatal(err)
		}
		if len(out.Items) != 1 {
			return fmt.Sprint(out.Items)
		}
		return fmt.Sprintf("%q %t", out.Items[0].Name, out.Items[0].Former)
	}
	// The log does not know of the erasure: without a name they are shown as nobody.
	if n := names(); n != "[]" {
		t.Errorf("the erased person is shown as %s", n)
	}
	profile := get[struct {
		Former bool
		Name   *string
	}](t, admin, "/api/membership/people/"+zoe)
	t.Logf("their page: %+v", profile)
	if profile.Name != nil && *profile.Name != "" {
		t.Errorf("their page says %q", *profile.Name)
	}
	if err := admin.Post(t.Context(), "/api/membership/people/"+zoe+"/erase", map[string]any{"texts": true}, nil); err != nil {
		t.Fatal(err)
	}
	second.eventually("they are a former member", func() bool { return names() == `"" true` })
	second.idle()
}
