package membership

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kith/api/sealed"
	"kith/pkg/access"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/view"
)

// What an import does to a unit or person; also the names of its counts.
const (
	doesCreate     = "created"
	doesChange     = "changed"
	doesMove       = "moved"
	doesReactivate = "reactivated"
	doesDeactivate = "deactivated"
	doesNothing    = "unchanged"
	doesWrong      = "wrong" // in a dry run
)

// step is what an import does because of one line, or because of a person
// whom no line names (line 0). Without apply it does nothing.
type step struct {
	line    int
	person  string
	does    []string
	changes []difference
	apply   func(ctx context.Context, m es.Meta) (uint64, error)
}

// difference is a column of a file that says something new.
type difference struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// differences compares triples of column, what is, and what the file says.
func differences(triples ...string) []difference {
	var out []difference
	for t := range slices.Chunk(triples, 3) {
		if t[1] != t[2] {
			out = append(out, difference{t[0], t[1], t[2]})
		}
	}
	return out
}

// peoplePlan is what an import of people does.
type peoplePlan struct {
	steps   []step // of the rows, in their order
	missing []step // of the active people whom a full file does not name
	active  int    // people before
	people  map[string]personDoc
}

// planPeople compares rows with the people that there are. What is as the row
// says gets a step that does nothing, so that a file sent twice does nothing
// the second time.
func (s *service) planPeople(ctx context.Context, rows []personRow, full bool, bad *problems) (plan peoplePlan, err error) {
	if plan.people, err = s.allPeople(ctx); err != nil {
		return plan, err
	}
	fromFiles, err := s.staff(ctx)
	if err != nil {
		return plan, err
	}
	codes := map[string]string{}
	for _, u := range s.core.Access.Units() {
		codes[u.ID] = u.Code
	}
	named := make(map[string]bool, len(rows))
	for _, row := range rows {
		st, id, err := s.planPerson(ctx, row, plan.people, fromFiles, codes, bad)
		if err != nil {
			return plan, err
		}
		named[id] = true
		plan.steps = append(plan.steps, st)
	}
	for _, d := range plan.people {
		if d.Active {
			plan.active++
		}
	}
	// Who is missing is known once every line can be read.
	if full && bad.total == 0 {
		plan.missing = s.missing(plan.people, fromFiles, named)
	}
	return plan, nil
}

// planPerson decides about one row. It returns the person whom the row names,
// "" for one who does not exist yet.
func (s *service) planPerson(ctx context.Context, row personRow, people map[string]personDoc, fromFiles map[string]bool, codes map[string]string, bad *problems) (step, string, error) {
	st := step{line: row.line, does: []string{doesNothing}}
	byNumber, _ := s.core.Access.Reserved(access.ReservationID(s.secret, KindStaffNumber, row.staffNumber))
	byEmail := ""
	if row.email != "" {
		byEmail, _ = s.core.Access.Reserved(access.ReservationID(s.secret, KindLogin, row.email))
	}
	id := byNumber
	switch {
	case byEmail == "" || byEmail == byNumber:
	case byNumber == "" && !fromFiles[byEmail]:
		id = byEmail // known by address so far; the file adds the number
	default:
		bad.add(problem{line: row.line, Field: "email", Code: "other-person", Reason: "belongs to another person"})
		return st, id, nil
	}
	d, exists := people[id]
	st.person = id
	switch {
	case d.Erased:
		bad.add(problem{
			line: row.line, Field: "external_id", Code: "being-erased",
			Reason: "the person with this number or address is being erased; send the file again in a minute",
		})
		return st, id, nil
	case !exists && row.active:
		st.does = []string{doesCreate}
		st.apply = s.creation(row)
		return st, id, nil
	case !exists:
		return st, id, nil // left before we knew them
	case !row.active && d.Active && s.isAuditor(id):
		bad.add(problem{
			line: row.line, Field: "active", Code: "auditor",
			Reason: "the person is an auditor; auditors are changed in the configuration of the deployment",
		})
		return st, id, nil
	case !row.active:
		if d.Active {
			st.does, st.apply = []string{doesDeactivate}, s.deactivation(id)
		}
		return st, id, nil
	}
	err := s.planChange(ctx, &st, row, d, codes, byNumber == "")
	return st, id, err
}

