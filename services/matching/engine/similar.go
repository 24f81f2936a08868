package engine

import (
	"slices"

	"kith/pkg/text"
)

// Similar is an earlier request that resembles a text.
type Similar struct {
	Request string
	Score   float64 // in relation to the best, up to 1
}

const (
	// worthShowing is the share of a question's weight that a request must have in
	// common with it to be shown: less than for being a reason, for people judge
	// by themselves.
	worthShowing = 0.08
	// fewWords is how many words' worth a request must have in common with a short
	// question, in which any word is a large share: more than one, of three or more.
	fewWords   = 1.3
	mostToShow = 0.3
	// compared is how many of the nearest are compared question by question.
	compared = 50
)

// Similar finds earlier requests that resemble a text in language, best first: at most
// limit of those that sees, as in People, and keep let through, in the
// community ("": in all).
//
// The nearest by BM25, with their answers, are ordered by their score, in relation
// to the best, plus what compare says: an answer helps to find a request, and what
// makes two requests the same is what is asked.
func (e *Engine) Similar(language string, terms []text.Term, tags []string, community string, limit int, sees func(community, request string) bool, keep func(request string) bool) []Similar {
	sight := e.sight(sees)
	query := e.corpus.query(withTags(terms, tags), language, -1, sight, maxQueryTerms)
	least := max(worthShowing, min(mostToShow, fewWords/float64(max(len(terms), 1)))) * query.whole
	hits := e.corpus.search(query, max(limit, compared), -1, sight, func(n uint32) bool {
		return (community == "" || e.byNumber[e.threads[n].community].id == community) && keep(e.request(n))
	})
	hits = slices.DeleteFunc(hits, func(h hit) bool { return h.score < least })
	hits = e.compare(query, hits, limit, sight)
	var out []Similar
	for _, h := range hits[:min(len(hits), limit)] {
		out = append(out, Similar{e.request(h.thread), h.score / hits[0].score})
	}
	return out
}
