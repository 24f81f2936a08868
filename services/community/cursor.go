package community

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"kith/pkg/fault"
	"kith/pkg/rest"
)

// cursors hides where a page ended. A filtered page can end at a document that
// the caller may not see; its id and time must not travel in the cursor.
type cursors struct {
	aead cipher.AEAD
	mac  []byte
}

func newCursors(secret []byte) (cursors, error) {
	key := sha256.Sum256(append([]byte("encrypt"), secret...))
	mac := sha256.Sum256(append([]byte("nonce"), secret...))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return cursors{}, fmt.Errorf("cursors: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return cursors{}, fmt.Errorf("cursors: %w", err)
	}
	return cursors{aead, mac[:]}, nil
}

// hide returns the cursor as person gets it for list, "" for "".
func (c cursors) hide(person, list, cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	h := hmac.New(sha256.New, c.mac)
	h.Write([]byte(person + "\x00" + list + "\x00"))
	h.Write([]byte(cursor))
	nonce := h.Sum(nil)[:c.aead.NonceSize()]
	return rest.NextCursor(c.aead.Seal(nonce, nonce, []byte(cursor), []byte(person+"\x00"+list)))
}

// show is the inverse of hide. Returns Invalid for what hide did not make for
// this person and list.
func (c cursors) show(person, list string, page rest.Page) (string, error) {
	var hidden []byte
	ok, err := page.Cursor(&hidden)
	if err != nil || !ok {
		return "", err
	}
	n := c.aead.NonceSize()
	if len(hidden) < n {
		return "", badCursor()
	}
	shown, err := c.aead.Open(nil, hidden[:n], hidden[n:], []byte(person+"\x00"+list))
	if err != nil {
		return "", badCursor()
	}
	return string(shown), nil
}

func badCursor() error {
	return fault.InvalidField("cursor", "must be the value of next in an earlier answer to you of the same list")
}
