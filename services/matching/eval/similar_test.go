package eval_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"kith/services/matching/eval"
)

// titled are questions with ids from 1.
func titled(titles ...string) []eval.Question {
	var out []eval.Question
	for i, title := range titles {
		out = append(out, eval.Question{ID: fmt.Sprint(i + 1), Community: "c", Asker: "ann", Title: title})
	}
	return out
}

// Asked for the words of question 5, question 2 has all of them, 3 and 1 two, 1 in a
// longer text. What is the same and comes later must not take a place.
var lamps = titled("red socket kettle", "red lamp socket", "red lamp", "green umbrella", "red lamp socket", "red lamp socket")

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("%s is %.4f, want %.4f", what, got, want)
	}
}

func TestDuplicates(t *testing.T) {
	s, err := eval.Duplicates(t.Context(), lamps, map[string]eval.Query{"5": {Relevant: map[string]int{"1": 2, "2": 1}}},
		rand.NewChaCha8([32]byte{}), quiet)
	if err != nil {
		t.Fatal(err)
	}
	if s.N != 1 {
		t.Errorf("n is %d, want 1", s.N)
	}
	near(t, "MAP", s.MAP, (1./1+2./3)/2) // found at 1 and 3
	near(t, "nDCG", s.NDCG10, (1+2/math.Log2(4))/(2+1/math.Log2(3)))
	near(t, "recall", s.R10, 1)
}

func TestParaphrases(t *testing.T) {
	s, err := eval.Paraphrases(t.Context(), lamps[:4], []eval.Query{
		{Text: "kettle", Relevant: map[string]int{"1": 1}},       // at 1
		{Text: "a lamp", Relevant: map[string]int{"2": 1}},       // at 2, for the text of 3 is shorter
		{Text: "the umbrella", Relevant: map[string]int{"1": 1}}, // nowhere
	}, rand.NewChaCha8([32]byte{}), quiet)
	if err != nil {
		t.Fatal(err)
	}
	if s.N != 3 {
		t.Errorf("n is %d, want 3", s.N)
	}
	near(t, "MAP", s.MAP, (1+.5)/3)
	near(t, "nDCG", s.NDCG10, (1+1/math.Log2(3))/3)
	near(t, "recall", s.R10, 2./3)
}

func TestQueriesThatCannotBe(t *testing.T) {
	for _, tc := range []struct {
		name, query string
		relevant    map[string]int
		says        string
	}{
		{"a later question", "5", map[string]int{"6": 1}, "6, which it should find, is no earlier question"},
		{"itself", "5", map[string]int{"5": 1}, "no earlier question"},
		{"nothing to find", "5", nil, "should find nothing"},
		{"a grade of nothing", "5", map[string]int{"2": 0}, "grade of 2 is 0"},
		{"no question", "99", map[string]int{"2": 1}, "1 queries are none of the questions"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := eval.Duplicates(t.Context(), lamps, map[string]eval.Query{tc.query: {Relevant: tc.relevant}}, rand.NewChaCha8([32]byte{}), quiet)
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%v, want %q", err, tc.says)
			}
		})
	}
}
