package matching

import (
	"context"

	"kith/pkg/app"
)

// NewLinked is New where links says which communities one is linked with.
func NewLinked(ctx context.Context, core app.Core, cfg Config, links func(community string) []string) (app.Module, error) {
	s, err := newService(ctx, core, cfg)
	if err != nil {
		return app.Module{}, err
	}
	s.path.links = links
	return s.module()
}
