package eval

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"slices"

	"kith/services/matching/engine"
)

// Which people are right for a question.
const (
	Any      = "any"      // who answered it
	Accepted = "accepted" // whose answer was accepted or thanked for
)

// Expert is how well those who can help were found, for the questions of a split
// of which somebody is right. All numbers but counts are from 0 to 1.
type Expert struct {
	Split, Gold string
	N           int // questions
	// Reachable are the questions of which somebody who is right, other than the
	// asker, had answered another one before. The rest counts as not found.
	Reachable   int
	MRR         float64 // mean of 1 / rank of the first who is right
	S1, S5, S10 float64 // share with somebody who is right among the first
	// Top10Share is the part of all places from 1 to 5 that the ten people had
	// who were there most often; Distinct is how many people were there.
	Top10Share float64
	Distinct   int
	// Across is the share with somebody of another unit than the asker's among the
	// first five.
	Across float64
}

// String is the measures as fields of a line.
func (e Expert) String() string {
	line := fmt.Sprintf("gold=%s split=%s n=%d mrr=%.4f s1=%.4f s5=%.4f s10=%.4f top10share=%.4f distinct=%d reachable=%d",
		e.Gold, e.Split, e.N, e.MRR, e.S1, e.S5, e.S10, e.Top10Share, e.Distinct, e.Reachable)
	if e.Across > 0 {
		line += fmt.Sprintf(" across=%.4f", e.Across)
	}
	return line
}

// Setting is how is ranked. The zero Setting asks for the best chance of an answer
// and nothing else.
type Setting struct {
	Policy  engine.Policy
	Without []engine.Feature // as if they did not exist
	// Asks lets those in the first five places be proposed, so that it was their turn.
	Asks bool
	// Units is over how many units people are spread, the first having more people
	// than the second and so on; 0: nobody is in any.
	Units   int
	Across  bool    // see engine.Choice
	Explore float64 // see engine.Choice
	// Profiles lets those who answer later say from the start what they can help
	// with: the tags that they answered most in questions that are not measured.
	Profiles bool
	// First, if above 0, is how many questions are measured, from the very first,
	// Train as well.
	First int
}

// unit of a person: a number by their id, small ones more often.
func (s Setting) unit(person string) string {
	if s.Units == 0 {
		return ""
	}
	h := fnv.New64a()
	_, _ = io.WriteString(h, person)
	at := float64(h.Sum64()%1_000_000) / 1_000_000
	return fmt.Sprint("unit ", int(at*at*float64(s.Units)))
}

func (s Setting) measures(i int, q Question) bool {
	if s.First > 0 {
		return i < s.First
	}
	return q.Split != Train
}

// Experts ranks helpers for each question with only what was known before it,
// then lets the service learn what came of it (prequential evaluation). The
// questions are in the order of time. It returns a measure for each gold and
// each split but Train, in the order in which the splits first appear. Random is
// for keys and changes no measure; progress is told of every question.
func Experts(ctx context.Context, questions []Question, s Setting, random io.Reader, progress func(done, total uint64)) ([]Expert, error) {
	h, err := newHistory(ctx, s, random)
	if err != nil {
		return nil, err
	}
	if s.Profiles {
		if err := h.profiles(ctx, questions, s); err != nil {
			return nil, err
		}
	}
	var tallies []*tally
	answered := map[string]bool{} // person
	seen := make(map[string]bool, len(questions))
	for i, q := range questions {
		// A question that is there already would be ranked with its own answers.
		if seen[q.ID] {
			return nil, fmt.Errorf("question %s is there twice", q.ID)
		}
		seen[q.ID] = true
		if err := h.raise(ctx, q); err != nil {
			return nil, err
		}
		if s.measures(i, q) {
			ranked, err := h.rank(ctx, q, s)
			if err != nil {
				return nil, err
			}
			for _, gold := range [...]string{Any, Accepted} {
				if right := rightFor(q, gold); len(right) > 0 {
					tallyOf(&tallies, q.Split, gold).add(ranked, right, person(q.Asker), answered)
				}
			}
			if s.Asks {
				if err := h.propose(ctx, q, people(ranked[:min(len(ranked), shown)])); err != nil {
					return nil, err
				}
			}
		}
		if s.First > 0 && i+1 >= s.First {
			break
		}
		if err := h.conclude(ctx, q); err != nil {
			return nil, err
		}
		for _, a := range q.Answers {
			answered[person(a.User)] = true
		}
		progress(uint64(i+1), uint64(len(questions)))
	}
	out := make([]Expert, len(tallies))
	for i, t := range tallies {
		out[i] = t.measure()
	}
	return out, nil
}

