package matching

import (
	"context"

	api "kith/api/openapi/matchingapi"
	"kith/pkg/rest"
)

// routingOf says how far an open request has been routed, nil if it is not open
// or nobody was asked yet. That everybody has said "not me" the asker alone reads.
func (s *service) routingOf(ctx context.Context, reader, request string) (*api.Routing, error) {
	d, ok, err := s.routing.Get(ctx, request)
	if err != nil || !ok || d.Step == "" {
		return nil, err
	}
	out := &api.Routing{
		Step: api.RoutingStep(d.Step), At: d.At, Answered: rest.Optional(len(d.Answers) > 0),
	}
	if reader == d.Asker {
		out.Because = rest.Optional(api.RoutingBecause(d.Because))
	}
	if d.Waiting || d.widens() != "" {
		step, _ := s.path.next(d)
		out.Next = &api.NextStep{Step: api.RoutingStep(step), Due: d.Due}
	}
	return out, nil
}
