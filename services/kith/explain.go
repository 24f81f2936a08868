package kith

import (
	"context"
	"crypto/rand"

	"kith/pkg/es/esjs"
	"kith/pkg/host"
	"kith/pkg/vault"
	"kith/services/matching"
)

// ExplainRanking reads from the log of a data folder, whether its Kith runs or
// not, how the helpers proposed for a request were ranked. MasterKey is the file of
// the master key; "": the one in the folder.
func ExplainRanking(ctx context.Context, data, masterKey, request string) ([]matching.Explained, error) {
	js, done, err := logOf(data)
	if err != nil {
		return nil, err
	}
	defer done()
	var s Settings
	s.Data, s.MasterKey = data, masterKey
	master, err := vault.LoadMaster(s.masterKeyPath())
	if err != nil {
		return nil, err
	}
	return matching.Explain(ctx, esjs.Open(js, host.Codec(), host.Now), vault.New(master, vault.NewStreamKeys(js), rand.Reader), request)
}
