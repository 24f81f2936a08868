// Package audit is the service that makes the log trustworthy: it hashes every
// event into a Merkle tree outside of the log, signs checkpoints of it, and
// lets auditors read, verify and export the log, each look of theirs an event.
//
// What can be verified without the service is in the package merkle.
package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	api "kith/api/openapi/auditapi"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/react"
	"kith/pkg/view"

	events "kith/api/events/audit"
	"kith/services/audit/merkle"
)

// Name is the service's name: the context of its events and its place in addresses.
const Name = events.Context

// service is what handlers and due work share.
type service struct {
	core   app.Core
	cfg    Config
	log    es.Ranger
	tree   *merkle.Tree
	folder *folder

	random     sync.Mutex // guards core.Random
	announcing sync.Mutex // guards told
	told       uint64     // size of the newest checkpoint known to be in the log
	verifying  sync.Mutex // held while a verification runs
	last       atomic.Pointer[api.Verification]
	damaged    atomic.Bool // by the last look, light or thorough
}

const (
	signEvery  = time.Second // between looks whether to sign
	checkEvery = 30 * time.Second
)

// New makes the module. It opens the tree below core.Data and makes the
// signing key there at the first start. core.Events must be an es.Ranger.
func New(_ context.Context, core app.Core, cfg Config) (app.Module, error) {
	m := app.Module{Name: Name}
	s := &service{core: core, cfg: cfg.complete()}
	var ok bool
	if s.log, ok = core.Events.(es.Ranger); !ok {
		return m, errors.New("audit: this log cannot be read by position")
	}
	var err error
	if s.tree, err = merkle.Open(Folder(core.Data), merkle.Options{Origin: s.cfg.Origin, Random: core.Random}); err != nil {
		return m, fmt.Errorf("audit: %w", err)
	}
	if s.tree.Reset() {
		core.Log.Warn("audit: the kept hashes do not give the newest checkpoint; all are derived from the log again")
	}
	s.folder = &folder{tree: s.tree}
	if err := s.measure(core.Metrics); err != nil {
		return m, err
	}
	if m.Spec, err = api.GetSpecJSON(); err != nil {
		return m, fmt.Errorf("audit: read the OpenAPI document: %w", err)
	}
	m.Routes = func(r app.Router) { api.RegisterHandlers(r, s) }
	m.Folders = []view.Folder{s.folder}
	m.Due = []react.Due{
		{Name: "audit-checkpoint", Every: signEvery, Tick: s.signDue},
		{Name: "audit-check", Every: checkEvery, Tick: func(ctx context.Context, _ time.Time) error { return s.check(ctx) }},
	}
	return m, nil
}
