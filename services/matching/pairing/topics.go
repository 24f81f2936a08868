package pairing

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// Topic is a line of a profile.
type Topic struct {
	Line int
	// Stems are the words of the line by language, each list in order and
	// without repetition; all topics name the same languages in the same order.
	Stems [][]string
	// Closed topics are for people who have a community in common.
	Closed bool
}

// Kind says what two people share.
type Kind int

// Kinds of what is shared, the one that says most first.
const (
	Helps     Kind = iota // A line of one, who can help, is what the other wants to learn
	BothLearn             // both want to learn it
	BothKnow              // both can help with it
)

// Shared is something two people have to tell each other.
type Shared struct {
	Kind Kind
	// From is the line of A, or if Reverse of B; To that of the other. Of Helps,
	// From is what somebody can help with, To what the other wants to learn.
	From, To int
	Reverse  bool
}

// most is how much of each kind, and of Helps in each direction, counts.
const most = 2

// Weights of what is shared. That one can help the other counts more than any
// number of equal interests.
const (
	firstHelp, nextHelp = 10, 4
	learnWeight         = 3
	knowWeight          = 1

	heaviest = 2*(firstHelp+(most-1)*nextHelp) + most*(learnWeight+knowWeight)
)

// Compare says what a and b share: in each direction at most two things with
// which one can help the other, and two of each other kind. share says whether
// they may read closed topics of each other.
func Compare(a, b Person, share bool) []Shared {
	words := numbers{}
	p := person{know: words.topics(a.CanHelp), learn: words.topics(a.WantToLearn)}
	q := person{know: words.topics(b.CanHelp), learn: words.topics(b.WantToLearn)}
	return compare(&p, &q, share)
}

func compare(p, q *person, share bool) []Shared {
	var all []Shared
	add := func(kind Kind, reverse bool, from, to []topic) {
		n := 0
		for i := range from {
			for j := range to {
				if n < most && from[i].alike(&to[j], share) {
					all = append(all, Shared{kind, from[i].line, to[j].line, reverse})
					n++
					break // one line of the other is enough
				}
			}
		}
	}
	add(Helps, false, p.know, q.learn)
	add(Helps, true, q.know, p.learn)
	add(BothLearn, false, p.learn, q.learn)
	add(BothKnow, false, p.know, q.know)
	return all
}

// weight is what it is worth to introduce two people to each other.
func weight(all []Shared) (sum int32) {
	helped := [2]bool{}
	for _, s := range all {
		direction := 0
		if s.Reverse {
			direction = 1
		}
		switch {
		case s.Kind == BothLearn:
			sum += learnWeight
		case s.Kind == BothKnow:
			sum += knowWeight
		case helped[direction]:
			sum += nextHelp
		default:
			sum += firstHelp
			helped[direction] = true
		}
	}
	return sum
}

// topic is a Topic with its stems as numbers.
type topic struct {
	line   int
	stems  [][]int32 // ascending
	closed bool
}

// alike reports whether in some language half of the words of the shorter line
// are in the other one too.
func (t *topic) alike(u *topic, share bool) bool {
	if (t.closed || u.closed) && !share {
		return false
	}
	for l := range min(len(t.stems), len(u.stems)) {
		common, i, j := 0, 0, 0
		a, b := t.stems[l], u.stems[l]
		for i < len(a) && j < len(b) {
			switch {
			case a[i] == b[j]:
				common, i, j = common+1, i+1, j+1
			case a[i] < b[j]:
				i++
			default:
				j++
			}
		}
		if common > 0 && 2*common >= min(len(a), len(b)) {
			return true
		}
	}
	return false
}

// numbers gives each word a number.
type numbers map[string]int32

func (n numbers) of(word string) int32 {
	k, ok := n[word]
	if !ok {
		k = int32(len(n))
		n[word] = k
	}
	return k
}

func (n numbers) topics(list []Topic) []topic {
	out := make([]topic, 0, len(list))
	for _, t := range list {
		one := topic{line: t.Line, closed: t.Closed}
		for l, stems := range t.Stems {
			var ids []int32
			for _, s := range stems {
				ids = append(ids, n.of(string(rune('a'+l))+" "+s))
			}
			slices.Sort(ids)
			one.stems = append(one.stems, ids)
		}
		out = append(out, one)
	}
	return out
}

// lot is a number that depends on seed and id alone.
func lot(seed, id string) uint64 {
	sum := sha256.Sum256([]byte(seed + "\x00" + id))
	return binary.BigEndian.Uint64(sum[:])
}

// mix is the lot of two people (the finaliser of SplitMix64, Steele et al. 2014).
func mix(a, b uint64) uint64 {
	x := a ^ b*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// edge is a pair that could be made because of what the two share.
type edge struct {
	a, b   int32 // a < b
	weight int32
	lot    uint64
}

// best puts the heavier edge first; between equal ones the lot decides.
func best(x, y edge) int {
	return cmp.Or(cmp.Compare(y.weight, x.weight), cmp.Compare(x.lot, y.lot), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
}
