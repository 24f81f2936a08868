package rest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"

	"github.com/labstack/echo/v4"

	"kith/pkg/fault"
)

const maxCursor = 512 // bytes, encoded

// cursors hides where a page ended. A filtered page can end at something that
// the caller may not see; its id and time must not travel in the cursor. And a
// cursor is good only for the caller and the list that it was made for.
type cursors struct {
	aead cipher.AEAD
	mac  []byte
}

func newCursors(secret []byte) (cursors, error) {
	key := sha256.Sum256(append([]byte("encrypt"), secret...))
	mac := sha256.Sum256(append([]byte("nonce"), secret...))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return cursors{}, fmt.Errorf("rest: cursors: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return cursors{}, fmt.Errorf("rest: cursors: %w", err)
	}
	return cursors{aead, mac[:]}, nil
}

// hide returns the cursor for place in list. The nonce comes from the content,
// so that the same page has the same cursor.
func (x cursors) hide(list, place []byte) string {
	h := hmac.New(sha256.New, x.mac)
	_, _ = h.Write(append(list[:len(list):len(list)], 0)) // a hash takes everything
	_, _ = h.Write(place)
	nonce := h.Sum(nil)[:x.aead.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(x.aead.Seal(nonce, nonce, place, list))
}

// show is the inverse of hide. Returns Invalid for what hide did not make for
// this list.
func (x cursors) show(list []byte, cursor string) ([]byte, error) {
	if len(cursor) > maxCursor {
		return nil, badCursor()
	}
	hidden, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	n := x.aead.NonceSize()
	if err != nil || len(hidden) < n {
		return nil, badCursor()
	}
	place, err := x.aead.Open(nil, hidden[:n], hidden[n:], list)
	if err != nil {
		return nil, badCursor()
	}
	return place, nil
}

// pagedList names what a request asks a page of: the caller, the address, and the
// query parameters that decide what is in the list.
func pagedList(c echo.Context, person string) []byte {
	q := maps.Clone(c.QueryParams()) // echo keeps the original for the handler
	q.Del("limit")
	q.Del("cursor")
	return []byte(person + "\x00" + c.Request().URL.Path + "?" + q.Encode())
}

func badCursor() error {
	return fault.InvalidField("cursor", "must be the value of next in an earlier answer to you of the same list; begin again without it")
}
