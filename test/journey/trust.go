package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	systemapi "kith/api/openapi/systemapi"
	kith "kith/services/kith"
	"kith/services/kith/cli"
	"kith/services/kith/client"
)

// as signs in at the process that runs now.
func (j *journey) as(ctx context.Context, login string) (*client.Client, error) {
	return client.SignIn(ctx, j.pool, j.kith.URL, login)
}

// kithCommand runs the command line against the process.
func (j *journey) kithCommand(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, j.binary, args...).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("kith %v: %w\n%s", args, err, out)
	}
	return string(out), nil
}

func (j *journey) verify(ctx context.Context) (string, error) {
	out, err := j.kithCommand(ctx, "audit", "verify", "--server", j.kith.URL)
	return firstLine(out), err
}

func (j *journey) export(ctx context.Context) (string, error) {
	file := filepath.Join(j.dir, "export.jsonl.gz")
	if _, err := j.kithCommand(ctx, "audit", "export", "--server", j.kith.URL, "--out", file); err != nil {
		return "", err
	}
	out, err := j.kithCommand(ctx, "audit", "verify", file, "--key", filepath.Join(j.dir, "data", "audit", "verifier.key"))
	return firstLine(out), err
}

func (j *journey) rebuild(ctx context.Context) (string, error) {
	c, err := j.as(ctx, kith.DevAdministrator)
	if err != nil {
		return "", err
	}
	var state systemapi.State
	if err := c.Get(ctx, "/api/system/state", &state); err != nil {
		return "", err
	}
	views := 0
	for _, v := range state.Views {
		if !v.Rebuildable {
			continue
		}
		out, err := cli.RebuildView(ctx, c, v.Name, func(uint64, uint64) {})
		if err != nil {
			return "", err
		}
		if out.Before != out.After {
			return "", fmt.Errorf("view %s was %s, but the log says %s", v.Name, out.Before, out.After)
		}
		views++
	}
	return fmt.Sprintf("%d views with equal hashes at event %d", views, state.Position), nil
}

// written is one command of the crash test and what its sender knows of it.
type written struct {
	key, title string
	id         string // of the request, once acknowledged
	acked      bool
}

const (
	crashWriters = 16
	crashAfter   = 300 // acknowledged commands
)

// crash kills the process while it writes. Afterwards everything acknowledged
// must be there, and every command, retried with its key, exactly once.
func (j *journey) crash(ctx context.Context) (string, error) {
	c, err := j.as(ctx, kith.DevAdministrator)
	if err != nil {
		return "", err
	}
	all := j.writeUntilKilled(ctx, c)
	if _, err := j.start(ctx); err != nil {
		return "", err
	}
	restart := time.Now()
	if c, err = j.as(ctx, kith.DevAdministrator); err != nil {
		return "", err
	}
	acked, unknown := 0, 0
	for _, w := range all {
		if w.acked {
			acked++
			if err := c.Get(ctx, "/api/community/requests/"+w.id, nil); err != nil {
				return "", fmt.Errorf("request %s was acknowledged, but: %w", w.id, err)
			}
		} else {
			unknown++
		}
		id, err := raise(ctx, c, w)
		if err != nil {
			return "", fmt.Errorf("retry of a command: %w", err)
		}
		if w.acked && id != w.id {
			return "", fmt.Errorf("the retry of request %s has made another one, %s", w.id, id)
		}
	}
	if err := j.countCrashRequests(ctx, c, len(all)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d acknowledged, all there; %d unknown, each there once after its retry; checked in %s",
		acked, unknown, time.Since(restart).Round(time.Millisecond)), nil
}

func (j *journey) writeUntilKilled(ctx context.Context, c *client.Client) []written {
	var (
		mu    sync.Mutex
		all   []written
		acks  atomic.Int64
		wg    sync.WaitGroup
		plain = &client.Client{Base: c.Base, Token: c.Token, HTTP: client.Pool(crashWriters)}
	)
	for range crashWriters {
		wg.Go(func() {
			for {
				w := written{key: uuid.NewString(), title: crashTitle}
				id, err := raise(ctx, plain, w)
				w.id, w.acked = id, err == nil
				mu.Lock()
				all = append(all, w)
				mu.Unlock()
				if err != nil {
					return
				}
				acks.Add(1)
			}
		})
	}
	for deadline := time.Now().Add(time.Minute); acks.Load() < crashAfter && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	j.kith.Kill()
	wg.Wait()
	return all
}

const crashTitle = "Where do I find the emergency plan?"

func raise(ctx context.Context, c *client.Client, w written) (string, error) {
	var out struct {
		ID string `json:"id"`
	}
	_, err := c.Do(ctx, client.Request{Method: "POST", Path: "/api/community/requests", Key: w.key,
		Body: map[string]any{"kind": "information", "title": w.title, "purpose": "To know where to look when it counts.", "language": "en"}}, &out)
	return out.ID, err
}

// countCrashRequests compares how many requests the writers' person has with
// how many commands there were.
func (j *journey) countCrashRequests(ctx context.Context, c *client.Client, want int) error {
	n := 0
	for path := "/api/community/requests?mine=true&limit=200"; path != ""; {
		var page struct {
			Items []struct {
				Title string `json:"title"`
			} `json:"items"`
			Next string `json:"next"`
		}
		if err := c.Get(ctx, path, &page); err != nil {
			return err
		}
		for _, it := range page.Items {
			if it.Title == crashTitle {
				n++
			}
		}
		path = ""
		if page.Next != "" {
			path = "/api/community/requests?mine=true&limit=200&cursor=" + page.Next
		}
	}
	if n != want {
		return fmt.Errorf("%d commands have left %d requests", want, n)
	}
	return nil
}

func firstLine(s string) string {
	for i, r := range s {
		if r == '\n' {
			return s[:i]
		}
	}
	return s
}
