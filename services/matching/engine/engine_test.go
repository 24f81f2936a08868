package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kith/pkg/text"
	"kith/services/matching/engine"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// world is an engine with people who work in the unit named by the first
// letter of their id.
type world struct {
	*engine.Engine
	analyser *text.Analyser
	serial   int
}

func newWorld() *world { return &world{Engine: engine.New(), analyser: text.NewAnalyser()} }

func (w *world) terms(words string) []text.Term {
	return w.analyser.Terms(w.analyser.Language("", words), text.Field{Text: words, Weight: 3})
}

func (w *world) termsIn(language, words string) []text.Term {
	return w.analyser.Terms(language, text.Field{Text: words, Weight: 3})
}

func (w *world) said(language, words string) text.Bag {
	_, bag := w.Read(language, nil, text.Field{Text: words, Weight: 3})
	return bag
}

func requests(list []engine.Similar) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.Request)
	}
	return out
}

func (w *world) words(words string, tags ...string) text.Bag {
	_, bag := w.Read("", tags, text.Field{Text: words, Weight: 3})
	return bag
}

func (w *world) ask(id, community, asker, text string, tags ...string) {
	w.Raise(engine.Request{ID: id, Community: community, Asker: asker, Kind: "information",
		Language: w.analyser.Language("", text), Tags: tags, Words: w.words(text, tags...)})
}

func (w *world) answered(request string, people ...string) {
	for _, p := range people {
		w.serial++
		w.Answer(request, fmt.Sprint("r", w.serial), p, now, 0)
	}
}

func (w *world) topics(person string, lines ...string) {
	var list []engine.TopicLine
	for i, l := range lines {
		list = append(list, engine.TopicTerms(w.analyser, i, l))
	}
	w.SetTopics(person, list)
}

func people() engine.People {
	return engine.People{
		May:  func(person string) bool { return person != "blocked" },
		Unit: func(person string) string { return person[:1] },
	}
}

func rules() engine.Rules {
	return engine.Rules{Weights: engine.DefaultWeights(), Policy: engine.DefaultPolicy(), Cap: 5, Window: 7 * 24 * time.Hour}
}

func (w *world) rank(asker, text string, tags ...string) []engine.Candidate {
	return w.Rank(engine.Ask{Asker: asker, Language: w.analyser.Language("", text), Tags: tags, Terms: w.terms(text), At: now}, rules(), people())
}

func names(list []engine.Candidate) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.Person)
	}
	return out
}

// history is a small forum in German and English.
func history() *world {
	w := newWorld()
	w.ask("q1", "", "a1", "Wie melde ich eine Vergabe oberhalb des Schwellenwerts an?", "vergabe")
	w.answered("q1", "b1")
	w.ask("q2", "", "a2", "Which printer driver works with the new laptops?", "printer")
	w.answered("q2", "c1")
	w.ask("q3", "", "a3", "Vertretung in der Kita während der Grippewelle organisieren")
	w.answered("q3", "d1")
	w.ask("q4", "", "a1", "The printers on the third floor print blank pages", "printer")
	w.answered("q4", "c1", "c2")
	return w
}

