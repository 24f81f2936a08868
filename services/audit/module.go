// Package audit is the service that makes the log trustworthy: it hashes every
// event into a Merkle tree outside of the log, signs checkpoints of it, and
// lets auditors read, verify and export the log, each look of theirs an event.
// It also gives everybody what the log has about themselves.
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

	wire "kith/api/events"
	events "kith/api/events/audit"
	api "kith/api/openapi/auditapi"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/react"
	"kith/pkg/view"
	"kith/services/audit/merkle"
)

// service is the module: the tree, and what the process gave it. It implements
// the contract. Checkpoints and reads keep no state, so it appends them itself.
type service struct {
	core     app.Core
	cfg      Config
	log      es.Ranger
	tree     *merkle.Tree
	folder   *folder
	causes   *causes
	consents *es.Repo[consent]
	desk     desk
	written  map[string]wire.Entry // where each event is stored, by its type

	random     sync.Mutex // guards core.Random
	announcing sync.Mutex // guards told
	told       uint64     // size of the newest checkpoint known to be in the log
	verifying  sync.Mutex // held while a verification runs
	last       atomic.Pointer[api.Verification]
	damaged    atomic.Bool // by the last look, light or thorough
}

// New makes the module. It opens the tree below core.Data and makes the
// signing key there at the first start. core.Events must be an es.Ranger.
func New(_ context.Context, core app.Core, cfg Config) (app.Module, error) {
	m := app.Module{Name: events.Context}
	s, err := newService(core, cfg)
	if err != nil {
		return m, err
	}
	if m.Spec, err = api.GetSpecJSON(); err != nil {
		return m, fmt.Errorf("read the contract: %w", err)
	}
	m.Routes = func(r app.Router) { api.RegisterHandlers(r, s) }
	m.Folders = s.folders()
	m.Due = s.due()
	m.Checkpoint = s.newestCheckpoint
	return m, nil
}

func newService(core app.Core, cfg Config) (*service, error) {
	cfg.complete()
	s := &service{core: core, cfg: cfg, written: writtenWhere(), consents: app.Repo(core, events.Context, events.Consent, foldConsent)}
	var ok bool
	if s.log, ok = core.Events.(es.Ranger); !ok {
		return nil, errors.New("this log cannot be read by position")
	}
	var err error
	if s.tree, err = merkle.Open(Folder(core.Data), merkle.Options{Origin: cfg.Origin, Random: core.Random}); err != nil {
		return nil, err
	}
	if s.tree.Reset() {
		core.Log.Warn("audit: the kept hashes do not give the newest checkpoint; all are derived from the log again")
	}
	s.folder, s.causes = &folder{tree: s.tree}, &causes{}
	return s, s.measure(core.Metrics)
}

func (s *service) folders() []view.Folder { return []view.Folder{s.folder, s.causes} }

const (
	signEvery  = time.Second // between looks whether to sign
	checkEvery = 30 * time.Second
)

func (s *service) due() []react.Due {
	return []react.Due{
		{Name: "audit-checkpoint", Every: signEvery, Tick: s.signDue},
		{Name: "audit-check", Every: checkEvery, Tick: func(ctx context.Context, _ time.Time) error { return s.check(ctx) }},
	}
}
