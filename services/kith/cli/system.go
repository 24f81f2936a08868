package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"text/tabwriter"

	api "kith/api/openapi/systemapi"
	"kith/pkg/rest"
	"kith/pkg/view"
	kith "kith/services/kith"
	"kith/services/kith/client"
)

// Rebuild folds views anew.
type Rebuild struct {
	Remote
	View string `arg:"" optional:"" help:"Name of the view."`
	All  bool   `help:"Every view."`
}

// Run implements the command. It fails if a live view was not what the log says.
func (r *Rebuild) Run(ctx context.Context) error {
	if (r.View == "") == !r.All {
		return errors.New("name one view, or say --all")
	}
	c, err := r.client(ctx, kith.DevAdministrator)
	if err != nil {
		return err
	}
	names := []string{r.View}
	if r.All {
		var state api.State
		if err := c.Get(ctx, "/api/system/state", &state); err != nil {
			return err
		}
		names = nil
		for _, v := range state.Views {
			if v.Rebuildable {
				names = append(names, v.Name)
			}
		}
	}
	different := 0
	for _, name := range names {
		out, err := RebuildView(ctx, c, name, newBar("rebuilding "+name))
		if err != nil {
			return err
		}
		verdict := "equal"
		if out.Before != out.After {
			verdict = "WAS DIFFERENT, now mended"
			different++
		}
		fmt.Printf("%-24s %10d events  %.12s  %s\n", out.View, out.Events, out.After, verdict)
	}
	if different > 0 {
		return fmt.Errorf("%d views were not what the log says; please report this", different)
	}
	return nil
}

// RebuildView rebuilds one view and calls progress meanwhile.
func RebuildView(ctx context.Context, c *client.Client, name string, progress func(done, total uint64)) (view.Rebuilt, error) {
	var out view.Rebuilt
	err := c.Lines(ctx, client.Request{Method: http.MethodPost, Path: "/api/system/views/" + url.PathEscape(name) + "/rebuild"},
		func(line []byte) error {
			var l struct {
				Done, Total uint64
				view.Rebuilt
				rest.Problem
			}
			if err := json.Unmarshal(line, &l); err != nil {
				return err
			}
			if l.Detail != "" {
				return fmt.Errorf("rebuild %s: %s", name, l.Detail)
			}
			if l.View != "" {
				out = l.Rebuilt
			} else {
				progress(l.Done, l.Total)
			}
			return nil
		})
	if err == nil && out.View == "" {
		err = fmt.Errorf("rebuild %s: the answer broke off before its end; try again", name)
	}
	return out, err
}

// Deadletters has the commands about what reactors gave up on.
type Deadletters struct {
	List    ListLetters   `cmd:"" help:"List them, oldest first."`
	Show    ShowLetter    `cmd:"" help:"Show one."`
	Replay  ReplayLetter  `cmd:"" help:"Let the reactor try again; success removes the letter."`
	Discard DiscardLetter `cmd:"" help:"Give up on one for good."`
}

const lettersPath = "/api/system/deadletters"

// ListLetters lists dead letters.
type ListLetters struct{ Remote }

// Run implements the command.
func (l *ListLetters) Run(ctx context.Context) error {
	c, err := l.client(ctx, kith.DevAdministrator)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tTIME\tTYPE\tATTEMPTS\tREASON")
	n := 0
	for path := lettersPath + "?limit=200"; path != ""; {
		var page api.DeadLetterPage
		if err := c.Get(ctx, path, &page); err != nil {
			return err
		}
		for _, d := range page.Items {
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", d.Id, d.Time.Format("2006-01-02 15:04:05"), d.Type, d.Attempts, d.Reason)
			n++
		}
		path = ""
		if page.Next != nil {
			path = lettersPath + "?limit=200&cursor=" + url.QueryEscape(*page.Next)
		}
	}
	if n == 0 {
		fmt.Println("There are no dead letters.")
		return nil
	}
	return w.Flush()
}

// ShowLetter shows a dead letter.
type ShowLetter struct {
	Remote
	ID string `arg:"" help:"Id of the letter, as in the list."`
}

// Run implements the command.
func (s *ShowLetter) Run(ctx context.Context) error {
	c, err := s.client(ctx, kith.DevAdministrator)
	if err != nil {
		return err
	}
	var d api.DeadLetter
	if err := c.Get(ctx, lettersPath+"/"+url.PathEscape(s.ID), &d); err != nil {
		return err
	}
	return printJSON(d)
}

// ReplayLetter replays a dead letter.
type ReplayLetter struct {
	Remote
	ID string `arg:"" help:"Id of the letter, as in the list."`
}

// Run implements the command.
func (r *ReplayLetter) Run(ctx context.Context) error {
	c, err := r.client(ctx, kith.DevAdministrator)
	if err != nil {
		return err
	}
	if err := c.Post(ctx, lettersPath+"/"+url.PathEscape(r.ID)+"/replay", nil, nil); err != nil {
		return err
	}
	fmt.Println("The reactor has handled the event; the letter is gone.")
	return nil
}

// DiscardLetter discards a dead letter.
type DiscardLetter struct {
	Remote
	ID     string `arg:"" help:"Id of the letter, as in the list."`
	Reason string `required:"" help:"Why nothing more is to be done; for the log, without personal text."`
}

// Run implements the command.
func (d *DiscardLetter) Run(ctx context.Context) error {
	c, err := d.client(ctx, kith.DevAdministrator)
	if err != nil {
		return err
	}
	if err := c.Post(ctx, lettersPath+"/"+url.PathEscape(d.ID)+"/discard", api.Discard{Reason: d.Reason}, nil); err != nil {
		return err
	}
	fmt.Println("Discarded.")
	return nil
}

func printJSON(v any) error {
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
