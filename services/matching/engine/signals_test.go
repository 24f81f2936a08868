package engine_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"kith/services/matching/engine"
)

// features of a person when somebody asks.
func (w *world) features(t *testing.T, person string, ask engine.Ask) engine.Features {
	t.Helper()
	for _, c := range w.Rank(ask, rules(), people()) {
		if c.Person == person {
			return c.Features
		}
	}
	t.Fatalf("%s is no candidate", person)
	return engine.Features{}
}

func TestLanguagesOfAProfile(t *testing.T) {
	w := newWorld()
	for _, p := range []string{"b1", "b2", "b3"} {
		w.topics(p, "printers")
	}
	w.SetLanguages("b1", []string{"de-AT", "en"})
	w.SetLanguages("b2", []string{"de", "fr"})
	ask := engine.Ask{Asker: "a1", Language: "en", Terms: w.termsIn("en", "printers jam"), At: now}
	for person, want := range map[string]float64{"b1": 1, "b2": -1, "b3": 0} {
		if got := w.features(t, person, ask)[engine.Speaks]; got != want {
			t.Errorf("%s speaks it: %v, want %v", person, got, want)
		}
	}
	if got := names(w.Rank(ask, rules(), people())); fmt.Sprint(got) != "[b1 b3 b2]" {
		t.Errorf("ranked %v", got)
	}
	w.SetLanguages("b2", nil)
	if got := w.features(t, "b2", ask)[engine.Speaks]; got != 0 {
		t.Errorf("a profile without languages says %v", got)
	}
}

func TestHours(t *testing.T) {
	monday := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	w := newWorld()
	for i := range 40 {
		id, at := fmt.Sprint("q", i), monday.AddDate(0, 0, i/20*7).Add(10*time.Hour)
		w.ask(id, "c", "a1", "zebra crossings")
		w.Answer(id, id+"-1", "early", at, 0)
		w.Answer(id, id+"-2", "late", at.Add(9*time.Hour), 0)
	}
	w.Answer("q1", "n", "new", monday, 0)
	at := func(person string, hours time.Duration) float64 {
		return w.features(t, person, engine.Ask{Community: "c", Asker: "a2", Terms: w.terms("zebra"), At: monday.Add(hours * time.Hour)})[engine.Hours]
	}
	if morning, evening := at("early", 34), at("early", 43); morning <= 0 || evening >= 0 {
		t.Errorf("who answers in the morning: %v then, %v in the evening", morning, evening)
	}
	if morning, evening := at("late", 34), at("late", 43); morning >= 0 || evening <= 0 {
		t.Errorf("who answers in the evening: %v in the morning, %v then", morning, evening)
	}
	if got := at("early", 5*24+10); got != 0 {
		t.Errorf("on a weekend, when nobody ever answered: %v", got)
	}
	if one := at("new", 34); math.Abs(one) > math.Abs(at("late", 34)) {
		t.Errorf("a single answer says %v", one)
	}
	for i := range 40 { // taken back, it is forgotten
		w.RetractAnswer(fmt.Sprint("q", i), fmt.Sprintf("q%d-2", i))
	}
	w.topics("late", "zebra crossings")
	if got := at("late", 43); got != 0 {
		t.Errorf("after all answers were retracted: %v", got)
	}
}

// Two people answer equally often; one of them always when it is about zebras.
func TestKnack(t *testing.T) {
	told := func() *world {
		w := newWorld()
		for i := range 60 {
			id, words, who := fmt.Sprint("q", i), "zebra crossings paint", "b1"
			if i%2 == 1 {
				words, who = "paint for doors", "b2"
			}
			w.ask(id, "c", "a1", words)
			w.answered(id, who)
			w.SetOpen(id, false)
		}
		return w
	}
	w := told()
	ask := engine.Ask{Community: "c", Asker: "a2", Language: "en", Terms: w.termsIn("en", "zebra crossings"), At: now}
	if one, other := w.features(t, "b1", ask), w.features(t, "b2", ask); one[engine.Knack] <= 0 || other[engine.Knack] > 0 {
		t.Errorf("%v for who answers, %v for who never does", one[engine.Knack], other[engine.Knack])
	}
	elsewhere := ask
	elsewhere.Community = "d"
	if got := w.features(t, "b1", elsewhere)[engine.Knack]; got != 0 {
		t.Errorf("it says %v in another community", got)
	}
	if w.Lessons() != told().Lessons() {
		t.Error("the same history teaches something else")
	}
	w.Forget("b1", false)
	if got := w.features(t, "b1", ask)[engine.Knack]; got != 0 {
		t.Errorf("of somebody who was erased it says %v", got)
	}
}