// planChange compares a row with the person as they are.
func (s *service) planChange(ctx context.Context, st *step, row personRow, d personDoc, codes map[string]string, adopt bool) error {
	name, err := s.core.Vault.Open(ctx, d.Name)
	if err != nil {
		return fmt.Errorf("compare line %d: %w", row.line, err)
	}
	email, err := s.core.Vault.Open(ctx, d.Email)
	if err != nil {
		return fmt.Errorf("compare line %d: %w", row.line, err)
	}
	at := d.present()
	record := differences("name", name, row.name, "email", email, row.email, "language", d.Language, row.language)
	if adopt {
		record = append(record, difference{"external_id", "", row.staffNumber})
	}
	moved := at.Unit != row.unit || at.Site != row.site
	st.changes = append(record, differences("unit_id", codes[at.Unit], codes[row.unit], "site", at.Site, row.site)...)
	var does []string
	for _, a := range []struct {
		holds bool
		does  string
	}{{len(record) > 0, doesChange}, {moved, doesMove}, {!d.Active, doesReactivate}} {
		if a.holds {
			does = append(does, a.does)
		}
	}
	if does == nil {
		return nil
	}
	st.does = does
	changed := name != row.name || email != row.email || d.Language != row.language
	st.apply = func(ctx context.Context, m es.Meta) (seq uint64, err error) {
		m = sub(m, "person", row.staffNumber)
		if adopt {
			if seq, err = s.reserve(ctx, m, d.ID, key{KindStaffNumber, row.staffNumber, "external_id"}); err != nil {
				return 0, err
			}
		}
		if changed {
			if seq, err = s.changeRecord(ctx, sub(m, doesChange), d.ID, row.record, email); err != nil {
				return 0, err
			}
		}
		if moved {
			seq, err = s.persons.Execute(ctx, d.ID, sub(m, doesMove), func(p person) (es.Event, error) { return p.Move(row.unit, row.site, sealed.Text{}) })
			if err != nil {
				return 0, err
			}
		}
		if !d.Active {
			seq, err = s.persons.Execute(ctx, d.ID, sub(m, doesReactivate), func(p person) (es.Event, error) { return p.Reactivate(sealed.Text{}) })
		}
		return seq, err
	}
	return nil
}

func (s *service) creation(row personRow) func(context.Context, es.Meta) (uint64, error) {
	return func(ctx context.Context, m es.Meta) (uint64, error) {
		keys := keysOf(row.staffNumber, row.email, "email")
		reg, err := s.register(ctx, sub(m, "person", row.staffNumber), row.record, keys)
		return reg.seq, err
	}
}

func (s *service) deactivation(id string) func(context.Context, es.Meta) (uint64, error) {
	return func(ctx context.Context, m es.Meta) (uint64, error) {
		return s.persons.Execute(ctx, id, sub(m, doesDeactivate, id), func(p person) (es.Event, error) { return p.Deactivate(sealed.Text{}) })
	}
}

// missing are the active people who came from files and whom no row names.
// Auditors stay until the configuration of the deployment names them no longer.
func (s *service) missing(people map[string]personDoc, fromFiles, named map[string]bool) []step {
	var steps []step
	for id, d := range people {
		if d.Active && fromFiles[id] && !named[id] && !s.isAuditor(id) {
			steps = append(steps, step{person: id, does: []string{doesDeactivate}, apply: s.deactivation(id)})
		}
	}
	slices.SortFunc(steps, func(a, b step) int { return strings.Compare(a.person, b.person) })
	return steps
}

// tooMany says whether more than 5 % of the active people are missing: more
// often than not that is a file that was cut off.
func (p peoplePlan) tooMany() bool { return len(p.missing)*20 > p.active }

// unconfirmed is the refusal to deactivate so many.
func (p peoplePlan) unconfirmed() error {
	return &fault.Error{
		Code:   fault.Invalid,
		Detail: fmt.Sprintf("%d of %d active people are missing in this file, which is more than 5 %%. Nothing was written. If they have all left, send it again with confirm=true.", len(p.missing), p.active),
		Fields: []fault.Field{{Field: "confirm", Reason: fmt.Sprintf("is needed to deactivate %d people", len(p.missing))}},
	}
}

func (s *service) allPeople(ctx context.Context) (map[string]personDoc, error) {
	all := map[string]personDoc{}
	for d, err := range s.people.All(ctx, view.Query{Index: "id"}, nil) {
		if err != nil {
			return nil, err
		}
		all[d.ID] = d
	}
	return all, nil
}

// staff are the people who have a staff number: those who came from files.
func (s *service) staff(ctx context.Context) (map[string]bool, error) {
	all := map[string]bool{}
	for d, err := range s.reserved.All(ctx, view.Query{Index: "kind", Equal: []any{KindStaffNumber}}, nil) {
		if err != nil {
			return nil, err
		}
		all[d.Person] = true
	}
	return all, nil
}
