package engine

import "kith/pkg/text"

// Similar is an earlier request that resembles a text.
type Similar struct {
	Request string
	Score   float64 // in relation to the best, up to 1
}

// worthShowing is the share of a question's weight that a request must have in
// common with it to be shown: less than for being a reason, for people judge
// by themselves.
const worthShowing = 0.08

// Similar finds earlier requests that resemble a text in language, best first: at most
// limit of those that sees, as in People, and keep let through, in the
// community ("": in all).
func (e *Engine) Similar(language string, terms []text.Term, tags []string, community string, limit int, sees func(community, request string) bool, keep func(request string) bool) []Similar {
	sight := e.sight(sees)
	query := e.corpus.query(withTags(terms, tags), language, -1, sight)
	least := worthShowing * query.whole
	hits := e.corpus.search(query, limit, -1, sight, func(n uint32) bool {
		t := &e.threads[n]
		return (community == "" || t.community.id == community) && keep(t.id)
	})
	var out []Similar
	for _, h := range hits {
		if h.score >= least {
			out = append(out, Similar{e.threads[h.thread].id, h.score / hits[0].score})
		}
	}
	return out
}
