package kith

import (
	"context"

	"kith/pkg/app"
	"kith/services/audit"
	"kith/services/community"
	"kith/services/matching"
	"kith/services/membership"
	"kith/services/notification"
	"kith/services/portal"
)

// service is one that the process can run; open makes it from the settings.
type service struct {
	name string
	open func(ctx context.Context, c app.Core, s Settings) (app.Module, error)
}

// services are all that a process can run: the one list of them.
func services() []service {
	return []service{
		{"membership", func(ctx context.Context, c app.Core, s Settings) (app.Module, error) {
			return membership.New(ctx, c, s.Membership)
		}},
		{"community", func(ctx context.Context, c app.Core, s Settings) (app.Module, error) {
			return community.New(ctx, c, s.Community)
		}},
		{"matching", func(ctx context.Context, c app.Core, s Settings) (app.Module, error) {
			return matching.New(ctx, c, s.Matching)
		}},
		{"notification", func(ctx context.Context, c app.Core, s Settings) (app.Module, error) {
			return notification.New(ctx, c, s.Notification)
		}},
		{"audit", func(ctx context.Context, c app.Core, _ Settings) (app.Module, error) {
			return audit.New(ctx, c, audit.Config{})
		}},
		{"portal", func(ctx context.Context, c app.Core, s Settings) (app.Module, error) {
			return portal.New(ctx, c, s.Portal)
		}},
	}
}

// Targets are the names of the services that a process can run.
func Targets() []string {
	var names []string
	for _, s := range services() {
		names = append(names, s.name)
	}
	return names
}

// Modules are the constructors of the services that a process with these
// settings runs.
func Modules(settings Settings) []app.Constructor {
	var out []app.Constructor
	for _, s := range services() {
		if settings.runs(s.name) {
			out = append(out, func(ctx context.Context, c app.Core) (app.Module, error) { return s.open(ctx, c, settings) })
		}
	}
	return out
}
