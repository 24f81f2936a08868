package eval_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"kith/services/matching/eval"
)

func quiet(uint64, uint64) {}

// asked is a question of ann's with the tag topic. Of the answerers the one with
// a star was accepted, the one with a plus thanked for.
func asked(id, split, topic string, answerers ...string) eval.Question {
	q := eval.Question{ID: id, Split: split, Community: "c", Asker: "ann", Title: "About " + topic, Tags: []string{topic}}
	for _, who := range answerers {
		name := strings.Trim(who, "*+")
		q.Answers = append(q.Answers, eval.Answer{User: name, Accepted: name+"*" == who, Thanked: name+"+" == who})
	}
	return q
}

// experts are the measures by gold and split, in whole numbers and thousandths.
func experts(t *testing.T, questions ...eval.Question) map[string]string {
	t.Helper()
	out := map[string]string{}
	var before []eval.Expert
	for seed := range byte(2) { // keys change nothing
		all, err := eval.Experts(t.Context(), questions, eval.Setting{}, rand.NewChaCha8([32]byte{seed}), quiet)
		if err != nil {
			t.Fatal(err)
		}
		if seed > 0 && !slices.Equal(all, before) {
			t.Errorf("the second time it is %v, the first time %v", all, before)
		}
		before = all
		for _, e := range all {
			out[e.Gold+" "+e.Split] = fmt.Sprintf("n=%d reachable=%d mrr=%.3f s1=%.3f s5=%.3f s10=%.3f top10share=%.3f distinct=%d",
				e.N, e.Reachable, e.MRR, e.S1, e.S5, e.S10, e.Top10Share, e.Distinct)
		}
	}
	return out
}

