package main

import (
	"math"
	"math/rand/v2"
	"strings"
)

// law draws ranks from 0 to n-1 by the law of Zipf and Mandelbrot: the share of
// rank r is in proportion to 1/(r+1+shift)^slope. It draws from the continuous
// distribution, which is exact but for the first few ranks.
type law struct {
	shift, power, low, high float64
	n                       int
}

// newLaw takes a slope other than 1.
func newLaw(n int, slope, shift float64) law {
	power := 1 - slope
	return law{shift, 1 / power, math.Pow(1+shift, power), math.Pow(float64(n)+1+shift, power), n}
}

// rank is the one at the quantile u, 0 to 1.
func (l law) rank(u float64) int {
	x := math.Pow(l.low*(1-u)+l.high*u, l.power) - l.shift
	return min(max(int(x)-1, 0), l.n-1)
}

// The statistics of words. Slope and shift are usual for prose (Mandelbrot,
// 1953; Piantadosi, "Zipf's word frequency law in natural language", 2014);
// Heaps' law is vocabulary = heapsFactor · words^heapsPower.
const (
	slope       = 1.07
	shift       = 2.7
	heapsFactor = 40
	heapsPower  = 0.55
	maxWords    = 2_000_000
	perTopic    = 2000 // words that a topic has of its own
	topicFrom   = 60   // the most frequent words belong to no topic

	stopShare   = 0.45 // of all words
	repeatShare = 0.15 // of the rest: said before in the same text
	topicShare  = 0.55 // of what remains: of the topics of the request
)

// words is the language of an organisation.
type words struct {
	list   []string
	stop   []string
	inside law        // words of a topic
	topics [][]uint32 // words by topic, the most typical first

	all    law    // words that are used so far
	drawn  uint64 // of them
	growAt uint64
}

func newWords(topics int, random *rand.Rand) *words {
	w := &words{
		list: make([]string, maxWords), inside: newLaw(perTopic, 1.05, 5), topics: make([][]uint32, topics),
		stop: strings.Fields("the and a to of in is it we for on with this that have be are not do how what can my our from"),
	}
	for i := range w.list {
		w.list[i] = word(uint64(i))
	}
	common := newLaw(60_000, slope, shift+topicFrom)
	for t := range w.topics {
		w.topics[t] = make([]uint32, perTopic)
		for i := range w.topics[t] {
			w.topics[t][i] = uint32(topicFrom + common.rank(random.Float64()))
		}
	}
	w.grow()
	return w
}

// grow follows Heaps' law, in steps.
func (w *words) grow() {
	n := int(heapsFactor * math.Pow(float64(max(w.drawn, 10_000)), heapsPower))
	w.all = newLaw(min(n, maxWords), slope, shift)
	w.growAt = w.drawn + w.drawn/20 + 1000
}

// word is the nth word, always the same.
func word(n uint64) string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	const syllables = uint64(len(consonants) * len(vowels))
	var b strings.Builder
	for n += 150; n > 0; n /= syllables {
		d := n % syllables
		b.WriteByte(consonants[d/uint64(len(vowels))])
		b.WriteByte(vowels[d%uint64(len(vowels))])
	}
	return b.String()
}

// subject is what a request is about: some topics and how much of each.
type subject struct {
	topics [3]uint32
	second float64 // from where on, of 1, the second topic is drawn
	third  float64
}

func (s *subject) topic(random *rand.Rand) uint32 {
	switch u := random.Float64(); {
	case u < s.second:
		return s.topics[0]
	case u < s.third:
		return s.topics[1]
	default:
		return s.topics[2]
	}
}

// prose is a text of about n words on s.
func (w *words) prose(random *rand.Rand, s *subject, n int) string {
	var b strings.Builder
	b.Grow(n * 7)
	said := make([]string, 0, n)
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		if random.Float64() < stopShare {
			b.WriteString(w.stop[random.IntN(len(w.stop))])
			continue
		}
		var next string
		switch {
		case len(said) > 0 && random.Float64() < repeatShare:
			next = said[random.IntN(len(said))]
		case random.Float64() < topicShare:
			next = w.list[w.topics[s.topic(random)][w.inside.rank(random.Float64())]]
		default:
			next = w.list[w.all.rank(random.Float64())]
			w.drawn++
		}
		said = append(said, next)
		b.WriteString(next)
	}
	if w.drawn >= w.growAt {
		w.grow()
	}
	return b.String()
}

// length is lognormal around a median.
func length(random *rand.Rand, median float64) int {
	return min(max(int(median*math.Exp(0.7*random.NormFloat64())), 3), 3000)
}
