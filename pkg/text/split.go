package text

import (
	"math"
	"strings"
	"unicode/utf8"
)

// links are what stands between the stem of a part of a compound and the next
// part: what joins them (Vergab-e-recht, Dienst-es-…), and what stemmers take
// from the end of a word (Verwalt-ungs-recht).
var links = map[string][]string{
	German: {"", "e", "s", "es", "n", "en", "er", "ns", "ens", "ung", "ungs", "heit", "heits", "keit", "keits", "igkeits", "erheits", "ig", "lich", "isch", "ist", "innen"},
	Danish: {"", "e", "s", "es", "er", "ers", "en", "ens", "et", "ets", "ede", "ende", "hed", "heds", "else", "elses", "els", "lig", "ig"},
}

// splitter splits compounds by what is used by itself.
type splitter struct {
	analyser *Analyser
	language string
	uses     func(term string) int
}

// parts are the terms that a compound is made of; nil if it is none. Of all
// ways of splitting the one is taken whose parts are used most, by the geometric
// mean, and only if they are used no less than the whole (Koehn and Knight,
// "Empirical Methods for Compound Splitting", EACL 2003). If there is none, a
// long part at one end is enough.
func (s splitter) parts(term string) []string {
	type way struct {
		sum  float64 // of logarithms
		part string
		next int
		ok   bool
	}
	best := make([][maxParts + 1]way, len(term)+1) // from a byte on, in so many parts
	for i := len(term) - 1; i >= 0; i-- {
		if !utf8.RuneStart(term[i]) {
			continue
		}
		if last, n := s.last(term[i:]); n > 0 && i > 0 {
			best[i][1] = way{math.Log(float64(n)), last, len(term), true}
		}
		for end := range ends(term[i:], minPart) {
			part := term[i : i+end]
			n := s.uses(part)
			if n == 0 {
				continue
			}
			for _, link := range links[s.language] {
				next := i + end + len(link)
				if !strings.HasPrefix(term[i+end:], link) || next >= len(term) {
					continue
				}
				for rest := 1; rest < maxParts; rest++ {
					if sum := math.Log(float64(n)) + best[next][rest].sum; best[next][rest].ok && (!best[i][rest+1].ok || sum > best[i][rest+1].sum) {
						best[i][rest+1] = way{sum, part, next, true}
					}
				}
			}
		}
	}
	count, mean := 0, 0.0
	for n := 2; n <= maxParts; n++ {
		if m := best[0][n].sum / float64(n); best[0][n].ok && (count == 0 || m > mean) {
			count, mean = n, m
		}
	}
	if count == 0 {
		return s.end(term)
	}
	if math.Exp(mean)+1e-9 < float64(s.uses(term)) {
		return nil
	}
	var parts []string
	for i, n := 0, count; n > 0; n-- {
		w := best[i][n]
		parts, i = append(parts, w.part), w.next
	}
	return parts
}

// ends yields the lengths of the beginnings of s that have at least so many
// letters and are not all of it.
func ends(s string, least int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		n := 0
		for i := range s {
			if n++; n > least && !yield(i) {
				return
			}
		}
	}
}

// last is the term that a compound ends with, and how much it is used.
func (s splitter) last(end string) (term string, n int) {
	if utf8.RuneCountInString(end) < minLast {
		return "", 0
	}
	if n = s.uses(end); n > 0 {
		return end, n
	}
	// A stem is cut less where little is before it: Haus, Krankenhaus.
	if term = s.analyser.stem(s.language, end); utf8.RuneCountInString(term) >= minLast {
		return term, s.uses(term)
	}
	return "", 0
}

// end is the longest term that the compound begins or ends with, if it is long
// enough to be believed without the rest.
func (s splitter) end(compound string) []string {
	long := ""
	for i := range ends(compound, minPart) {
		for _, part := range [...]string{compound[:i], compound[i:]} {
			n := utf8.RuneCountInString(part)
			if n >= alone && n >= utf8.RuneCountInString(long) && utf8.RuneCountInString(compound)-n >= minPart && s.uses(part) > 0 {
				long = part
			}
		}
	}
	if long == "" {
		return nil
	}
	return []string{long}
}

// has reports whether part begins or ends the compound, and what is left is
// used by itself, or part is long enough.
func (s splitter) has(compound, part string) bool {
	n := utf8.RuneCountInString(part)
	far := n >= alone && utf8.RuneCountInString(compound)-n >= minPart
	if rest, ok := strings.CutPrefix(compound, part); ok && n >= minPart && (far || s.known(rest, strings.CutPrefix, minLast)) {
		return true
	}
	rest, ok := strings.CutSuffix(compound, part)
	return ok && (far || s.known(rest, strings.CutSuffix, minPart))
}

// known reports whether rest is a term of so many letters, or made of terms,
// but for a link, which cut takes from it.
func (s splitter) known(rest string, cut func(s, link string) (string, bool), least int) bool {
	var long []string
	for _, link := range links[s.language] {
		other, ok := cut(rest, link)
		n := utf8.RuneCountInString(other)
		if !ok || n < least {
			continue
		}
		if s.uses(other) > 0 {
			return true
		}
		if n >= minPart+minLast {
			long = append(long, other)
		}
	}
	for _, other := range long {
		if len(s.parts(other)) > 1 {
			return true
		}
	}
	return false
}
