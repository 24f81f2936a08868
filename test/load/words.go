package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// words are texts that look like those of people to whatever counts words: a
// few are frequent and most are rare (Zipf's law).
type words struct {
	rnd  *rand.Rand
	zipf *rand.Zipf
}

const vocabulary = 20_000

func newWords(seed uint64) words {
	rnd := rand.New(rand.NewPCG(seed, 1))
	return words{rnd, rand.NewZipf(rnd, 1.15, 8, vocabulary-1)}
}

// word is the nth word of the vocabulary, always the same.
func word(n uint64) string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	var b strings.Builder
	for n += 150; n > 0; n /= uint64(len(consonants) * len(vowels)) {
		d := n % uint64(len(consonants)*len(vowels))
		b.WriteByte(consonants[d/uint64(len(vowels))])
		b.WriteByte(vowels[d%uint64(len(vowels))])
	}
	return b.String()
}

// rareWord is the nth of words that no text has.
func rareWord(n int) string { return "x" + word(uint64(vocabulary+1000+n)) + "q" }

func (w words) text(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = word(w.zipf.Uint64())
	}
	return strings.Join(all, " ")
}

// tags are one to three of two hundred.
func (w words) tags() []string {
	tags := make([]string, 1+w.rnd.IntN(3))
	for i := range tags {
		tags[i] = "tag-" + word(uint64(w.rnd.IntN(200)))
	}
	return tags
}

func personName(n int) string {
	return fmt.Sprintf("%s %s", title(word(uint64(n))), title(word(uint64(n+7000))))
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