func TestRank(t *testing.T) {
	t.Run("who answered a similar question in German comes first, with it as the reason", func(t *testing.T) {
		got := history().rank("a9", "Wir haben Fragen zu Vergaben und zum Schwellenwert")
		if len(got) == 0 || got[0].Person != "b1" || got[0].Similar != "q1" {
			t.Fatalf("ranked %+v", got)
		}
	})
	t.Run("who answered a similar question in English comes first", func(t *testing.T) {
		got := history().rank("a9", "My laptop cannot find the printer driver")
		if len(got) == 0 || got[0].Person != "c1" || got[0].Similar != "q2" {
			t.Fatalf("ranked %+v", got)
		}
	})
	t.Run("a word in common makes no question similar", func(t *testing.T) {
		for _, c := range history().rank("a9", "New strategy for recruiting engineers abroad: visas, housing, schools, language courses") {
			if c.Similar != "" || len((engine.Choice{Count: 5}).Choose([]engine.Candidate{c})) > 0 {
				t.Errorf("%s is proposed: %+v", c.Person, c)
			}
		}
	})
	t.Run("tags speak for people where words do not", func(t *testing.T) {
		got := history().rank("a9", "Toner leaking everywhere", "printer")
		if len(got) == 0 || got[0].Person != "c1" || got[0].Tag != "printer" {
			t.Fatalf("ranked %+v", got)
		}
	})
	t.Run("without any history profiles decide, in German", func(t *testing.T) {
		w := newWorld()
		w.topics("b1", "Reisekosten", "Vergaberecht und Verträge")
		w.topics("c1", "Excel")
		got := w.rank("a9", "Wer prüft einen Vertrag mit einem Lieferanten?")
		if len(got) != 1 || got[0].Person != "b1" || got[0].Topic != 1 {
			t.Fatalf("ranked %+v", got)
		}
	})
	t.Run("without any history profiles decide, in English", func(t *testing.T) {
		w := newWorld()
		w.topics("b1", "travelling abroad")
		w.topics("c1", "procurement contracts")
		got := w.rank("a9", "Who has experience with a contract in procurement?")
		if len(got) != 1 || got[0].Person != "c1" || got[0].Topic != 0 {
			t.Fatalf("ranked %+v", got)
		}
	})
	t.Run("a colleague elsewhere is preferred to an equal one next door", func(t *testing.T) {
		w := newWorld()
		w.topics("a2", "procurement")
		w.topics("z2", "procurement")
		if got := names(w.rank("a1", "procurement rules")); !slices.Equal(got, []string{"z2", "a2"}) {
			t.Errorf("ranked %q", got)
		}
	})
	t.Run("who says that they can help comes before who has merely been active", func(t *testing.T) {
		w := newWorld()
		w.ask("q1", "", "a1", "paper jams")
		w.answered("q1", "b1")
		w.topics("b2", "procurement")
		if got := names(w.rank("a1", "procurement rules")); !slices.Equal(got, []string{"b2", "b1"}) {
			t.Errorf("ranked %q", got)
		}
	})
	t.Run("equals are in the order of ids", func(t *testing.T) {
		w := newWorld()
		for _, p := range []string{"b3", "b1", "b2"} {
			w.topics(p, "procurement")
		}
		for range 20 {
			if got := names(w.rank("a1", "procurement")); !slices.Equal(got, []string{"b1", "b2", "b3"}) {
				t.Fatalf("ranked %q", got)
			}
		}
	})
	t.Run("the request itself does not vote for those who answered it", func(t *testing.T) {
		w := newWorld()
		w.ask("q1", "", "a1", "zebra crossings in car parks")
		w.answered("q1", "b1")
		if got := w.Rank(engine.Ask{Request: "q1", At: now}, rules(), people()); len(got) > 0 && got[0].Similar != "" {
			t.Errorf("ranked %+v", got)
		}
	})
}

func TestLimits(t *testing.T) {
	candidates := func(change func(*world)) []string {
		w := newWorld()
		w.topics("b1", "procurement")
		w.topics("c1", "procurement")
		w.ask("q1", "", "a1", "something else")
		change(w)
		return names(w.rank("a9", "procurement"))
	}
	for name, change := range map[string]func(*world){
		"who opted out is left out":      func(w *world) { w.Prefer("b1", true, 5) },
		"who is away is left out":        func(w *world) { w.SetAvailability("b1", engine.Away) },
		"a cap of nought is a limit too": func(w *world) { w.Prefer("b1", false, 0) },
		"who is at the cap is left out": func(w *world) {
			for range 5 {
				w.Propose("q1", now.Add(-time.Hour), []string{"b1"})
			}
		},
		"one's own cap counts": func(w *world) {
			w.Prefer("b1", false, 1)
			w.Propose("q1", now.Add(-time.Hour), []string{"b1"})
		},
		"limited availability halves the cap": func(w *world) {
			w.SetAvailability("b1", engine.Limited)
			for range 3 {
				w.Propose("q1", now.Add(-time.Hour), []string{"b1"})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := candidates(change); !slices.Equal(got, []string{"c1"}) {
				t.Errorf("ranked %q", got)
			}
		})
	}
	t.Run("proposals of more than a week ago do not count", func(t *testing.T) {
		got := candidates(func(w *world) {
			for range 5 {
				w.Propose("q1", now.Add(-8*24*time.Hour), []string{"b1"})
			}
			w.SetOpen("q1", false)
		})
		if len(got) != 2 {
			t.Errorf("ranked %q", got)
		}
	})
	t.Run("who has less to do comes before who has more", func(t *testing.T) {
		got := candidates(func(w *world) { w.Propose("q1", now.Add(-time.Hour), []string{"b1"}) })
		if !slices.Equal(got, []string{"c1", "b1"}) {
			t.Errorf("ranked %q", got)
		}
	})
}

