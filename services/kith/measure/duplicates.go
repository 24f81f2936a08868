package measure

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"kith/services/kith/history"
	"kith/services/matching/eval"
)

// Corpus are questions with queries of which it is known what they should find.
type Corpus struct {
	Name      string
	Split     string
	Questions []eval.Question
	// Queries by the id of the question that asks, which may find what is older;
	// nil for a corpus with Paraphrases.
	Duplicates  map[string]eval.Query
	Paraphrases []eval.Query
}

// Corpora reads what a folder has of travel/ (corpus.jsonl.gz, qrels.SPLIT.jsonl)
// and stackfaq/ (docs.jsonl, queries.SPLIT.jsonl), a Corpus for each split. It
// returns an error if there is none, and for the first line that is wrong, which
// it names.
func Corpora(dir string) ([]Corpus, error) {
	travel, err := corpora(dir, "travel", "corpus.jsonl.gz", "qrels", readQuestions, func(path string, c *Corpus) error {
		c.Duplicates = map[string]eval.Query{}
		return lines(path, func(l *qrel) error { return l.into(c.Duplicates) })
	})
	if err != nil {
		return nil, err
	}
	faq, err := corpora(dir, "stackfaq", "docs.jsonl", "queries", readThreads, func(path string, c *Corpus) error {
		return lines(path, func(l *paraphrase) error {
			if l.Query == "" || l.Doc == nil {
				return errors.New("query and doc: are needed")
			}
			c.Paraphrases = append(c.Paraphrases, eval.Query{Text: l.Query, Relevant: map[string]int{fmt.Sprint(*l.Doc): 1}})
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	if len(travel)+len(faq) == 0 {
		return nil, fmt.Errorf("%s: has neither travel/ nor stackfaq/", dir)
	}
	return append(travel, faq...), nil
}

// corpora reads a folder of questions in one file and queries in one per split.
func corpora(dir, name, questions, queries string, read func(path string) ([]eval.Question, error), add func(path string, c *Corpus) error) ([]Corpus, error) {
	dir = filepath.Join(dir, name)
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	all, err := read(filepath.Join(dir, questions))
	if err != nil {
		return nil, err
	}
	var out []Corpus
	for _, split := range splits[1:] {
		c := Corpus{Name: name, Split: split, Questions: all}
		err := add(filepath.Join(dir, queries+"."+split+".jsonl"), &c)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	if out == nil {
		return nil, fmt.Errorf("%s: has no %s.dev.jsonl and no %s.test.jsonl", dir, queries, queries)
	}
	return out, nil
}

type question struct {
	ID    *int64 `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
}

// readQuestions reads questions in the order of their ids, which is that of time.
func readQuestions(path string) ([]eval.Question, error) {
	var ids []int64
	byID := map[int64]eval.Question{}
	err := lines(path, func(l *question) error {
		q, err := post(l.ID, l.Title, l.Body, nil)
		if err != nil {
			return err
		}
		if _, ok := byID[*l.ID]; ok {
			return fmt.Errorf("id: %d is there already", *l.ID)
		}
		ids, byID[*l.ID] = append(ids, *l.ID), q
		return nil
	})
	slices.Sort(ids)
	out := make([]eval.Question, len(ids))
	for i, id := range ids {
		out[i] = byID[id]
	}
	return out, err
}

type thread struct {
	ID       *int64   `json:"id"`
	Question string   `json:"question"`
	Answers  []string `json:"answers"`
}

func readThreads(path string) ([]eval.Question, error) {
	var out []eval.Question
	err := lines(path, func(l *thread) error {
		q, err := post(l.ID, l.Question, "", l.Answers)
		out = append(out, q)
		return err
	})
	return out, err
}

// post is a question of which nobody knows who asked and answered it.
func post(id *int64, title, body string, answers []string) (eval.Question, error) {
	if id == nil || *id < 0 || *id > 1<<32 {
		return eval.Question{}, errors.New("id: must be a number from 0 to 2^32")
	}
	q := eval.Question{ID: fmt.Sprint(*id), Community: "c", Asker: "asker", Title: title, Body: body, At: time.Unix(*id*60, 0).UTC()}
	for _, a := range answers {
		q.Answers = append(q.Answers, eval.Answer{User: "author", Text: a})
	}
	return q, q.Check()
}

type qrel struct {
	Query    *int64         `json:"query"`
	Relevant map[string]int `json:"relevant"`
}

func (l *qrel) into(queries map[string]eval.Query) error {
	if l.Query == nil || len(l.Relevant) == 0 {
		return errors.New("query and relevant: are needed")
	}
	for id, grade := range l.Relevant {
		if n, err := strconv.ParseInt(id, 10, 64); err != nil || n >= *l.Query {
			return fmt.Errorf("relevant: %q is not the id of an earlier question than %d", id, *l.Query)
		}
		if grade < 1 || grade > 2 {
			return fmt.Errorf("relevant: the grade of %s must be 1 or 2", id)
		}
	}
	id := fmt.Sprint(*l.Query)
	if _, ok := queries[id]; ok {
		return fmt.Errorf("query: %s is there already", id)
	}
	queries[id] = eval.Query{Relevant: l.Relevant}
	return nil
}

type paraphrase struct {
	Query string `json:"query"`
	Doc   *int64 `json:"doc"`
}

// lines gives every line of a file to take. Errors name file and line.
func lines[T any](path string, take func(*T) error) error {
	f, err := history.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	n := 0
	for line, err := range f.Lines() {
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		var l T
		err := json.Unmarshal(line.Text, &l)
		if err == nil {
			err = take(&l)
		}
		if n++; err == nil && n > maxQuestions {
			err = fmt.Errorf("the file has more than %d lines", maxQuestions)
		}
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", path, line.Number, err)
		}
	}
	if n == 0 {
		return fmt.Errorf("%s: is empty", path)
	}
	return nil
}
