package kith

import (
	"context"

	"kith/pkg/app"
	"kith/services/audit"
	"kith/services/community"
	"kith/services/matching"
	"kith/services/membership"
	"kith/services/notification"
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
			return community.New(ctx, c, community.Config{NoThanks: s.NoThanks})
		}},
		{"matching", func(ctx context.Context, c app.Core) (app.Module, error) {
			return matching.New(ctx, c, matching.Config{})
		}},
		{"notification", func(ctx context.Context, c app.Core) (app.Module, error) {
			return notification.New(ctx, c, notification.Config{Mail: notification.Mail{
				Host: s.Mail.Host, Port: s.Mail.Port, From: s.Mail.From, Username: s.Mail.Username,
				PasswordFile: s.Mail.PasswordFile, TLS: s.Mail.TLS, BaseURL: s.Mail.BaseURL,
			}})
		}},
		{"audit", func(ctx context.Context, c app.Core) (app.Module, error) {
			return audit.New(ctx, c, audit.Config{})
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
