package membership

import (
	"cmp"
	"slices"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/membershipapi"
	"kith/pkg/es"
	"kith/pkg/rest"
)

// planned is a line of a dry run: what an import would do because of one line
// of the file, or to a person whom no line names.
type planned struct {
	Line     int          `json:"line,omitempty"`
	ID       string       `json:"id,omitempty"`
	Name     string       `json:"name,omitempty"`
	Person   string       `json:"person,omitempty"`
	Does     []string     `json:"does"`
	Changes  []difference `json:"changes,omitempty"`
	Problems []problem    `json:"problems,omitempty"`
}

func foretellUnits(c echo.Context, m es.Meta, rows []unitRow, steps []step, bad *problems, in api.ImportUnitsParams) error {
	heads := make([]planned, len(rows))
	for i, r := range rows {
		heads[i] = planned{Line: r.line, ID: clip(r.code, 64), Name: clip(r.name, 200)}
	}
	lines := foretell(heads, steps, bad)
	counts := countsOf(rightSteps(steps, bad), []string{doesCreate, doesChange})
	return answer(c, m, lines, counts, bad, newPart(show(rest.Value(in.Show)), in.Skip, in.Lines))
}

func (s *service) foretellPeople(c echo.Context, m es.Meta, rows []personRow, plan peoplePlan, bad *problems, in api.ImportPeopleParams) error {
	heads := make([]planned, len(rows))
	for i, r := range rows {
		heads[i] = planned{Line: r.line, ID: clip(r.staffNumber, 64), Name: clip(r.name, 200)}
	}
	lines := foretell(heads, plan.steps, bad)
	o := s.core.Vault.Opener(c.Request().Context())
	for _, st := range plan.missing {
		d := plan.people[st.person]
		line := planned{Person: st.person, Does: st.does}
		line.ID, line.Name = rest.Value(o.Text(d.StaffNumber)), rest.Value(o.Text(d.Name))
		lines = append(lines, line)
	}
	if o.Err != nil {
		return o.Err
	}
	counts := countsOf(slices.Concat(rightSteps(plan.steps, bad), plan.missing), peopleDoes())
	if plan.tooMany() {
		counts["confirm_needed"] = true
	}
	return answer(c, m, lines, counts, bad, newPart(show(rest.Value(in.Show)), in.Skip, in.Lines))
}

// rightSteps are those of lines in which nothing is wrong.
func rightSteps(steps []step, bad *problems) []step {
	return slices.DeleteFunc(slices.Clone(steps), func(st step) bool { return bad.lines[st.line] })
}

// foretell says in the order of lines what steps do; heads is what each line is about.
func foretell(heads []planned, steps []step, bad *problems) []planned {
	lines := make(map[int]planned, len(heads))
	for _, h := range heads {
		lines[h.Line] = h
	}
	for _, st := range steps {
		l := lines[st.line]
		l.Person, l.Does, l.Changes = st.person, st.does, st.changes
		lines[st.line] = l
	}
	for n := range bad.lines {
		l := lines[n]
		l.Line, l.Does, l.Changes = n, []string{doesWrong}, nil
		lines[n] = l
	}
	for _, p := range bad.listed {
		l := lines[p.line]
		l.Problems = append(l.Problems, p)
		lines[p.line] = l
	}
	out := make([]planned, 0, len(lines))
	for _, l := range lines {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b planned) int { return cmp.Compare(a.Line, b.Line) })
	return out
}

// part is which lines a dry run is asked for.
type part struct {
	show       show
	skip, most int
}

// maxDryLines is how many lines an answer has at most.
const maxDryLines = 20_000

func newPart(s show, skip, most *int) part {
	p := part{s, rest.Value(skip), maxDryLines}
	if most != nil {
		p.most = *most
	}
	return p
}

// show is a choice among the lines; "" leaves out what is left alone.
type show string

func (s show) has(l planned) bool {
	switch wrong := l.Does[0] == doesWrong; s {
	case "all":
		return true
	case "errors":
		return wrong
	case "changes":
		return !wrong && l.Does[0] != doesNothing
	default:
		return l.Does[0] != doesNothing
	}
}

// answer writes the lines asked for, and then the counts of the whole file.
func answer(c echo.Context, m es.Meta, lines []planned, counts map[string]any, bad *problems, p part) error {
	lines = slices.DeleteFunc(lines, func(l planned) bool { return !p.show.has(l) })
	counts["dry_run"], counts["wrong"], counts["problems_total"] = true, len(bad.lines), bad.total
	from := min(p.skip, len(lines))
	to := min(from+p.most, len(lines))
	if to < len(lines) {
		counts["next"] = to
	}
	out := rest.NewLines(c, m.Access)
	for _, l := range lines[from:to] {
		out.Put(l)
	}
	out.Write(counts)
	return nil
}

// clip is text as far as it is long enough to be known by.
func clip(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
