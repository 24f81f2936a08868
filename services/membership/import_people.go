package membership

import (
	"strings"
)

func peopleColumns() []string {
	return []string{"external_id", "name", "email", "unit_id", "site", "language", "active"}
}

// personRow is one line of people.csv.
type personRow struct {
	record // its unit is the unit's id, not its code
	line   int
	active bool
}

// readPeople reads and checks people.csv against itself and the units in use
// (code to id). An empty language is read as usual.
func readPeople(body []byte, units map[string]string, usual string, bad *problems) ([]personRow, error) {
	lines, err := readCSV(body, peopleColumns(), bad)
	if err != nil {
		return nil, err
	}
	rows := make([]personRow, 0, len(lines))
	ids, emails := make(map[string]int, len(lines)), make(map[string]int, len(lines))
	for _, l := range lines {
		f := l.fields
		p := personRow{line: l.line, record: record{staffNumber: f[0], name: f[1], email: f[2], site: f[4], language: f[5]}}
		bad.check(p.line, "external_id", p.staffNumber, 1, 64)
		bad.check(p.line, "name", p.name, 1, 200)
		bad.check(p.line, "site", p.site, 0, 100)
		if reason := wrongEmail(p.email); reason != "" {
			bad.add(problem{line: p.line, Field: "email", Code: "email", Reason: reason})
		}
		if f[3] != "" {
			unit, ok := units[f[3]]
			if !ok {
				bad.add(problem{line: p.line, Field: "unit_id", Code: "no-unit", Reason: "there is no unit in use with this id; import units first"})
			}
			p.unit = unit
		}
		if p.language == "" {
			p.language = usual
		}
		if reason := wrongLanguage(p.language); reason != "" {
			bad.add(problem{line: p.line, Field: "language", Code: "language", Reason: reason})
		}
		active, ok := yesOrNo(f[6])
		if !ok {
			bad.add(problem{line: p.line, Field: "active", Code: "active", Reason: "must be true or false"})
		}
		p.active = active
		bad.once(ids, p.line, "external_id", p.staffNumber)
		bad.once(emails, p.line, "email", strings.ToLower(p.email))
		rows = append(rows, p)
	}
	return rows, nil
}

func (s *service) unitsByCode() map[string]string {
	codes := map[string]string{}
	for _, u := range s.core.Access.Units() {
		if !u.Closed {
			codes[u.Code] = u.ID
		}
	}
	return codes
}

func yesOrNo(s string) (yes, ok bool) {
	switch strings.ToLower(s) {
	case "true", "yes", "1":
		return true, true
	case "false", "no", "0":
		return false, true
	}
	return false, false
}
