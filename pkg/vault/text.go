package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"kith/api/sealed"
)

const nonceBytes = 12 // of GCM

// sealText encrypts plain for one field of one event.
func sealText(key cipher.AEAD, id ID, event, field string, nonce []byte, plain string) (sealed.Text, error) {
	if strings.Contains(event, ":") || strings.Contains(field, ":") {
		return sealed.Text{}, fmt.Errorf("vault: event %q or field %q holds a colon, which separates the parts of a sealed text", event, field)
	}
	b := sealed.Box{Person: id.Person, Class: id.Class, Event: event, Field: field}
	b.Bytes = key.Seal(nonce, nonce, []byte(plain), bound(b))
	return sealed.Seal(b), nil
}

// openText is the inverse of sealText. It uses up the bytes of b.
func openText(key cipher.AEAD, b sealed.Box) (string, error) {
	if len(b.Bytes) < nonceBytes {
		return "", tampered(b, errors.New("too short"))
	}
	plain, err := key.Open(b.Bytes[nonceBytes:nonceBytes], b.Bytes[:nonceBytes], b.Bytes[nonceBytes:], bound(b))
	if err != nil {
		return "", tampered(b, err)
	}
	return string(plain), nil
}

func tampered(b sealed.Box, err error) error {
	return fmt.Errorf("%w (event %.64q, field %.64q): %w", ErrTampered, b.Event, b.Field, err)
}

// bound is the place that the ciphertext is tied to.
func bound(b sealed.Box) []byte {
	return additional("kith/text/v1", b.Person, string(b.Class), b.Event, b.Field)
}

// additional encodes parts so that no two lists of parts look the same.
func additional(parts ...string) []byte {
	size := 0
	for _, p := range parts {
		size += 4 + len(p)
	}
	a := make([]byte, 0, size)
	for _, p := range parts {
		a = binary.BigEndian.AppendUint32(a, uint32(len(p)))
		a = append(a, p...)
	}
	return a
}

func aead(key [keyBytes]byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("vault: cipher: %w", err)
	}
	a, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("vault: cipher: %w", err)
	}
	return a, nil
}
