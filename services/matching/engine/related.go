package engine

import (
	"cmp"
	"maps"
	"slices"
)

// maxSplit is how many terms of a question are looked at for compounds, the
// weightiest.
const maxSplit = 12

// related are terms that q does not ask for and that are parts of compounds in
// q, or compounds of which q has a part, by what s sees. Each counts for the
// share of the term that it is related to, and no more than that for being
// rarer.
func (c *corpus) related(q []queryTerm, language string, except int, s *sight) []queryTerm {
	asked := make(map[string]bool, len(q))
	for _, t := range q {
		asked[t.name] = true
	}
	count := func(term string) int {
		n, _ := s.having(c.find(term), except)
		if asked[term] {
			return max(n, 1)
		}
		return n
	}
	found := map[string]float64{}
	for _, t := range q[:min(len(q), maxSplit)] {
		for _, r := range c.vocabulary.Related(language, t.name, count) {
			if !asked[r.Term] {
				found[r.Term] += r.Share * t.times * min(t.idf, s.idf(count(r.Term)))
			}
		}
	}
	var out []queryTerm
	for _, name := range slices.SortedFunc(maps.Keys(found), cmp.Compare[string]) {
		posts := c.find(name)
		_, another := s.having(posts, except)
		out = append(out, queryTerm{name: name, posts: posts, found: another, weight: found[name]})
	}
	return out
}
