package merkle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ProofFormat is the value of Proof.Format.
const ProofFormat = "kith-proof-v1"

// Proof shows that one event is in the log of a checkpoint.
type Proof struct {
	Format string `json:"format"`
	Leaf
	Proof      []Hash `json:"proof"` // from the leaf up, as in RFC 6962
	Checkpoint string `json:"checkpoint"`
}

// ErrInvalid means that what was to be verified is malformed, or does not hold.
var ErrInvalid = errors.New("does not verify")

const (
	maxLine  = 8 << 20 // bytes of one line of JSON: an event of the largest message the log takes
	maxProof = 64      // hashes
)

// VerifyProof checks a proof read from r with the log's verifier key, which
// MUST come from elsewhere than the proof. It returns the event and the
// checkpoint that covers it, or ErrInvalid with what is wrong.
func VerifyProof(r io.Reader, verifierKey string) (Leaf, Checkpoint, error) {
	v, err := note.NewVerifier(verifierKey)
	if err != nil {
		return Leaf{}, Checkpoint{}, fmt.Errorf("the verifier key is malformed: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(r, maxLine+1))
	if err != nil {
		return Leaf{}, Checkpoint{}, fmt.Errorf("read the proof: %w", err)
	}
	if len(data) > maxLine {
		return Leaf{}, Checkpoint{}, fmt.Errorf("%w: longer than %d bytes", ErrInvalid, maxLine)
	}
	var p Proof
	if err := strict(data, &p); err != nil {
		return Leaf{}, Checkpoint{}, err
	}
	if p.Format != ProofFormat {
		return Leaf{}, Checkpoint{}, fmt.Errorf("%w: its format is not %s", ErrInvalid, ProofFormat)
	}
	c, err := OpenCheckpoint([]byte(p.Checkpoint), v)
	if err != nil {
		return Leaf{}, Checkpoint{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if err := included(p.Leaf, p.Leaf.Hash(), p.Proof, c); err != nil {
		return Leaf{}, Checkpoint{}, err
	}
	return p.Leaf, c, nil
}

func included(l Leaf, h Hash, proof []Hash, c Checkpoint) error {
	if l.Seq == 0 || l.Seq > c.Size || len(proof) > maxProof {
		return fmt.Errorf("%w: the checkpoint does not cover position %d", ErrInvalid, l.Seq)
	}
	if err := tlog.CheckRecord(proof, int64(c.Size), c.Root, int64(l.Seq-1), h); err != nil {
		return fmt.Errorf("%w: position %d is not what was signed: %w", ErrInvalid, l.Seq, err)
	}
	return nil
}

// strict decodes exactly one JSON object of known fields.
func strict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows on the JSON", ErrInvalid)
	}
	return nil
}
