package membership

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"kith/pkg/fault"
)

const (
	maxProblems    = 1000    // that a refusal lists; all are counted
	maxDryProblems = 20_000  // that a dry run lists
	maxRows        = 500_000 // of a file
	byteOrder      = "\ufeff"
)

// problem is one thing that is wrong with a line. Code is for programs that
// say it in words of their own; number is what these words need besides.
type problem struct {
	line   int
	Field  string `json:"field"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
	Number int    `json:"number,omitempty"`
}

// problems collects what is wrong with a file. It lists the first most of them
// and knows every line that has one.
type problems struct {
	most   int
	listed []problem
	lines  map[int]bool
	total  int
}

// newProblems collects for a refusal or, with dry, for a dry run.
func newProblems(dry bool) *problems {
	p := &problems{most: maxProblems, lines: map[int]bool{}}
	if dry {
		p.most = maxDryProblems
	}
	return p
}

func (p *problems) add(one problem) {
	p.total++
	p.lines[one.line] = true
	if len(p.listed) < p.most {
		p.listed = append(p.listed, one)
	}
}

// err is the refusal of the file, in the order of lines, nil if nothing is wrong.
func (p *problems) err() error {
	if p.total == 0 {
		return nil
	}
	slices.SortStableFunc(p.listed, func(a, b problem) int { return a.line - b.line })
	fields := make([]fault.Field, len(p.listed))
	for i, one := range p.listed {
		fields[i] = fault.Field{Line: one.line, Field: one.Field, Reason: one.Reason}
	}
	detail := fmt.Sprintf("%d things in this file are wrong. Nothing was written. Correct them and send the file again.", p.total)
	if p.total == 1 {
		detail = "One thing in this file is wrong. Nothing was written. Correct it and send the file again."
	}
	if p.total > len(p.listed) {
		detail += fmt.Sprintf(" The first %d found are listed.", len(p.listed))
	}
	return &fault.Error{Code: fault.Invalid, Detail: detail, Fields: fields}
}

// csvRow is one line of a file; fields are in the order of the columns asked for.
type csvRow struct {
	line   int
	fields []string
}

// readCSV reads a file with exactly these columns in any order. It reports
// every line with another number of fields; what makes the file unreadable as
// a whole (encoding, header) is an error at once.
func readCSV(body []byte, columns []string, bad *problems) ([]csvRow, error) {
	if !utf8.Valid(body) {
		return nil, notUTF8(body)
	}
	body = bytes.TrimPrefix(body, []byte(byteOrder))
	r := csv.NewReader(bytes.NewReader(body))
	r.FieldsPerRecord, r.Comma = -1, separator(body)
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fault.InvalidField("body", "the file is empty; its first line must be "+strings.Join(columns, ","))
	}
	if err != nil {
		return nil, fault.InvalidField("header", "the first line cannot be read; it must be "+strings.Join(columns, ","))
	}
	place, err := places(header, columns)
	if err != nil {
		return nil, err
	}
	var rows []csvRow
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		var syntax *csv.ParseError
		if errors.As(err, &syntax) {
			bad.add(problem{line: syntax.StartLine, Field: "line", Code: "quotes", Reason: "the quotes are not closed, or stand within a field without being doubled"})
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the file: %w", err)
		}
		line, _ := r.FieldPos(0)
		if len(record) != len(header) {
			reason := fmt.Sprintf("has %d columns, not %d as the header", len(record), len(header))
			bad.add(problem{line: line, Field: "line", Code: "columns", Reason: reason, Number: len(header)})
			continue
		}
		if len(rows) == maxRows {
			return nil, fault.New(fault.TooLarge, "A file may have at most %d lines. Split it.", maxRows)
		}
		fields := make([]string, len(columns))
		for i, at := range place {
			fields[i] = strings.TrimSpace(record[at])
		}
		rows = append(rows, csvRow{line, fields})
	}
}

// separator is the one of comma and semicolon that the first line has more of.
func separator(body []byte) rune {
	first, _, _ := bytes.Cut(body, []byte("\n"))
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		return ';'
	}
	return ','
}

func notUTF8(body []byte) error {
	line := 0
	for rest := body; ; {
		line++
		text, after, more := bytes.Cut(rest, []byte("\n"))
		if !utf8.Valid(text) || !more {
			break
		}
		rest = after
	}
	reason := "is not UTF-8; save the file with the encoding UTF-8 and send it again"
	return &fault.Error{
		Code: fault.Invalid, Detail: fmt.Sprintf("Line %d %s.", line, reason),
		Fields: []fault.Field{{Field: "encoding", Line: line, Reason: reason}},
	}
}

// places finds the columns in the header.
func places(header, columns []string) ([]int, error) {
	e := &fault.Error{Code: fault.Invalid, Detail: "The header does not fit. It must have the columns " + strings.Join(columns, ",") + "."}
	seen := map[string]int{}
	for i, h := range header {
		name := strings.ToLower(strings.TrimSpace(h))
		if _, twice := seen[name]; twice {
			e.Fields = append(e.Fields, fault.Field{Field: clip(name, 40), Line: 1, Reason: "this column is there twice"})
		} else if !slices.Contains(columns, name) {
			e.Fields = append(e.Fields, fault.Field{Field: clip(name, 40), Line: 1, Reason: "there is no such column; remove it"})
		}
		seen[name] = i
	}
	place := make([]int, len(columns))
	for i, name := range columns {
		at, ok := seen[name]
		if !ok {
			e.Fields = append(e.Fields, fault.Field{Field: name, Line: 1, Reason: "this column is missing"})
		}
		place[i] = at
	}
	if len(e.Fields) > maxProblems {
		e.Fields = e.Fields[:maxProblems]
	}
	if len(e.Fields) > 0 {
		return nil, e
	}
	return place, nil
}

// wrongEmail says what is wrong with an address, "" if nothing is. None is fine.
func wrongEmail(s string) string {
	if s == "" {
		return ""
	}
	if len(s) > 254 {
		return "must have at most 254 characters"
	}
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s || a.Name != "" {
		return "is not an e-mail address such as name@example.org"
	}
	return ""
}

// wrongLanguage says what is wrong with a language tag, "" if nothing is. None is fine.
func wrongLanguage(tag string) string {
	if tag == "" || validLanguage(tag) {
		return ""
	}
	return "is not a language tag such as en, de, da"
}

// check reports a field that is too long, too short, or holds what text must not.
func (p *problems) check(line int, field, text string, least, most int) {
	n := utf8.RuneCountInString(text)
	found := problem{line: line, Field: field, Code: "control", Reason: fault.WrongLine(text)}
	switch {
	case n < least:
		found.Code, found.Reason = "empty", "must not be empty"
	case n > most:
		found.Code, found.Reason, found.Number = "too-long", fmt.Sprintf("must have at most %d characters; it has %d", most, n), most
	}
	if found.Reason != "" {
		p.add(found)
	}
}

// once reports a value that an earlier line has too, and says whether it does.
func (p *problems) once(seen map[string]int, line int, field, value string) bool {
	if value == "" {
		return true
	}
	if before, twice := seen[value]; twice {
		p.add(problem{line: line, Field: field, Code: "twice", Reason: fmt.Sprintf("is the same as in line %d", before), Number: before})
		return false
	}
	seen[value] = line
	return true
}
