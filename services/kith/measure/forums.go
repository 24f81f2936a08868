// Package measure reads the data on which matching is measured.
package measure

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kith/services/kith/history"
	"kith/services/matching/eval"
)

// Forum is the past of a forum, in the order of time within each split.
type Forum struct {
	Name      string
	Questions []eval.Question
	Mixed     []string // splits that begin before the one before them ends
}

// splits are the parts of a forum's past, in their order.
var splits = []string{eval.Train, "dev", "test"}

// maxQuestions bounds what is held in memory, of all files.
const maxQuestions = 1_000_000

const ending = ".jsonl.gz"

// Forums reads every forum of a folder, sorted by name: NAME.train.jsonl.gz with
// NAME.dev.jsonl.gz or NAME.test.jsonl.gz or both. It returns an error for
// anything else in JSON lines, and for the first line that is wrong, which it names.
func Forums(dir string) ([]Forum, error) {
	names, err := forums(dir)
	if err != nil {
		return nil, err
	}
	var out []Forum
	left := maxQuestions
	for _, name := range names {
		f := reading{Forum: Forum{Name: name}, seen: map[string]string{}, left: left}
		for _, split := range splits {
			if err := f.read(dir, split); err != nil {
				return nil, err
			}
		}
		left = f.left
		out = append(out, f.Forum)
	}
	return out, nil
}

// forums are the names in a folder that have all that is needed.
func forums(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	has := map[string][]string{}
	var names []string
	for _, e := range entries {
		if !strings.Contains(e.Name(), ".jsonl") {
			continue
		}
		stem, ok := strings.CutSuffix(e.Name(), ending)
		name, split := strings.TrimSuffix(stem, filepath.Ext(stem)), strings.TrimPrefix(filepath.Ext(stem), ".")
		if !ok || name == "" || strings.ContainsAny(name, " \t=") || !slices.Contains(splits, split) {
			return nil, fmt.Errorf("%s: name it NAME.train%s, NAME.dev%s or NAME.test%s, or take it out of the folder",
				filepath.Join(dir, e.Name()), ending, ending, ending)
		}
		if has[name] == nil {
			names = append(names, name)
		}
		has[name] = append(has[name], split)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: has no NAME.train%s", dir, ending)
	}
	for _, name := range names {
		if !slices.Contains(has[name], eval.Train) {
			return nil, fmt.Errorf("%s: is missing; without history nobody can be found", filepath.Join(dir, name+"."+eval.Train+ending))
		}
		if len(has[name]) == 1 {
			return nil, fmt.Errorf("%s: has history only; add %s.dev%s or %s.test%s", filepath.Join(dir, name+"."+eval.Train+ending), name, ending, name, ending)
		}
	}
	return names, nil
}

// reading is a forum of which some splits are read.
type reading struct {
	Forum
	seen  map[string]string // question's id → file and line
	clock string            // field that tells the order; "": the lines do
	left  int
}

// read adds a split; one that has no file is passed over.
func (f *reading) read(dir, split string) error {
	path := filepath.Join(dir, f.Name+"."+split+ending)
	file, err := history.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	var part []eval.Question
	for q, err := range file.Questions() {
		if err == nil {
			err = f.take(&part, q, split, path)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if len(part) == 0 {
		return fmt.Errorf("%s: has no questions", path)
	}
	slices.SortStableFunc(part, func(a, b eval.Question) int { return a.At.Compare(b.At) })
	if n := len(f.Questions); n > 0 && part[0].At.Before(f.Questions[n-1].At) {
		f.Mixed = append(f.Mixed, split)
	}
	f.Questions = append(f.Questions, part...)
	return nil
}

// take adds a question to part, or returns what is wrong with its line.
func (f *reading) take(part *[]eval.Question, q history.Question, split, path string) error {
	n := len(f.Questions) + len(*part)
	at, err := f.when(q, n)
	if err != nil {
		return fmt.Errorf("line %d: %w", q.Line, err)
	}
	origin := q.Origin()
	if !q.HasID() { // the next file has a line of that number too
		origin = split + ":" + origin
	}
	out := eval.Question{
		ID: f.Name + "/" + origin, Split: split, Community: q.Community(), Asker: q.Asker, Title: q.Headline(),
		Body: q.Body, Tags: q.Tags, At: at,
	}
	for _, a := range q.Answers {
		one := eval.Answer{User: a.User, Score: int(min(max(a.Score, -1e6), 1e6)), Accepted: a.Accepted, Thanked: a.Thanked, Text: a.Text}
		if given := a.At(); given != nil {
			one.At = *given
		}
		out.Answers = append(out.Answers, one)
	}
	if err := out.Check(); err != nil {
		return fmt.Errorf("line %d: %w", q.Line, err)
	}
	if before, ok := f.seen[out.ID]; ok {
		return fmt.Errorf("line %d: id: %s is in %s already; a question must not be its own past", q.Line, origin, before)
	}
	f.seen[out.ID] = fmt.Sprintf("%s line %d", filepath.Base(path), q.Line)
	if f.left--; f.left < 0 {
		return fmt.Errorf("line %d: the folder has more than %d questions", q.Line, maxQuestions)
	}
	*part = append(*part, out)
	return nil
}

// when is the time of a question, the n-th of its forum: its own, else minutes
// in the order of asking. The first question says which field tells.
func (f *reading) when(q history.Question, n int) (time.Time, error) {
	clock := ""
	switch {
	case q.At() != nil:
		clock = "ts"
	case q.TS != 0:
		return time.Time{}, errors.New("ts: is no time in Unix seconds")
	case q.Seq != nil:
		clock = "seq"
	}
	if n == 0 {
		f.clock = clock
	}
	if clock != f.clock {
		return time.Time{}, fmt.Errorf("%s: is not in every line; without it the order of time is unknown", cmp.Or(f.clock, clock))
	}
	switch clock {
	case "ts":
		return *q.At(), nil
	case "seq":
		if *q.Seq < 0 || *q.Seq > 1<<32 {
			return time.Time{}, errors.New("seq: must be from 0 to 2^32")
		}
		return time.Unix(*q.Seq*60, 0).UTC(), nil
	default:
		return time.Unix(int64(n)*60, 0).UTC(), nil
	}
}
