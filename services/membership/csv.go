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
	maxProblems = 1000    // that are listed; all are counted
	maxRows     = 500_000 // of a file
	byteOrder   = "\ufeff"
)

// problems collects what is wrong with a file.
type problems struct {
	listed []fault.Field
	total  int
}

func (p *problems) add(line int, field, format string, args ...any) {
	p.total++
	if len(p.listed) < maxProblems {
		p.listed = append(p.listed, fault.Field{Line: line, Field: field, Reason: fmt.Sprintf(format, args...)})
	}
}

// err is the refusal of the file, in the order of lines, nil if nothing is wrong.
func (p *problems) err() error {
	if p.total == 0 {
		return nil
	}
	slices.SortStableFunc(p.listed, func(a, b fault.Field) int { return a.Line - b.Line })
	detail := fmt.Sprintf("%d things in this file are wrong. Nothing was written. Correct them and send the file again.", p.total)
	if p.total == 1 {
		detail = "One thing in this file is wrong. Nothing was written. Correct it and send the file again."
	}
	if p.total > len(p.listed) {
		detail += fmt.Sprintf(" The first %d found are listed.", len(p.listed))
	}
	return &fault.Error{Code: fault.Invalid, Detail: detail, Fields: p.listed}
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
			bad.add(syntax.StartLine, "line", "the quotes are not closed, or stand within a field without being doubled")
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the file: %w", err)
		}
		line, _ := r.FieldPos(0)
		if len(record) != len(header) {
			bad.add(line, "line", "has %d columns, not %d as the header", len(record), len(header))
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
			e.Fields = append(e.Fields, fault.Field{Field: short(name), Line: 1, Reason: "this column is there twice"})
		} else if !slices.Contains(columns, name) {
			e.Fields = append(e.Fields, fault.Field{Field: short(name), Line: 1, Reason: "there is no such column; remove it"})
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

func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
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
	switch {
	case n < least:
		p.add(line, field, "must not be empty")
	case n > most:
		p.add(line, field, "must have at most %d characters; it has %d", most, n)
	default:
		if reason := fault.WrongLine(text); reason != "" {
			p.add(line, field, "%s", reason)
		}
	}
}
