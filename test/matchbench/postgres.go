package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lib/pq"

	"kith/pkg/text"
)

// cluster is a PostgreSQL server of our own in a temporary folder, reached over
// a socket there.
type cluster struct {
	server *exec.Cmd
	said   bytes.Buffer
	db     *sql.DB
}

// program finds one of PostgreSQL's, where Debian keeps them too.
func program(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		return "", fmt.Errorf("PostgreSQL's %s %w; install its server", name, errNotThere)
	}
	return found[len(found)-1], nil
}

// unprivileged runs c as nobody if this is root, as whom PostgreSQL will not run.
func unprivileged(c *exec.Cmd) *exec.Cmd {
	if os.Geteuid() == 0 {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return c
}

const nobody = 65534

func openPostgres(ctx context.Context, dir string) (searcher, error) {
	initdb, err := program("initdb")
	if err != nil {
		return nil, err
	}
	server, err := program("postgres")
	if err != nil {
		return nil, err
	}
	home := filepath.Join(dir, "pg")
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 {
		if err := os.Chmod(dir, 0o711); err != nil {
			return nil, err
		}
		if err := os.Chown(home, nobody, nobody); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(home, "data")
	init := unprivileged(exec.CommandContext(ctx, initdb, "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"))
	init.Dir = home
	if out, err := init.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	c := &cluster{server: unprivileged(exec.Command(server, "-D", data, "-k", home, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "shared_buffers=1GB", "-c", "work_mem=64MB", "-c", "maintenance_work_mem=512MB", "-c", "jit=off"))}
	c.server.Dir, c.server.Stderr = home, &c.said
	if err := c.server.Start(); err != nil {
		return nil, err
	}
	if c.db, err = sql.Open("postgres", "host="+home+" user=bench dbname=postgres sslmode=disable"); err == nil {
		c.db.SetMaxOpenConns(1)
		err = c.ready(ctx)
	}
	if err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("%w: %s", err, c.said.String())
	}
	return c, nil
}

// ready waits until the server answers.
func (c *cluster) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err := c.db.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Close ends the server.
func (c *cluster) Close() error {
	if c.db != nil {
		_ = c.db.Close()
	}
	if err := c.server.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	_ = c.server.Wait()
	return nil
}

func (c *cluster) add(ctx context.Context, all []document) error {
	if _, err := c.db.ExecContext(ctx, "CREATE TABLE docs (id text NOT NULL, said tsvector NOT NULL)"); err != nil {
		return err
	}
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	in, err := tx.PrepareContext(ctx, pq.CopyIn("docs", "id", said))
	if err != nil {
		return err
	}
	for _, d := range all {
		if _, err := in.ExecContext(ctx, d.id, vector(d.counts)); err != nil {
			return err
		}
	}
	if _, err := in.ExecContext(ctx); err != nil {
		return err
	}
	if err := in.Close(); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	for _, do := range []string{"CREATE INDEX ON docs USING gin (said)", "VACUUM ANALYSE docs"} {
		if _, err := c.db.ExecContext(ctx, do); err != nil {
			return err
		}
	}
	return nil
}

// vector is a tsvector as PostgreSQL reads it; a term that is said more than
// once has as many places.
func vector(counts map[string]int) string {
	terms := make([]string, 0, len(counts))
	for t := range counts {
		terms = append(terms, t)
	}
	slices.Sort(terms)
	var b strings.Builder
	place := 1
	for _, t := range terms {
		b.WriteString(pq.QuoteLiteral(t) + ":")
		for i := range min(counts[t], 255) {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Itoa(min(place, 16383)))
			place++
		}
		b.WriteByte(' ')
	}
	return b.String()
}

func (c *cluster) search(ctx context.Context, terms []text.Term) ([]string, error) {
	quoted := make([]string, len(terms))
	for i, t := range terms {
		quoted[i] = pq.QuoteLiteral(t.Text)
	}
	rows, err := c.db.QueryContext(ctx, `SELECT id FROM docs, (SELECT $1::tsquery AS q) AS asked WHERE said @@ q
		ORDER BY ts_rank(said, q, 1) DESC LIMIT $2`, strings.Join(quoted, " | "), nearest)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
