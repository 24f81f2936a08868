// Package history brings the past of an existing forum into Kith: questions
// with who asked, who answered and what was accepted, in the order of then.
package history

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"
)

// Question is a line of a forum's export. Two spellings are understood: site
// and title, or list and subject. Times, tags, scores and texts may be missing.
type Question struct {
	ID      json.RawMessage `json:"id"` // a string or a number
	Site    string          `json:"site"`
	List    string          `json:"list"`
	Title   string          `json:"title"`
	Subject string          `json:"subject"`
	Body    string          `json:"body"`
	Tags    []string        `json:"tags"`
	Asker   string          `json:"asker"`
	TS      float64         `json:"ts"`  // Unix seconds
	Seq     *int64          `json:"seq"` // order of asking, where there is no time
	Answers []Answer        `json:"answers"`

	Line int `json:"-"` // in the file, from 1
}

// Answer is one answer of a Question.
type Answer struct {
	ID       json.RawMessage `json:"id"`
	User     string          `json:"user"`
	Score    float64         `json:"score"`
	Accepted bool            `json:"accepted"`
	Thanked  bool            `json:"thanked"`
	Text     string          `json:"text"`
	TS       float64         `json:"ts"`
}

// Community is the name of the community the question belongs to.
func (q Question) Community() string {
	if q.List != "" {
		return q.List
	}
	return q.Site
}

// Headline is the question in one line.
func (q Question) Headline() string {
	if q.Title != "" {
		return q.Title
	}
	return q.Subject
}

// HasID reports whether the question has an id; without one its Origin is made
// up of its place in the file.
func (q Question) HasID() bool { return name(q.ID) != "" }

// Origin identifies the question where it comes from.
func (q Question) Origin() string {
	if id := name(q.ID); id != "" {
		return id
	}
	return fmt.Sprintf("%s#%d", q.Community(), q.Line)
}

// Origin identifies the answer within its question; n is its place there.
func (a Answer) Origin(n int) string {
	if id := name(a.ID); id != "" {
		return id
	}
	return fmt.Sprintf("#%d", n+1)
}

// name is the text of a JSON string or number, "" for anything else.
func name(raw json.RawMessage) string {
	s := strings.Trim(string(raw), `"`)
	if s == "null" || strings.ContainsAny(s, "{[\"\\") {
		return ""
	}
	return s
}

// At is when the question was asked, nil if that is not known.
func (q Question) At() *time.Time { return at(q.TS) }

// At is when the answer was given, nil if that is not known.
func (a Answer) At() *time.Time { return at(a.TS) }

// at is a time of Unix seconds, nil for none.
func at(ts float64) *time.Time {
	if ts <= 0 || ts > 1e11 {
		return nil
	}
	t := time.UnixMilli(int64(ts * 1000)).UTC()
	return &t
}

// check returns what is wrong with a line, in words.
func (q Question) check() error {
	switch {
	case q.Community() == "":
		return errors.New("site (or list): is missing")
	case q.Headline() == "":
		return errors.New("title (or subject): is missing")
	case q.Asker == "":
		return errors.New("asker: is missing")
	}
	for i, a := range q.Answers {
		if a.User == "" {
			return fmt.Errorf("answers[%d].user: is missing", i)
		}
	}
	return nil
}

// File is a forum's export, opened for reading.
type File struct {
	Size int64 // of the file in bytes, as it lies on disk

	file  *os.File
	count *counter
	in    io.Reader
}

// Open opens FILE.jsonl or FILE.jsonl.gz.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	c := &counter{in: f}
	buffered := bufio.NewReaderSize(c, 1<<16)
	out := &File{Size: info.Size(), file: f, count: c, in: buffered}
	if magic, err := buffered.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		if out.in, err = gzip.NewReader(buffered); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
		}
	}
	return out, nil
}

// Read is how many bytes of the file have been read.
func (f *File) Read() int64 { return f.count.n }

// Close closes the file.
func (f *File) Close() { _ = f.file.Close() } // it was only read

const maxLine = 8 << 20 // bytes

// Line is a line of a file.
type Line struct {
	Number int    // from 1
	Text   []byte // without space around it; valid until the next one
}

// Lines yields every line that is not empty. An error names the line before it,
// and nothing follows.
func (f *File) Lines() iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		in := bufio.NewScanner(f.in)
		in.Buffer(make([]byte, 0, 1<<16), maxLine)
		line := 0
		for in.Scan() {
			line++
			text := bytes.TrimSpace(bytes.TrimPrefix(in.Bytes(), []byte("\xef\xbb\xbf")))
			if len(text) > 0 && !yield(Line{line, text}, nil) {
				return
			}
		}
		if err := in.Err(); err != nil {
			yield(Line{}, fmt.Errorf("after line %d: %w", line, err))
		}
	}
}

// Questions yields every line: a question, or an error that names the line.
// After an error with a question of line 0 nothing follows.
func (f *File) Questions() iter.Seq2[Question, error] {
	return func(yield func(Question, error) bool) {
		for line, err := range f.Lines() {
			if err != nil {
				yield(Question{}, err)
				return
			}
			var q Question
			err := json.Unmarshal(line.Text, &q)
			if q.Line = line.Number; err == nil {
				err = q.check()
			}
			if err != nil {
				err = fmt.Errorf("line %d: %w", line.Number, err)
			}
			if !yield(q, err) {
				return
			}
		}
	}
}

type counter struct {
	in io.Reader
	n  int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.in.Read(b)
	c.n += int64(n)
	return n, err
}
