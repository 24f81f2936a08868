package engine

import "math/bits"

// posting is a thread that has a term, and how often, at most 255: 24 and 8 bits.
type posting uint32

func post(thread uint32, freq uint8) posting { return posting(thread<<8 | uint32(freq)) }

func (p posting) thread() uint32 { return uint32(p >> 8) }
func (p posting) freq() uint8    { return uint8(p) }

const (
	// maxThreads is how many threads have their texts indexed: the first ones.
	maxThreads = 1 << 24
	maxFreq    = 255
	blockMost  = 256 // postings
)

// block is a run of postings, packed into as many bits as its widest one
// takes: the step from the thread before, then the frequency less one.
//
// Its bounds are what block-max pruning needs (Ding and Suel, "Faster top-k
// document retrieval using block-max indexes", SIGIR 2011), but hold whatever
// the average length is: a score grows with the frequency and falls with
// length / frequency. They may be wider than they need to be, never narrower.
type block struct {
	first, last uint32 // threads
	packed      string
	size        uint16 // postings
	ratio       uint16 // at most the least length / frequency
	freq        uint8  // at least the highest
	stepBits    uint8
	freqBits    uint8
}

// pack makes a block of posts, which are ascending, with bounds by lengths.
func pack(posts []posting, lengths []uint32) block {
	b := repack(posts)
	for _, p := range posts {
		b.widen(p.freq(), lengths[p.thread()])
	}
	return b
}

// repack makes a block whose bounds let nothing be; see widen.
func repack(posts []posting) block {
	b := block{first: posts[0].thread(), last: posts[len(posts)-1].thread(), size: uint16(len(posts)), ratio: ^uint16(0)}
	steps, freqs := uint32(0), uint8(0)
	before := b.first
	for _, p := range posts {
		steps |= p.thread() - before
		freqs |= p.freq() - 1
		before = p.thread()
	}
	b.stepBits, b.freqBits = uint8(bits.Len32(steps)), uint8(bits.Len8(freqs))
	width := uint(b.stepBits + b.freqBits)
	data := make([]byte, max(8, (int(width)*len(posts)+7)/8))
	before = b.first
	bit := uint(0)
	for _, p := range posts {
		value := uint64(p.thread()-before)<<b.freqBits | uint64(p.freq()-1)
		before = p.thread()
		for i, v := bit/8, value<<(bit%8); v != 0; i, v = i+1, v>>8 {
			data[i] |= byte(v)
		}
		bit += width
	}
	b.packed = string(data)
	return b
}

// widen lets the bounds hold for a posting as well.
func (b *block) widen(freq uint8, length uint32) {
	b.freq = max(b.freq, freq)
	b.ratio = uint16(min(uint32(b.ratio), length/uint32(freq)))
}

// unpack writes the postings to the start of to, which has room for them. Where
// four have room in 56 bits, as nearly always, they are read at once.
func (b *block) unpack(to []posting) []posting {
	to = to[:b.size]
	width, freqBits := uint(b.stepBits+b.freqBits), uint(b.freqBits)
	mask, freqMask := uint64(1)<<width-1, uint64(1)<<freqBits-1
	up := (8 - freqBits) & 63
	before := uint64(b.first)<<8 + 1 // the thread before, as in a posting, and 1 that the frequency is less
	last, bit, i := uint(len(b.packed)-8), uint(0), 0
	if width <= 14 {
		w1, w2, w3 := width&63, 2*width&63, 3*width&63
		for ; i+4 <= len(to) && bit/8 <= last; i += 4 {
			word := word(b.packed, bit/8) >> (bit & 7)
			four := (*[4]posting)(to[i:])
			v := word & mask
			before += v &^ freqMask << up
			four[0] = posting(before + v&freqMask)
			v = word >> w1 & mask
			before += v &^ freqMask << up
			four[1] = posting(before + v&freqMask)
			v = word >> w2 & mask
			before += v &^ freqMask << up
			four[2] = posting(before + v&freqMask)
			v = word >> w3 & mask
			before += v &^ freqMask << up
			four[3] = posting(before + v&freqMask)
			bit += 4 * width
		}
	}
	for ; i < len(to); i++ {
		at := min(bit/8, last)
		v := word(b.packed, at) >> ((bit - 8*at) & 63) & mask
		before += v &^ freqMask << up
		to[i] = posting(before + v&freqMask)
		bit += width
	}
	return to
}

// word is the eight bytes from one on.
func word(data string, at uint) uint64 {
	d := data[at : at+8]
	return uint64(d[0]) | uint64(d[1])<<8 | uint64(d[2])<<16 | uint64(d[3])<<24 |
		uint64(d[4])<<32 | uint64(d[5])<<40 | uint64(d[6])<<48 | uint64(d[7])<<56
}
