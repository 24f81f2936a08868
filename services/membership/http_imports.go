package membership

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"

	api "kith/api/openapi/membershipapi"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
)

// importers is how many lines are written at once. The log takes one fsync at a
// time, and shares it among those who wait.
const importers = 16

// progressEvery is how many steps lie between two lines of progress.
const progressEvery = 100

// ImportUnits answers POST /imports/units.
func (s *service) ImportUnits(c echo.Context, in api.ImportUnitsParams) error {
	m, err := s.administration(c)
	if err != nil {
		return err
	}
	s.tree.Lock()
	defer s.tree.Unlock()
	if err := s.core.Follower.CatchUp(c.Request().Context()); err != nil {
		return err
	}
	m.Access = s.core.Access.Position()
	dry := rest.Value(in.DryRun)
	bad := newProblems(dry)
	rows, err := readUnits(rest.Body(c), bad)
	if err != nil {
		return err
	}
	waves := s.planUnits(rows, bad)
	if dry {
		return foretellUnits(c, m, rows, slices.Concat(waves...), bad, in)
	}
	if err := bad.err(); err != nil {
		return err
	}
	return carryOut(c, m, waves, doesCreate, doesChange)
}

// ImportPeople answers POST /imports/people.
func (s *service) ImportPeople(c echo.Context, in api.ImportPeopleParams) error {
	m, err := s.administration(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	// Compared with what was true when the command arrived, not before.
	if err := s.core.Follower.CatchUp(ctx); err != nil {
		return err
	}
	m.Access = s.core.Access.Position()
	dry := rest.Value(in.DryRun)
	bad := newProblems(dry)
	rows, err := readPeople(rest.Body(c), s.unitsByCode(), s.cfg.Language, bad)
	if err != nil {
		return err
	}
	plan, err := s.planPeople(ctx, rows, rest.Value(in.Full), bad)
	if err != nil {
		return err
	}
	if dry {
		return s.foretellPeople(c, m, rows, plan, bad, in)
	}
	if err := bad.err(); err != nil {
		return err
	}
	if plan.tooMany() && !rest.Value(in.Confirm) {
		return plan.unconfirmed()
	}
	return carryOut(c, m, [][]step{slices.Concat(plan.steps, plan.missing)}, peopleDoes()...)
}

func peopleDoes() []string {
	return []string{doesCreate, doesChange, doesMove, doesReactivate, doesDeactivate}
}

// carryOut writes what was planned, wave after wave, and streams how far it is.
func carryOut(c echo.Context, m es.Meta, waves [][]step, kinds ...string) error {
	counts := countsOf(slices.Concat(waves...), kinds)
	total := 0
	for i, wave := range waves {
		waves[i] = toDo(wave)
		total += len(waves[i])
	}
	out := &writing{to: rest.NewLines(c, m.Access), total: total, seq: m.Access}
	for _, wave := range waves {
		if err := out.apply(c.Request().Context(), m, wave); err != nil {
			// The answer has begun: the problem is its last line.
			out.to.Write(map[string]any{"error": rest.ProblemOf(err), "done": out.done, "total": total, "seq": out.seq})
			return err
		}
	}
	counts["seq"] = out.seq
	out.to.Write(counts)
	return nil
}

// toDo are the steps that do something.
func toDo(steps []step) []step {
	return slices.DeleteFunc(steps, func(st step) bool { return st.apply == nil })
}

// countsOf says how many steps do each of kinds, or nothing.
func countsOf(steps []step, kinds []string) map[string]any {
	n := map[string]int{}
	for _, st := range steps {
		for _, does := range st.does {
			n[does]++
		}
	}
	counts := map[string]any{doesNothing: n[doesNothing]}
	for _, kind := range kinds {
		counts[kind] = n[kind]
	}
	return counts
}

// writing is an import on its way into the log, with the answer that says how
// far it is.
type writing struct {
	to rest.Lines

	mu    sync.Mutex
	done  int
	total int
	seq   uint64 // position of the last event
}

func (w *writing) apply(ctx context.Context, m es.Meta, wave []step) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(importers)
	for _, st := range wave {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error {
			seq, err := st.apply(ctx, m)
			if err == nil {
				w.progress(seq)
			}
			return err
		})
	}
	return g.Wait()
}

func (w *writing) progress(seq uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done++
	w.seq = max(w.seq, seq)
	if w.done%progressEvery == 0 || w.done == w.total {
		w.to.Write(map[string]int{"done": w.done, "total": w.total})
	}
}

// ImportAuthors answers POST /imports/authors.
func (s *service) ImportAuthors(c echo.Context, _ api.ImportAuthorsParams) error {
	var in api.Authors
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	m, err := s.administration(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := s.core.Follower.CatchUp(ctx); err != nil {
		return err
	}
	records, err := s.authors(in.Items)
	if err != nil {
		return err
	}
	out := &api.AuthorPage{Items: make([]api.FoundAuthor, len(records)), Seq: m.Access}
	var mu sync.Mutex
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(importers)
	for i, r := range records {
		g.Go(func() error {
			reg, err := s.register(gctx, sub(m, "author", r.staffNumber), r, keysOf(r.staffNumber, r.email, "email"))
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			out.Items[i] = api.FoundAuthor{ExternalId: r.staffNumber, Person: reg.person, Created: reg.created}
			out.Seq = max(out.Seq, reg.seq)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return rest.Done(c, out.Seq, http.StatusOK, out)
}

// authors checks all items before anything is written.
func (s *service) authors(items []api.Author) ([]record, error) {
	e := &fault.Error{Code: fault.Invalid, Detail: "Some authors cannot be taken. Nothing was written."}
	units := s.unitsByCode()
	ids, emails := map[string]bool{}, map[string]bool{}
	records := make([]record, len(items))
	for i, a := range items {
		r := record{name: a.Name, email: rest.Value(a.Email), staffNumber: a.ExternalId, language: rest.Value(a.Language)}
		refuse := func(field, reason string) {
			if reason != "" && len(e.Fields) < maxProblems {
				e.Fields = append(e.Fields, fault.Field{Field: "items." + strconv.Itoa(i) + "." + field, Reason: reason})
			}
		}
		if r.language == "" {
			r.language = s.cfg.Language
		}
		if unit := rest.Value(a.UnitId); unit != "" {
			if r.unit = units[unit]; r.unit == "" {
				r.unit = unit // the id itself
			}
			if s.openUnit(r.unit, "unit_id") != nil {
				refuse("unit_id", "there is no unit in use with this id or code")
			}
		}
		refuse("external_id", fault.WrongLine(r.staffNumber))
		refuse("name", fault.WrongLine(r.name))
		refuse("email", wrongEmail(r.email))
		refuse("language", wrongLanguage(r.language))
		refuse("external_id", twice(ids, r.staffNumber))
		refuse("email", twice(emails, r.email))
		refuse("email", s.emailTaken(r))
		records[i] = r
	}
	if len(e.Fields) > 0 {
		return nil, e
	}
	return records, nil
}
