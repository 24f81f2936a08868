package viewmongo

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"go.mongodb.org/mongo-driver/bson"

	"kith/pkg/view"
)

// ErrTooLarge is returned for a document that does not fit into one of
// MongoDB's, which hold 16 MiB.
var ErrTooLarge = errors.New("viewmongo: the document is larger than 16 MiB")

const maxStored = 16 << 20

// Names of the fields of what is stored. Those of the indexes come beside them.
const (
	keyField = "_id"
	seqField = "seq"
	docField = "doc"
)

// checkpointID is the key of the checkpoint. It is no string, as those of all
// documents are.
const checkpointID = int32(0)

// stored is a document as it is read. The JSON is kept as text: BSON has no
// unsigned numbers, cuts times to milliseconds and gives dots and dollars in
// the keys of maps a meaning, and nobody but the view asks for its fields.
type stored struct {
	Key string  `bson:"_id"`
	Seq int64   `bson:"seq"`
	Doc *string `bson:"doc"` // nil: deleted at Seq
}

// position is a checkpoint as it is read.
type position struct {
	Seq int64 `bson:"seq"`
}

// state is a document while it is folded.
type state struct {
	seq   uint64
	doc   any // a *D; nil if there is none
	dirty bool
}

func (t *table) decode(s stored) (state, error) {
	st := state{seq: uint64(s.Seq)}
	if s.Doc == nil {
		return st, nil
	}
	st.doc = t.def.New()
	if err := json.Unmarshal([]byte(*s.Doc), st.doc); err != nil {
		return st, fmt.Errorf("read document %q of view %s: %w", s.Key, t.def.Name, err)
	}
	return st, nil
}

// encode is what is stored for a document: its position, and with it, unless
// it was deleted, its JSON and its place in each index.
func (t *table) encode(key string, st *state) (bson.Raw, error) {
	if st.seq > math.MaxInt64 {
		return nil, fmt.Errorf("store document %q of view %s: no log is %d long", key, t.def.Name, st.seq)
	}
	d := bson.D{{Key: keyField, Value: key}, {Key: seqField, Value: int64(st.seq)}}
	if st.doc != nil {
		text, err := json.Marshal(st.doc)
		if err != nil {
			return nil, fmt.Errorf("store document %q of view %s: %w", key, t.def.Name, err)
		}
		d = append(d, bson.E{Key: docField, Value: string(text)})
		for _, ix := range t.indexes {
			d = append(d, ix.fields(key, st.doc)...)
		}
	}
	raw, err := bson.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("store document %q of view %s: %w", key, t.def.Name, err)
	}
	if len(raw) > maxStored {
		return nil, fmt.Errorf("%w: %q of view %s with %d bytes", ErrTooLarge, key, t.def.Name, len(raw))
	}
	return raw, nil
}

func (t *table) row(s stored) (view.Row, error) {
	st, err := t.decode(s)
	return view.Row{Key: s.Key, Seq: st.seq, Doc: st.doc}, err
}
