package community

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/communityapi"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/pkg/view"
)

// What the figures say of themselves in every answer.
const (
	bridgesFormula = "The number of responses that their asker accepted or thanked for, each once, at the first of the two, between the unit in which the helper worked then and the one in which the asker worked then. Help within a unit is not counted. " +
		"Imported history counts where its time is known; before a person's first known unit that one counts."
	bridgesSuppression = "A figure counts at least five responses by at least five people for at least five people; all else is left out, none apart from few. It is rounded down to a multiple of five. " +
		"There are no totals, each response is counted in one level of the organisation alone, and windows end with the last complete month (UTC)."
)

// ListBridges answers which units helped which.
func (s *service) ListBridges(c echo.Context, p api.ListBridgesParams) error {
	if err := s.active(rest.Caller(c)); err != nil {
		return err
	}
	months := 12
	if p.Months != nil {
		months = int(*p.Months)
	}
	tree := newUnitTree(s.core.Access.Units(), s.core.Access.People())
	at, ok := tree.find(rest.Value(p.Below))
	if !ok {
		return fault.New(fault.NotFound, "There is no unit with this id that can be looked into. Begin at the top, and follow the units that say further.")
	}
	window := lastMonths(s.core.Now(), months)
	helps, err := s.helps(c.Request().Context(), window)
	if err != nil {
		return err
	}
	l := tree.below(at.unit)
	return c.JSON(http.StatusOK, shownBridges(tree, at, l, window, tree.bridges(l, helps)))
}

func shownBridges(tree unitTree, at place, l level, window span, all []bridge) api.Bridges {
	ids, more := tree.shown(l, all)
	out := api.Bridges{
		From: monthOf(window.from), To: monthOf(window.until.AddDate(0, -1, 0)), LeftOut: more, Above: []api.BridgeUnit{}, Units: []api.BridgeUnit{}, Items: []api.Bridge{},
		Least: leastCounted, Step: countStep, Formula: bridgesFormula, Suppression: bridgesSuppression,
	}
	for _, id := range at.above {
		out.Above = append(out.Above, api.BridgeUnit{Id: id, Name: tree.units[id].Name, Further: true})
	}
	if at.unit != "" {
		out.Below = &api.BridgeUnit{Id: at.unit, Name: tree.units[at.unit].Name, Further: true}
	}
	for _, id := range ids {
		out.Units = append(out.Units, api.BridgeUnit{
			Id: id, Name: tree.units[id].Name, Further: !l.alone[id] && tree.further(id), Alone: rest.Optional(l.alone[id]),
		})
	}
	for _, b := range all {
		if slices.Contains(ids, b.by) && slices.Contains(ids, b.to) {
			out.Items = append(out.Items, api.Bridge{Helper: b.by, Asker: b.to, AtLeast: b.atLeast})
		}
	}
	return out
}

// helps are all responses that helped within a window.
func (s *service) helps(ctx context.Context, window span) ([]help, error) {
	where, err := s.whereabouts(ctx)
	if err != nil {
		return nil, err
	}
	var all []help
	for _, month := range window.months() {
		for d, err := range s.help.All(ctx, view.Query{Index: "help", Equal: []any{month}}, nil) {
			if err != nil {
				return nil, err
			}
			for _, h := range d.Helped {
				if monthOf(h.At) == month {
					all = append(all, help{helper: h.Helper, asker: d.Asker, by: where[h.Helper].at(h.At), to: where[d.Asker].at(h.At)})
				}
			}
		}
	}
	return all, nil
}

// whereabouts are the affiliations of everybody.
func (s *service) whereabouts(ctx context.Context) (map[string]affiliationsDoc, error) {
	all := map[string]affiliationsDoc{}
	for d, err := range s.affiliations.All(ctx, view.Query{Index: "person"}, nil) {
		if err != nil {
			return nil, err
		}
		all[d.Person] = d
	}
	return all, nil
}
