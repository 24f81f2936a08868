package bearer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"
)

// keySet is the issuer's published keys. go-oidc's own set fetches anew for
// every forged signature; this one only for key ids it does not know, and no
// more often than its limit, so that garbage cannot be turned against the issuer.
type keySet struct {
	url    string
	client *http.Client
	now    func() time.Time
	limit  *rate.Limiter
	group  singleflight.Group
	known  atomic.Pointer[published]
}

type published struct {
	keys []jose.JSONWebKey
	at   time.Time
}

const (
	keyLife    = time.Hour        // after which keys are fetched anew, so that a withdrawn one ends
	fetchEvery = 10 * time.Second // sustained rate of fetches
	fetchBurst = 5
	maxKeySet  = 1 << 20 // bytes
	badSig     = "The token's signature is wrong."
	unknownSig = "The token is signed with a key that the issuer does not publish."
	useSign    = "sig"
)

func newKeySet(url string, client *http.Client, now func() time.Time) *keySet {
	return &keySet{url: url, client: client, now: now, limit: rate.NewLimiter(rate.Every(fetchEvery), fetchBurst)}
}

// verify returns the payload of a token that one of the keys has signed. The
// algorithm has been checked by whoever parsed it.
func (k *keySet) verify(ctx context.Context, jws *jose.JSONWebSignature) ([]byte, error) {
	p := k.known.Load()
	if p != nil && k.now().Sub(p.at) < keyLife {
		if payload, decided, err := p.verify(jws); decided {
			return payload, err
		}
	}
	fresh, err := k.fetch(ctx)
	switch {
	case err == nil:
		p = fresh
	case errors.Is(err, errLimited) && p != nil, p != nil && p.has(jws.Signatures[0].Header.KeyID):
		// The keys of a while ago are better than none for tokens they fit.
	default:
		return nil, down(err)
	}
	payload, decided, err := p.verify(jws)
	if !decided {
		return nil, refused(unknownSig)
	}
	return payload, err
}

// verify tries the keys that fit. decided is false where a key that is not
// here might still fit.
func (p *published) verify(jws *jose.JSONWebSignature) (payload []byte, decided bool, err error) {
	h := jws.Signatures[0].Header
	for i := range p.keys {
		key := &p.keys[i]
		if h.KeyID != "" && key.KeyID != h.KeyID ||
			key.Use != "" && key.Use != useSign ||
			key.Algorithm != "" && key.Algorithm != h.Algorithm {
			continue
		}
		if payload, err := jws.Verify(key); err == nil {
			return payload, true, nil
		}
	}
	if h.KeyID != "" && p.has(h.KeyID) {
		return nil, true, refused(badSig)
	}
	return nil, false, nil
}

func (p *published) has(kid string) bool {
	for i := range p.keys {
		if p.keys[i].KeyID == kid {
			return true
		}
	}
	return false
}

var errLimited = errors.New("bearer: the issuer's keys were fetched too often lately")

// fetch gets the keys; concurrent callers share one request.
func (k *keySet) fetch(ctx context.Context) (*published, error) {
	c := k.group.DoChan("", func() (any, error) {
		if !k.limit.AllowN(k.now(), 1) {
			return nil, errLimited
		}
		// Not the request's context: whoever hangs up must not fail the others.
		ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
		defer cancel()
		keys, err := k.get(ctx)
		if err != nil {
			return nil, fmt.Errorf("bearer: fetch the issuer's keys: %w", err)
		}
		p := &published{keys: keys, at: k.now()}
		k.known.Store(p)
		return p, nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-c:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*published), nil
	}
}

func (k *keySet) get(ctx context.Context) ([]jose.JSONWebKey, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := k.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", k.url, resp.Status)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxKeySet)).Decode(&set); err != nil {
		return nil, err
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		// A kind of key that is not understood is passed over (RFC 7517, 5). A
		// secret or private key does not belong here and is never used.
		if json.Unmarshal(raw, &key) == nil && key.Valid() && key.IsPublic() {
			keys = append(keys, key)
		}
	}
	return keys, nil
}
