package devissuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/go-jose/go-jose/v4"
)

// loadKey reads or makes the signing key and prepares the signers.
func (i *Issuer) loadKey() error {
	key, err := signingKey(i.cfg.KeyPath)
	if err != nil {
		return err
	}
	jwk := jose.JSONWebKey{Key: key, Algorithm: string(jose.ES256), Use: "sig"}
	thumb, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return fmt.Errorf("devissuer: name the signing key: %w", err)
	}
	jwk.KeyID = base64.RawURLEncoding.EncodeToString(thumb)
	i.keys = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{jwk.Public()}}
	signer := func(typ jose.ContentType) (jose.Signer, error) {
		s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jwk}, (&jose.SignerOptions{}).WithType(typ))
		if err != nil {
			return nil, fmt.Errorf("devissuer: make a signer: %w", err)
		}
		return s, nil
	}
	if i.signer, err = signer("at+jwt"); err != nil {
		return err
	}
	i.idSign, err = signer("JWT")
	return err
}

const pemType = "PRIVATE KEY"

// signingKey returns the P-256 key at path, which it makes if there is none;
// an empty path gives a key that is kept nowhere.
func signingKey(path string) (*ecdsa.PrivateKey, error) {
	if path != "" {
		b, err := os.ReadFile(path)
		switch {
		case err == nil:
			return parseKey(path, b)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("devissuer: read the signing key: %w", err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil || path == "" {
		return key, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("devissuer: encode the signing key: %w", err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}), 0o600); err != nil {
		return nil, fmt.Errorf("devissuer: keep the signing key: %w", err)
	}
	return key, nil
}

func parseKey(path string, b []byte) (*ecdsa.PrivateKey, error) {
	bad := fmt.Errorf("devissuer: %s holds no P-256 key in PEM; remove it and a new one is made", path)
	block, _ := pem.Decode(b)
	if block == nil || block.Type != pemType {
		return nil, bad
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, bad
	}
	key, ok := k.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, bad
	}
	return key, nil
}
