package kith

import (
	"context"

	"kith/pkg/app"
	"kith/services/community"
	"kith/services/membership"
)

// services are the constructors of the services that this process runs.
func (p *Process) services() []app.Constructor {
	s := p.settings
	all := []struct {
		name string
		make app.Constructor
	}{
		{"membership", func(ctx context.Context, c app.Core) (app.Module, error) {
			return membership.New(ctx, c, membership.Config{Administrators: s.Administrators, Auditors: s.Auditors})
		}},
		{"community", func(ctx context.Context, c app.Core) (app.Module, error) {
			return community.New(ctx, c, community.Config{})
		}},
	}
	var out []app.Constructor
	for _, service := range all {
		if s.runs(service.name) {
			out = append(out, service.make)
		}
	}
	return out
}