func TestForgetting(t *testing.T) {
	t.Run("a retracted request is found no more and speaks for nobody", func(t *testing.T) {
		w := history()
		w.Retract("q1")
		w.Retract("q4")
		if got := w.rank("a9", "Vergaben, Schwellenwert"); len(got) > 0 && got[0].Features[engine.Vote] > 0 {
			t.Errorf("ranked %+v", got[0])
		}
		if got := w.Similar(w.analyser.Language("", "Vergaben, Schwellenwert"), w.terms("Vergaben, Schwellenwert"), nil, "", 5, nil, all); len(got) != 0 {
			t.Errorf("found %+v", got)
		}
	})
	t.Run("a corrected text replaces the old one", func(t *testing.T) {
		w := history()
		w.Correct("q1", "de", nil, w.words("Dienstwagen buchen"))
		if got := w.Similar(w.analyser.Language("", "Schwellenwert der Vergabe"), w.terms("Schwellenwert der Vergabe"), nil, "", 5, nil, all); len(got) != 0 {
			t.Errorf("found %+v", got)
		}
		if got := w.Similar(w.analyser.Language("", "Dienstwagen"), w.terms("Dienstwagen"), nil, "", 5, nil, all); len(got) != 1 || got[0].Request != "q1" {
			t.Errorf("found %+v", got)
		}
	})
	t.Run("a retracted answer no longer speaks for its author", func(t *testing.T) {
		w := newWorld()
		w.ask("q1", "c", "a1", "zebra crossings", "road")
		w.Answer("q1", "r1", "b1", now, 3)
		w.Accept("q1", "r1")
		w.RetractAnswer("q1", "r1")
		got := w.Rank(engine.Ask{Community: "c", Asker: "a9", Tags: []string{"road"}, Terms: w.terms("zebra crossings"), Language: "en", At: now}, rules(), people())
		if len(got) != 0 {
			t.Errorf("ranked %+v", got)
		}
	})
	t.Run("the topics of an erased person are gone, their texts as they chose", func(t *testing.T) {
		for _, texts := range []bool{false, true} {
			w := newWorld()
			w.ask("q1", "", "a1", "zebra crossings")
			w.topics("a1", "zebra crossings")
			w.Forget("a1", texts)
			if got := w.rank("z1", "zebra crossings"); len(got) != 0 {
				t.Errorf("ranked %+v", got)
			}
			if got := w.Similar(w.analyser.Language("", "zebra crossings"), w.terms("zebra crossings"), nil, "", 5, nil, all); (len(got) == 0) != texts {
				t.Errorf("texts %v: found %+v", texts, got)
			}
		}
	})
	t.Run("what is gone leaves no trace in the hash", func(t *testing.T) {
		build := func(text string) *world {
			w := newWorld()
			w.ask("q0", "", "a2", "something that stays")
			w.ask("q1", "", "a1", text)
			w.Answer("q1", "r1", "b1", now, 0)
			w.SetAnswerWords("q1", "r1", w.words("paint them "+text))
			w.topics("a1", text)
			w.Forget("a1", true)
			w.Forget("b1", true)
			return w
		}
		// Folded again, the keys are gone and the texts are empty from the start.
		if one, other := build("zebra crossings").Hash(), build("").Hash(); one == other {
			return
		}
		t.Error("an index that was folded with the text differs from one that was not")
	})
}

func all(string) bool { return true }

func TestChoice(t *testing.T) {
	ranked := make([]engine.Candidate, 0)
	for i, unit := range []string{"a", "a", "a", "b", "a", "b", "", "", "c"} {
		ranked = append(ranked, engine.Candidate{Person: fmt.Sprint("p", i), Unit: unit, Topic: 0})
	}
	for name, c := range map[string]struct {
		choice engine.Choice
		want   []string
	}{
		"the best of all":                           {engine.Choice{Count: 3}, []string{"p0", "p1", "p2"}},
		"at most two of a unit":                     {engine.Choice{Count: 5, PerUnit: 2}, []string{"p0", "p1", "p3", "p5", "p6"}},
		"from as many units as possible, then best": {engine.Choice{Count: 6, Spread: true}, []string{"p0", "p1", "p3", "p6", "p7", "p8"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := names(c.choice.Choose(ranked)); !slices.Equal(got, c.want) {
				t.Errorf("chose %q, want %q", got, c.want)
			}
		})
	}
	t.Run("nobody is chosen for nothing but working elsewhere", func(t *testing.T) {
		if got := (engine.Choice{Count: 3}).Choose([]engine.Candidate{{Person: "p", Topic: -1, OtherUnit: true, Score: 9}}); len(got) != 0 {
			t.Errorf("chose %+v", got)
		}
	})
}

func TestOneWordInCommonIsNotSimilar(t *testing.T) {
	w := history()
	for words, want := range map[string]int{
		"Vergabe": 1, "Wie melde ich eine Vergabe an?": 1, "Vergabe eines Parkplatzes beim Schwimmbad in Neustadt": 0,
	} {
		if got := w.Similar("de", w.terms(words), nil, "", 5, nil, all); len(got) != want {
			t.Errorf("%q finds %+v, want %d", words, got, want)
		}
	}
}

func TestAcross(t *testing.T) {
	ranked := []engine.Candidate{{Person: "p1", Topic: 0}, {Person: "p2", Topic: 0}, {Person: "p3", Topic: -1, OtherUnit: true}, {Person: "p4", Topic: 0, OtherUnit: true}}
	if got := names((engine.Choice{Count: 2, Across: true}).Choose(ranked)); !slices.Equal(got, []string{"p1", "p4"}) {
		t.Errorf("chose %q", got)
	}
	if got := names((engine.Choice{Count: 2, Across: true}).Choose(ranked[:2])); !slices.Equal(got, []string{"p1", "p2"}) {
		t.Errorf("chose %q where everybody is of the asker's unit", got)
	}
}
