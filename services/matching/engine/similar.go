package engine

import (
	"math"
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
	// stressed is what a word counts at least that is in the title, or in the text
	// again and again.
	stressed = 3
	// inHeadline is what it is worth if all such words of a question are asked for.
	inHeadline = 0.3
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
	e.compare(query, hits, sight)
	var out []Similar
	for _, h := range hits[:min(len(hits), limit)] {
		out = append(out, Similar{e.request(h.thread), h.score / hits[0].score})
	}
	return out
}

// compare orders the first of hits, which come best first, by what is asked as well:
// by the root of the cosine of the two questions, in which a term counts tf times the
// root of its idf, so that rarity counts once in a product; and by how much of the
// headline of the one the other says.
func (e *Engine) compare(q query, hits []hit, s *sight) {
	if len(hits) == 0 {
		return
	}
	said := map[uint32]saying{} // by term: like questions have many in common
	var ours whole
	for _, t := range q.terms {
		if id, ok := e.corpus.vocabulary.Find(t.name); ok {
			word := saying{idf: e.rarity(id, s)}
			word.asked = t.weight / math.Sqrt(word.idf)
			said[id] = word
			ours.add(word.asked, word.asked)
		}
	}
	best := hits[0].score
	for i := range hits {
		if hits[i].score /= best; i >= compared {
			continue
		}
		var theirs, both, headline, repeated whole
		bag, _ := e.corpus.parts[hits[i].thread].without(0)
		terms := bag.Terms()
		for id, weight, ok := terms.Next(); ok; id, weight, ok = terms.Next() {
			word, ok := said[id]
			if !ok {
				word.idf = e.rarity(id, s)
				said[id] = word
			}
			w := float64(weight) * math.Sqrt(word.idf)
			theirs.add(w, w)
			both.add(w, word.asked)
			if weight >= stressed {
				headline.add(word.idf, word.idf)
				if word.asked > 0 {
					repeated.add(word.idf, word.idf)
				}
			}
		}
		if theirs > 0 && ours > 0 && both > 0 {
			hits[i].score += math.Sqrt(float64(both) / math.Sqrt(float64(theirs)*float64(ours)))
		}
		if headline > 0 {
			hits[i].score += inHeadline * math.Sqrt(float64(repeated)/float64(headline))
		}
	}
	near := hits[:min(len(hits), compared)]
	slices.SortFunc(near, hit.compare)
}

// saying is what a term says in a comparison.
type saying struct{ idf, asked float64 }

// rarity is the idf of a term by its number.
func (e *Engine) rarity(id uint32, s *sight) float64 {
	var posts *postings
	if int(id) < len(e.corpus.posts) {
		posts = &e.corpus.posts[id]
	}
	n, _ := s.having(posts, -1)
	return s.idf(n)
}

// whole is a sum of products in whole numbers: the numbers of terms, by which they
// come, depend on the order of reading, and the sum must not.
type whole uint64

func (w *whole) add(a, b float64) { *w += whole(a * b * (1 << 20)) }
