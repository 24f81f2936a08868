package membership

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
)

// step is what an import does because of one line, or because of a person
// whom no line names (line 0).
type step struct {
	line   int
	person string
	does   []string
	apply  func(ctx context.Context, m es.Meta) (uint64, error)
}

// planPeople compares rows with the people that there are. What is as the row
// says gets no step, so that a file sent twice does nothing the second time.
func (s *service) planPeople(ctx context.Context, rows []personRow, full, confirm bool, bad *problems) (steps []step, unchanged int, err error) {
	people, err := s.allPeople(ctx)
	if err != nil {
		return nil, 0, err
	}
	fromFiles, err := s.staff(ctx)
	if err != nil {
		return nil, 0, err
	}
	named := make(map[string]bool, len(rows))
	for _, row := range rows {
		st, id, err := s.planPerson(ctx, row, people, fromFiles, bad)
		if err != nil {
			return nil, 0, err
		}
		named[id] = true
		if len(st.does) == 0 {
			unchanged++
			continue
		}
		steps = append(steps, st)
	}
	if full {
		missing := s.missing(people, fromFiles, named)
		if err := tooMany(len(missing), people, confirm); err != nil {
			return nil, 0, err
		}
		steps = append(steps, missing...)
	}
	return steps, unchanged, nil
}

// planPerson decides about one row. It returns the person whom the row names,
// "" for one who does not exist yet.
func (s *service) planPerson(ctx context.Context, row personRow, people map[string]personDoc, fromFiles map[string]bool, bad *problems) (step, string, error) {
	st := step{line: row.line}
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
		bad.add(row.line, "email", "belongs to another person")
		return st, id, nil
	}
	d, exists := people[id]
	switch {
	case d.Erased:
		bad.add(row.line, "external_id", "the person with this number or address is being erased; send the file again in a minute")
		return st, id, nil
	case !exists && row.active:
		st.does = []string{doesCreate}
		st.apply = s.creation(row)
		return st, id, nil
	case !exists:
		return st, id, nil // left before we knew them
	case !row.active && d.Active && s.isAuditor(id):
		bad.add(row.line, "active", "the person is an auditor; auditors are changed in the configuration of the deployment")
		return st, id, nil
	case !row.active:
		if d.Active {
			st.person, st.does, st.apply = id, []string{doesDeactivate}, s.deactivation(id)
		}
		return st, id, nil
	}
	err := s.planChange(ctx, &st, row, d, byNumber == "")
	return st, id, err
}

// planChange compares a row with the person as they are.
func (s *service) planChange(ctx context.Context, st *step, row personRow, d personDoc, adopt bool) error {
	name, err := s.core.Vault.Open(ctx, d.Name)
	if err != nil {
		return fmt.Errorf("compare line %d: %w", row.line, err)
	}
	email, err := s.core.Vault.Open(ctx, d.Email)
	if err != nil {
		return fmt.Errorf("compare line %d: %w", row.line, err)
	}
	at := d.present()
	changed := name != row.name || email != row.email || d.Language != row.language
	moved := at.Unit != row.unit || at.Site != row.site
	for _, a := range []struct {
		holds bool
		does  string
	}{{changed || adopt, doesChange}, {moved, doesMove}, {!d.Active, doesReactivate}} {
		if a.holds {
			st.does = append(st.does, a.does)
		}
	}
	st.person = d.ID
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
			seq, err = s.persons.Execute(ctx, d.ID, sub(m, doesMove), func(p person) (es.Event, error) { return p.Move(row.unit, row.site) })
			if err != nil {
				return 0, err
			}
		}
		if !d.Active {
			seq, err = s.persons.Execute(ctx, d.ID, sub(m, doesReactivate), person.Reactivate)
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
		return s.persons.Execute(ctx, id, sub(m, doesDeactivate, id), person.Deactivate)
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

// tooMany refuses to deactivate more than 5 % of the active people unconfirmed:
// more often than not that is a file that was cut off.
func tooMany(missing int, people map[string]personDoc, confirm bool) error {
	active := 0
	for _, d := range people {
		if d.Active {
			active++
		}
	}
	if confirm || missing*20 <= active {
		return nil
	}
	return &fault.Error{
		Code:   fault.Invalid,
		Detail: fmt.Sprintf("%d of %d active people are missing in this file, which is more than 5 %%. Nothing was written. If they have all left, send it again with confirm=true.", missing, active),
		Fields: []fault.Field{{Field: "confirm", Reason: fmt.Sprintf("is needed to deactivate %d people", missing)}},
	}
}

func (s *service) allPeople(ctx context.Context) (map[string]personDoc, error) {
	all := map[string]personDoc{}
	for q := (view.Query{Index: "id", Limit: view.MaxLimit - 1}); ; {
		page, err := s.people.Find(ctx, q, nil)
		if err != nil {
			return nil, err
		}
		for _, d := range page.Items {
			all[d.ID] = d
		}
		if q.After = page.Next; q.After == "" {
			return all, nil
		}
	}
}

// staff are the people who have a staff number: those who came from files.
func (s *service) staff(ctx context.Context) (map[string]bool, error) {
	all := map[string]bool{}
	for q := (view.Query{Index: "kind", Equal: []any{KindStaffNumber}, Limit: view.MaxLimit - 1}); ; {
		page, err := s.reserved.Find(ctx, q, nil)
		if err != nil {
			return nil, err
		}
		for _, d := range page.Items {
			all[d.Person] = true
		}
		if q.After = page.Next; q.After == "" {
			return all, nil
		}
	}
}