func expect(t *testing.T, got map[string]string, want map[string]string) {
	t.Helper()
	for key, line := range want {
		if got[key] != line {
			t.Errorf("%s: %q, want %q", key, got[key], line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d measures, want %d: %v", len(got), len(want), got)
	}
}

func TestExperts(t *testing.T) {
	past := []eval.Question{
		asked("1", eval.Train, "phones", "ben*"),
		asked("2", eval.Train, "bread", "cid*"),
	}
	for _, tc := range []struct {
		name      string
		questions []eval.Question
		want      map[string]string
	}{
		{"the first place counts one, the second a half",
			[]eval.Question{asked("3", "dev", "phones", "ben+"), asked("4", "dev", "bread", "ben*", "eve")},
			map[string]string{
				"any dev":      "n=2 reachable=2 mrr=0.750 s1=0.500 s5=1.000 s10=1.000 top10share=1.000 distinct=2",
				"accepted dev": "n=2 reachable=2 mrr=0.750 s1=0.500 s5=1.000 s10=1.000 top10share=1.000 distinct=2",
			}},
		{"who answers this question alone is not found",
			[]eval.Question{asked("3", "dev", "kites", "dan*")},
			map[string]string{
				"any dev":      "n=1 reachable=0 mrr=0.000 s1=0.000 s5=0.000 s10=0.000 top10share=1.000 distinct=2",
				"accepted dev": "n=1 reachable=0 mrr=0.000 s1=0.000 s5=0.000 s10=0.000 top10share=1.000 distinct=2",
			}},
		{"a question that was ranked is learned from",
			[]eval.Question{asked("3", "dev", "kites", "dan"), asked("4", "test", "kites", "dan")},
			map[string]string{
				"any dev":  "n=1 reachable=0 mrr=0.000 s1=0.000 s5=0.000 s10=0.000 top10share=1.000 distinct=2",
				"any test": "n=1 reachable=1 mrr=1.000 s1=1.000 s5=1.000 s10=1.000 top10share=1.000 distinct=3",
			}},
		{"the asker is not found for their own question",
			[]eval.Question{asked("3", eval.Train, "kites", "ann"), asked("4", "dev", "kites", "ann")},
			map[string]string{
				"any dev": "n=1 reachable=0 mrr=0.000 s1=0.000 s5=0.000 s10=0.000 top10share=1.000 distinct=2",
			}},
		{"a question that nobody answered counts for nothing",
			[]eval.Question{asked("3", "dev", "phones"), asked("4", "dev", "phones", "ben")},
			map[string]string{
				"any dev": "n=1 reachable=1 mrr=1.000 s1=1.000 s5=1.000 s10=1.000 top10share=1.000 distinct=2",
			}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			expect(t, experts(t, append(slices.Clone(past), tc.questions...)...), tc.want)
		})
	}
}

// Twelve people know one thing each, in a community each, so that each is asked once.
func TestTenOfTwelvePeople(t *testing.T) {
	var all []eval.Question
	for _, split := range []string{eval.Train, "dev"} {
		for i := range 12 {
			topic := "topic" + string(rune('a'+i))
			q := asked(split+topic, split, topic, "expert of "+topic)
			q.Title, q.Community = topic, topic
			all = append(all, q)
		}
	}
	expect(t, experts(t, all...), map[string]string{
		"any dev": "n=12 reachable=12 mrr=1.000 s1=1.000 s5=1.000 s10=1.000 top10share=0.833 distinct=12",
	})
}

func TestTheSameQuestionTwiceIsRefused(t *testing.T) {
	_, err := eval.Experts(t.Context(), []eval.Question{asked("7", eval.Train, "phones", "ben"), asked("7", "dev", "phones", "ben")}, eval.Setting{},
		rand.NewChaCha8([32]byte{}), quiet)
	if err == nil || !strings.Contains(err.Error(), "7 is there twice") {
		t.Errorf("%v, want that 7 is there twice", err)
	}
}

func TestItEndsWhenItIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	questions := []eval.Question{asked("1", eval.Train, "phones", "ben"), asked("2", "dev", "phones", "ben")}
	_, err := eval.Experts(ctx, questions, eval.Setting{}, rand.NewChaCha8([32]byte{}), func(uint64, uint64) { stop() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that it was cancelled", err)
	}
}

func TestTogether(t *testing.T) {
	set := func(ids ...string) (out []eval.Question) {
		for _, id := range ids {
			out = append(out, eval.Question{ID: id})
		}
		return out
	}
	var got []string
	for _, q := range eval.Together(set("a0", "a1", "a2", "a3"), set("b0", "b1")) {
		got = append(got, q.ID)
	}
	if want := []string{"a0", "b0", "a1", "a2", "b1", "a3"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCheck(t *testing.T) {
	for _, tc := range []struct {
		name, says string
		change     func(*eval.Question)
	}{
		{"a good question is fine", "", func(*eval.Question) {}},
		{"no asker", "asker: is missing", func(q *eval.Question) { q.Asker = "" }},
		{"no title", "title: is missing", func(q *eval.Question) { q.Title = " " }},
		{"a long title", "title: has more than 1000", func(q *eval.Question) { q.Title = strings.Repeat("ü", 1001) }},
		{"a long body", "body: has more than 40000", func(q *eval.Question) { q.Body = strings.Repeat("x", 40_001) }},
		{"a long tag", "tags[0]: has more than 200", func(q *eval.Question) { q.Tags[0] = strings.Repeat("x", 201) }},
		{"many tags", "tags: are more than 50", func(q *eval.Question) { q.Tags = make([]string, 51) }},
		{"many answers", "answers: are more than 500", func(q *eval.Question) { q.Answers = make([]eval.Answer, 501) }},
		{"an answer of nobody", "answers[1].user: is missing", func(q *eval.Question) { q.Answers[1].User = "" }},
		{"a long answer", "answers[1].text: has more than 40000", func(q *eval.Question) { q.Answers[1].Text = strings.Repeat("x", 40_001) }},
		{"two accepted", "at most one", func(q *eval.Question) { q.Answers[0].Accepted, q.Answers[1].Accepted = true, true }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			q := asked("1", "dev", "phones", "ben*", "cid")
			tc.change(&q)
			err := q.Check()
			if (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%v, want %q", err, tc.says)
			}
		})
	}
}