// rank lists people for a question that was raised, best first.
func (h *history) rank(ctx context.Context, q Question, s Setting) ([]engine.Candidate, error) {
	return h.index.Rank(ctx, request(q), engine.Choice{Count: shown, Across: s.Across, Explore: s.Explore}, q.At)
}

func people(ranked []engine.Candidate) []string {
	out := make([]string, len(ranked))
	for i, c := range ranked {
		out[i] = c.Person
	}
	return out
}

// rightFor are the people who are right for q.
func rightFor(q Question, gold string) map[string]bool {
	right := map[string]bool{}
	for _, a := range q.Answers {
		if gold == Any || a.Accepted || a.Thanked {
			right[person(a.User)] = true
		}
	}
	return right
}

// tally sums up a split.
type tally struct {
	sum   Expert // MRR and S1 to S10 as sums
	asked map[string]int
}

func tallyOf(all *[]*tally, split, gold string) *tally {
	for _, t := range *all {
		if t.sum.Split == split && t.sum.Gold == gold {
			return t
		}
	}
	t := &tally{Expert{Split: split, Gold: gold}, map[string]int{}}
	*all = append(*all, t)
	return t
}

// shown is how many places a page has, for which concentration is counted.
const shown = 5

func (t *tally) add(ranked []engine.Candidate, right map[string]bool, asker string, answered map[string]bool) {
	t.sum.N++
	for who := range right {
		if who != asker && answered[who] {
			t.sum.Reachable++
			break
		}
	}
	page := ranked[:min(len(ranked), shown)]
	for _, c := range page {
		t.asked[c.Person]++
	}
	if slices.ContainsFunc(page, func(c engine.Candidate) bool { return c.OtherUnit }) {
		t.sum.Across++
	}
	first := slices.IndexFunc(ranked, func(c engine.Candidate) bool { return right[c.Person] })
	if first < 0 {
		return
	}
	t.sum.MRR += 1 / float64(first+1)
	for _, s := range []struct {
		sum *float64
		at  int
	}{{&t.sum.S1, 1}, {&t.sum.S5, 5}, {&t.sum.S10, 10}} {
		if first < s.at {
			*s.sum++
		}
	}
}

func (t *tally) measure() Expert {
	out := t.sum
	for _, sum := range []*float64{&out.MRR, &out.S1, &out.S5, &out.S10, &out.Across} {
		*sum /= float64(out.N)
	}
	var counts []int
	places, most := 0, 0
	for _, n := range t.asked {
		counts = append(counts, n)
		places += n
	}
	slices.SortFunc(counts, func(a, b int) int { return cmp.Compare(b, a) })
	for _, n := range counts[:min(len(counts), 10)] {
		most += n
	}
	out.Distinct = len(counts)
	if places > 0 {
		out.Top10Share = float64(most) / float64(places)
	}
	return out
}

// Together interleaves sets of questions, each in the order of time, by the
// relative position of a question in its own; where that is equal, the earlier
// set comes first.
func Together(sets ...[]Question) []Question {
	type placed struct {
		Question
		at float64
	}
	var all []placed
	for _, set := range sets {
		for i, q := range set {
			all = append(all, placed{q, float64(i) / float64(len(set))})
		}
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	out := make([]Question, len(all))
	for i, p := range all {
		out[i] = p.Question
	}
	return out
}
