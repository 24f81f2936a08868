package kith

import (
	"context"
	"errors"
	"fmt"

	"kith/api/openapi/auditapi"
	"kith/pkg/es"
	"kith/pkg/es/esjs"
	"kith/pkg/host"
	"kith/pkg/vault"
	"kith/services/audit"
)

// VerifyData verifies the log of a data folder whose Kith does not run. It
// needs neither keys nor views, so it works where Kith does not start.
func VerifyData(ctx context.Context, data string, progress func(done, total uint64)) (auditapi.Verification, error) {
	log, err := openLog(data, 0, nil)
	if err != nil {
		return auditapi.Verification{}, err
	}
	defer log.close()
	return audit.VerifyFolder(ctx, esjs.Open(log.js, host.Codec(), host.Now), data, host.Now, progress)
}

// explain says what to do about a log that cannot be read to its end, or not
// with this key.
func (p *Process) explain(err error) error {
	if errors.Is(err, vault.ErrMaster) {
		return fmt.Errorf("%w\nNothing was changed. Put back the master key that this log was written with: %s",
			err, p.settings.masterKeyPath())
	}
	if errors.Is(err, es.ErrGap) {
		return fmt.Errorf("%w\nThe log is damaged and nothing is served from it. "+
			"kith audit verify --data %s says where; restore the log from a backup", err, p.settings.Data)
	}
	return err
}
