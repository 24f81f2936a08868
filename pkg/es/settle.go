package es

import (
	"bytes"
	"iter"
	"slices"
)

// Settle decides an append that did not find the stream as it expected, or
// whose answer was lost: tail is what is stored after the expected position.
//
// If this command's event is there, found is its position, and err nil or
// ErrRepeated as Store.Append promises. Otherwise err is ErrConflict if others
// are there, nil with found 0 if there is nothing, or the error of tail.
func (e Envelope) Settle(tail iter.Seq2[Recorded, error]) (found uint64, err error) {
	first := true
	for r, err := range tail {
		if err != nil {
			return 0, err
		}
		if r.ID == e.ID {
			if first && e.equal(r.Stored) {
				return r.Seq, nil
			}
			return r.Seq, ErrRepeated
		}
		first = false
	}
	if !first {
		return 0, ErrConflict
	}
	return 0, nil
}

// equal reports whether st could be folded in place of e: the same data and
// headers but for the time of the append and the trace.
func (e Envelope) equal(st Stored) bool {
	for _, k := range []string{hType, hSchema, hCommand, hCause, hCorrelation, hActor, hReason, hOccurred, hImported} {
		if !slices.Equal(e.Header[k], st.Header[k]) {
			return false
		}
	}
	return bytes.Equal(e.Data, st.Data)
}
