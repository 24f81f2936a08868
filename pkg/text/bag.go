package text

import "encoding/binary"

// Bag is a text as the terms that it has, by their numbers in a Vocabulary,
// each with its weight from 1 to 255. It takes two or three bytes a term. The
// zero Bag has none.
type Bag struct{ data string }

// IsZero reports whether there is no term.
func (b Bag) IsZero() bool { return b.data == "" }

// Packed is b as a string, for whoever keeps many in one.
func (b Bag) Packed() string { return b.data }

// Unpack is the Bag that Packed is of. It MUST get nothing else.
func Unpack(packed string) Bag { return Bag{packed} }

// Terms begins to read b.
func (b Bag) Terms() Cursor { return Cursor{rest: b.data} }

// Cursor reads the terms of a Bag in ascending order.
type Cursor struct {
	rest string
	term uint32
}

// Next returns the next term; ok is false at the end.
func (c *Cursor) Next() (term uint32, weight uint8, ok bool) {
	if c.rest == "" {
		return 0, 0, false
	}
	var step uint64
	i := 0
	for shift := 0; ; shift += 7 {
		one := c.rest[i]
		i++
		step |= uint64(one&0x7f) << shift
		if one < 0x80 {
			break
		}
	}
	weight = 1
	if step&1 != 0 { // another weight follows
		weight = c.rest[i]
		i++
	}
	c.rest = c.rest[i:]
	c.term += uint32(step >> 1)
	return c.term, weight, true
}

// pack appends the terms of counts, ascending and term<<32|weight, to data:
// for each what its number has more than the one before, twice, plus one if a
// weight other than 1 follows. Weights of a term add up, to at most 255.
func pack(data []byte, counts []uint64) []byte {
	before := uint64(0)
	for i := 0; i < len(counts); {
		term, weight := counts[i]>>32, uint64(0)
		for ; i < len(counts) && counts[i]>>32 == term; i++ {
			weight += counts[i] & 0xffffffff
		}
		step := (term - before) << 1
		before = term
		if weight = min(weight, 255); weight == 1 {
			data = binary.AppendUvarint(data, step)
			continue
		}
		data = append(binary.AppendUvarint(data, step|1), byte(weight))
	}
	return data
}
