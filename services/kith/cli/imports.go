package cli

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"

	kith "kith/services/kith"
	"kith/services/kith/client"
	"kith/services/kith/history"
)

// Import has the commands that bring files in.
type Import struct {
	Units     ImportUnits     `cmd:"" help:"Units from units.csv: id,parent_id,name,kind."`
	People    ImportPeople    `cmd:"" help:"People from people.csv: external_id,name,email,unit_id,site,language,active."`
	Questions ImportQuestions `cmd:"" help:"The past of an existing forum, from JSON lines."`
}

// ImportUnits imports units.csv.
type ImportUnits struct {
	Remote
	File   string `arg:"" type:"existingfile" help:"The CSV file: UTF-8, comma or semicolon."`
	DryRun bool   `help:"Say what would happen and write nothing."`
}

// Run implements the command.
func (i *ImportUnits) Run(ctx context.Context) error {
	return importFile(ctx, i.Remote, i.File, "units", url.Values{"dry_run": truth(i.DryRun)})
}

// ImportPeople imports people.csv.
type ImportPeople struct {
	Remote
	File    string `arg:"" type:"existingfile" help:"The CSV file: UTF-8, comma or semicolon."`
	DryRun  bool   `help:"Say what would happen and write nothing."`
	Full    bool   `help:"The file names everybody: deactivate who is missing."`
	Confirm bool   `help:"With --full: deactivate even more than 5 % of the active people."`
}

// Run implements the command.
func (i *ImportPeople) Run(ctx context.Context) error {
	return importFile(ctx, i.Remote, i.File, "people",
		url.Values{"dry_run": truth(i.DryRun), "full": truth(i.Full), "confirm": truth(i.Confirm)})
}

// truth is a parameter that is left out when it is false.
func truth(b bool) []string {
	if b {
		return []string{"true"}
	}
	return nil
}

func importFile(ctx context.Context, r Remote, path, what string, q url.Values) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	c, err := r.client(ctx, kith.DevAdministrator)
	if err != nil {
		return err
	}
	bar := newBar("importing " + what)
	counts, err := ImportCSV(ctx, c, what, data, q, bar)
	if err != nil {
		return err
	}
	return printJSON(counts)
}

// ImportCSV sends a file of units or people and returns the counts of what it
// has changed. A dry run prints what would happen, and fails if a line is wrong.
func ImportCSV(ctx context.Context, c *client.Client, what string, data []byte, q url.Values, progress func(done, total uint64)) (map[string]any, error) {
	for {
		counts, err := c.ImportCSV(ctx, what, data, q, func(l client.ImportLine) {
			if len(l.Does) > 0 {
				printLine(l)
			} else {
				progress(l.Done, l.Total)
			}
		})
		if err != nil {
			return nil, err
		}
		if next, more := counts["next"].(float64); more {
			q.Set("skip", strconv.Itoa(int(next)))
			continue
		}
		if wrong, _ := counts["wrong"].(float64); wrong > 0 {
			return nil, fmt.Errorf("%d lines are wrong; with one that is, nothing of the file is imported", int(wrong))
		}
		return counts, nil
	}
}

// printLine says what an import would do.
func printLine(l client.ImportLine) {
	where := "line " + strconv.Itoa(l.Line)
	if l.Line == 0 {
		where = "not in the file: " + l.ID + " " + l.Name
	}
	fmt.Printf("%s: %s\n", where, strings.Join(l.Does, ", "))
	for _, p := range l.Problems {
		fmt.Printf("  %s: %s\n", p.Field, p.Reason)
	}
}

// ImportQuestions imports a forum's past.
type ImportQuestions struct {
	Remote
	File string `arg:"" type:"existingfile" help:"JSON lines, or those compressed with gzip."`
}

// Run implements the command.
func (i *ImportQuestions) Run(ctx context.Context) error {
	c, err := i.client(ctx, kith.DevAdministrator)
	if err != nil {
		return err
	}
	im := &history.Importer{Client: c, Bad: func(err error) { fmt.Fprintln(os.Stderr, err) }}
	if err := ImportHistory(ctx, im, i.File, newBar("importing questions")); err != nil {
		return err
	}
	t := im.Total()
	fmt.Printf("%d questions with %d answers, %d events added, %d lines could not be imported\n", t.Questions, t.Answers, t.Events, t.Bad)
	if t.Bad > 0 {
		return fmt.Errorf("%d lines were left out; mend them and import the file again: the others are not added twice", t.Bad)
	}
	return nil
}

// ImportHistory sends a whole file.
func ImportHistory(ctx context.Context, im *history.Importer, path string, progress func(done, total uint64)) error {
	f, err := history.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for q, err := range f.Questions() {
		if err != nil && q.Line == 0 {
			return err
		}
		if err != nil {
			im.Reject(err)
			continue
		}
		if err := im.Add(ctx, q); err != nil {
			return err
		}
		progress(uint64(f.Read()), uint64(f.Size))
	}
	return im.Flush(ctx)
}
