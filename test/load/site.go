package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"kith/services/kith/cli"
	"kith/services/kith/client"
)

// site is a running Kith as people see it, wherever it runs.
type site struct {
	url    string
	http   *http.Client
	admin  *client.Client
	last   func(ctx context.Context) (uint64, error) // position of the log's end
	folded func(ctx context.Context, last uint64) error
}

// settle waits until the log has not grown for a second and all of it is folded.
func (s *site) settle(ctx context.Context) error {
	var before uint64
	for deadline := time.Now().Add(settleLimit); time.Now().Before(deadline); {
		last, err := s.last(ctx)
		if err != nil {
			return err
		}
		if last == before {
			return s.folded(ctx, last)
		}
		before = last
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.New("the log has not come to rest")
}

func login(n int) string { return fmt.Sprintf("p%05d@load.example", n) }

const units = 40

func (s *site) importUnits(ctx context.Context) error {
	var csv strings.Builder
	csv.WriteString("id,parent_id,name,kind\nroot,,The organisation,organisation\n")
	for i := range units {
		fmt.Fprintf(&csv, "u%02d,root,Department %d,department\n", i, i)
	}
	_, err := cli.ImportCSV(ctx, s.admin, "units", []byte(csv.String()), nil, func(uint64, uint64) {})
	return err
}

// importPeople imports people 0 to n-1.
func (s *site) importPeople(ctx context.Context, n int) error {
	var csv strings.Builder
	csv.WriteString("external_id,name,email,unit_id,site,language,active\n")
	language := []string{"en", "de"}
	for i := range n {
		fmt.Fprintf(&csv, "s%05d,%s,%s,u%02d,Site %d,%s,true\n", i, personName(i), login(i), i%units, i%7, language[i%2])
	}
	_, err := cli.ImportCSV(ctx, s.admin, "people", []byte(csv.String()), nil, func(uint64, uint64) {})
	return err
}

// signIn gets tokens for people from to from+n-1.
func (s *site) signIn(ctx context.Context, from, n int) ([]*client.Client, error) {
	all := make([]*client.Client, n)
	return all, inParallel(ctx, n, func(ctx context.Context, i int) (err error) {
		all[i], err = client.SignIn(ctx, s.http, s.url, login(from+i))
		return err
	})
}

// inParallel does n things, eight at a time.
func inParallel(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error { return do(ctx, i) })
	}
	return g.Wait()
}
