package eval

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"unicode/utf8"
)

// Query is a text and the questions that it should find.
type Query struct {
	Title    string // "": Text is all there is
	Text     string
	Relevant map[string]int // question's ID → grade from 1
}

// Similar is how well earlier questions were found, means over queries from 0 to 1.
type Similar struct {
	N      int     // queries
	MAP    float64 // average precision over all that the service shows, at most 50
	NDCG10 float64 // discounted gain of the first ten, the gain being the grade (Järvelin and Kekäläinen 2002)
	R10    float64 // share of what should be found among the first ten
}

// String is the measures as fields of a line.
func (s Similar) String() string {
	return fmt.Sprintf("n=%d map=%.4f ndcg10=%.4f r10=%.4f", s.N, s.MAP, s.NDCG10, s.R10)
}

// The limits of asking the service: characters of a text, and results.
const (
	maxTitleTyped = 200
	maxTyped      = 2000
	maxSimilar    = 50
)

// Duplicates asks for each question in queries, by its ID, what is like it with
// only the questions before it known. The questions are in the order of time.
// The text of such a Query is the question's own. It returns an error if one is
// no question, or should find what is no earlier question.
func Duplicates(ctx context.Context, questions []Question, queries map[string]Query, random io.Reader, progress func(done, total uint64)) (Similar, error) {
	h, err := newHistory(ctx, Setting{}, random)
	if err != nil {
		return Similar{}, err
	}
	var sum Similar
	known := make(map[string]string, len(questions)) // request → question's ID
	for i, q := range questions {
		if query, ok := queries[q.ID]; ok {
			query.Title, query.Text = q.Title, q.Body
			if err := h.find(ctx, q.ID, query, known, &sum); err != nil {
				return Similar{}, err
			}
		}
		if err := h.learn(ctx, q, known); err != nil {
			return Similar{}, err
		}
		progress(uint64(i+1), uint64(len(questions)))
	}
	if sum.N < len(queries) {
		return Similar{}, fmt.Errorf("%d queries are none of the questions", len(queries)-sum.N)
	}
	return sum.mean(), nil
}

// Paraphrases asks for each query with all questions known.
func Paraphrases(ctx context.Context, questions []Question, queries []Query, random io.Reader, progress func(done, total uint64)) (Similar, error) {
	h, err := newHistory(ctx, Setting{}, random)
	if err != nil {
		return Similar{}, err
	}
	var sum Similar
	known, total := make(map[string]string, len(questions)), uint64(len(questions)+len(queries))
	for i, q := range questions {
		if err := h.learn(ctx, q, known); err != nil {
			return Similar{}, err
		}
		progress(uint64(i+1), total)
	}
	for i, query := range queries {
		if err := h.find(ctx, fmt.Sprint(i+1), query, known, &sum); err != nil {
			return Similar{}, err
		}
		progress(uint64(len(questions)+i+1), total)
	}
	return sum.mean(), nil
}

func (h *history) learn(ctx context.Context, q Question, known map[string]string) error {
	id := request(q)
	if _, ok := known[id]; ok {
		return fmt.Errorf("question %s is there twice", q.ID)
	}
	known[id] = q.ID
	if err := h.raise(ctx, q); err != nil {
		return err
	}
	return h.conclude(ctx, q)
}

// find adds to sum what a query finds.
func (h *history) find(ctx context.Context, name string, q Query, known map[string]string, sum *Similar) error {
	if len(q.Relevant) == 0 {
		return fmt.Errorf("query %s: should find nothing; leave it out", name)
	}
	for id, grade := range q.Relevant {
		if grade < 1 {
			return fmt.Errorf("query %s: the grade of %s is %d; it must be at least 1", name, id, grade)
		}
		if _, ok := known[request(Question{ID: id})]; !ok {
			return fmt.Errorf("query %s: %s, which it should find, is no earlier question", name, id)
		}
	}
	hits, err := h.index.Similar(ctx, cut(q.Title, maxTitleTyped), cut(q.Text, maxTyped), maxSimilar)
	if err != nil {
		return err
	}
	ranked := make([]string, len(hits))
	for i, hit := range hits {
		ranked[i] = known[hit.Request]
	}
	sum.add(ranked, q.Relevant)
	return nil
}

func (s *Similar) add(ranked []string, relevant map[string]int) {
	s.N++
	var found, precision, gain, best float64
	for i, id := range ranked {
		grade := relevant[id]
		if grade == 0 {
			continue
		}
		found++
		precision += found / float64(i+1)
		if i < 10 {
			gain += discounted(grade, i)
			s.R10 += 1 / float64(len(relevant))
		}
	}
	s.MAP += precision / float64(len(relevant))
	var grades []int
	for _, grade := range relevant {
		grades = append(grades, grade)
	}
	slices.Sort(grades)
	slices.Reverse(grades)
	for i, grade := range grades[:min(len(grades), 10)] {
		best += discounted(grade, i)
	}
	s.NDCG10 += gain / best
}

// discounted is what a grade is worth at an index.
func discounted(grade, i int) float64 { return float64(grade) / math.Log2(float64(i+2)) }

func (s Similar) mean() Similar {
	n := float64(max(s.N, 1))
	s.MAP, s.NDCG10, s.R10 = s.MAP/n, s.NDCG10/n, s.R10/n
	return s
}

// cut is at most n characters of s.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
