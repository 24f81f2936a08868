package merkle

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint says that the first Size events have the head Root.
type Checkpoint struct {
	Origin string // names the log; also the name of its key
	Size   uint64
	Root   Hash
	Time   time.Time // when it was signed, as its signer says; to the second
}

// ErrCheckpoint means that a checkpoint is malformed, of another log, or not signed with
// the key.
var ErrCheckpoint = errors.New("merkle: not a checkpoint of this log")

const (
	maxNote    = 4096 // bytes
	timePrefix = "time "
)

// NewKey makes a key pair for the log named origin: the signer's form, which
// is secret, and the verifier's.
func NewKey(random io.Reader, origin string) (signer, verifier string, err error) {
	return note.GenerateKey(random, origin)
}

// Sign returns the signed note of c: its lines are origin, size, root in
// base64, and the extension "time" with an RFC 3339 time in UTC.
func (c Checkpoint) Sign(signer note.Signer) ([]byte, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n%s%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]),
		timePrefix, c.Time.UTC().Format(time.RFC3339))
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return nil, fmt.Errorf("merkle: sign checkpoint: %w", err)
	}
	return signed, nil
}

// OpenCheckpoint returns what a signed note says. Extensions that it does not
// know are passed over. Returns ErrCheckpoint.
func OpenCheckpoint(signed []byte, verifier note.Verifier) (Checkpoint, error) {
	if len(signed) > maxNote {
		return Checkpoint{}, fmt.Errorf("%w: longer than %d bytes", ErrCheckpoint, maxNote)
	}
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	for _, sig := range n.Sigs { // two texts of one signature would be two notes of one checkpoint
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return Checkpoint{}, fmt.Errorf("%w: its signature is not in canonical form", ErrCheckpoint)
		}
	}
	lines := strings.Split(strings.TrimSuffix(n.Text, "\n"), "\n")
	if len(lines) < 3 {
		return Checkpoint{}, fmt.Errorf("%w: fewer than three lines", ErrCheckpoint)
	}
	c := Checkpoint{Origin: lines[0]}
	if c.Origin != verifier.Name() {
		return Checkpoint{}, fmt.Errorf("%w: its origin is %.100q", ErrCheckpoint, c.Origin)
	}
	if c.Size, err = strconv.ParseUint(lines[1], 10, 62); err != nil || strconv.FormatUint(c.Size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("%w: its size is no number", ErrCheckpoint)
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != len(c.Root) {
		return Checkpoint{}, fmt.Errorf("%w: its root is no hash", ErrCheckpoint)
	}
	copy(c.Root[:], root)
	for _, line := range lines[3:] {
		if v, ok := strings.CutPrefix(line, timePrefix); ok {
			if c.Time, err = time.Parse(time.RFC3339, v); err != nil {
				return Checkpoint{}, fmt.Errorf("%w: its time is none", ErrCheckpoint)
			}
		}
	}
	return c, nil
}
