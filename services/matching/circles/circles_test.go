package circles

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// world is what is known, everything of which may be seen but what is hidden.
type world struct {
	*Circles
	hidden map[string]bool // communities whose content is not read
	tied   map[string]bool // communities that are not offered
}

func newWorld() *world {
	return &world{New(), map[string]bool{}, map[string]bool{}}
}

func (w *world) describe(id, language string, terms ...string) {
	d := Description{Language: language, Terms: map[string]Said{}}
	for _, t := range terms {
		d.Terms[t] = Said{1, strings.TrimPrefix(t, "en ")}
	}
	w.Describe(id, d)
}

// ask raises n requests with tags.
func (w *world) ask(in, asker, author string, n int, tags ...string) {
	for range n {
		id := fmt.Sprint("q", len(w.requests))
		w.Raise(id, in, asker, Texts{Language: "en", Tags: tags})
		if author != "" {
			w.Answer(id, "a", author)
		}
	}
}

func (w *world) reader(person string) Reader {
	return Reader{
		Person: person, History: true, Languages: []string{"en"},
		Sees:    func(community, _ string) bool { return !w.hidden[community] },
		Offered: func(id string) bool { return !w.tied[id] },
		Known:   func(string, map[string]bool) []string { return nil },
	}
}

func line(topic string) Line { return Line{topic, [][]string{{Tag(topic)}, {"en " + topic}}} }

// told are suggestions with their reasons.
func told(list []Suggestion) string {
	var out []string
	for _, s := range list {
		one := s.Community + ":"
		for _, r := range s.Reasons {
			one += " " + r.Code
			for _, of := range append(append([]string{r.Topic, r.Request}, r.People...), r.Words...) {
				if of != "" {
					one += "=" + of
				}
			}
			if r.Count > 0 {
				one += fmt.Sprint("=", r.Count)
			}
		}
		out = append(out, one)
	}
	return strings.Join(out, "; ")
}

func expect(t *testing.T, what string, list []Suggestion, want string) {
	t.Helper()
	if got := told(list); got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func TestForAPerson(t *testing.T) {
	w := newWorld()
	w.describe("law", "en", "en law", "#law", "en contract")
	w.describe("print", "de", "en printer")
	w.describe("talk", "en", "en talk")
	w.ask("talk", "eve", "", 6, "garden")
	r := w.reader("ann")
	t.Run("nothing speaks for anything", func(t *testing.T) { expect(t, "ann", w.For(r, 9), "") })
	r.Learn, r.CanHelp = []Line{line("law")}, []Line{line("printer"), line("garden")}
	t.Run("topics of the profile, the wish before the offer, and what is asked there", func(t *testing.T) {
		expect(t, "ann", w.For(r, 9), "law: want_to_learn=law language; print: can_help=printer; talk: can_help=garden language")
	})
	t.Run("at most as many as are wanted", func(t *testing.T) { expect(t, "ann", w.For(r, 1), "law: want_to_learn=law language") })
	t.Run("of a closed community what it says of itself alone", func(t *testing.T) {
		w.hidden["talk"], w.hidden["law"] = true, true
		expect(t, "ann", w.For(r, 9), "law: want_to_learn=law language; print: can_help=printer")
		clear(w.hidden)
	})
	t.Run("not what is not offered, nor what was dismissed", func(t *testing.T) {
		w.tied["law"] = true
		w.Spurn("ann", "print")
		expect(t, "ann", w.For(r, 9), "talk: can_help=garden language")
		expect(t, "another", w.For(func() Reader { o := r; o.Person = "bob"; return o }(), 9), "print: can_help=printer; talk: can_help=garden language")
		clear(w.tied)
	})
}

func TestForAPersonByHistory(t *testing.T) {
	w := newWorld()
	w.describe("law", "en", "en law", "#law")
	w.describe("print", "en", "en printer", "#printer")
	w.describe("talk", "en", "en talk")
	w.Raise("mine", "", "ann", Texts{Tags: []string{"law"}})
	w.Answer("mine", "a", "bob")
	w.Raise("his", "den", "cem", Texts{Tags: []string{"printer"}})
	w.Answer("his", "a", "ann")
	r := w.reader("ann")
	var asked map[string]bool
	r.Known = func(id string, exchanged map[string]bool) []string {
		if asked = exchanged; id == "talk" {
			return []string{"bob", "cem"}
		}
		return nil
	}
	expect(t, "ann", w.For(r, 9), "law: asked=mine language; print: answered=his language; talk: colleagues=bob=cem language")
	if !asked["bob"] || !asked["cem"] || len(asked) != 2 {
		t.Errorf("exchanged help with %v", asked)
	}
	t.Run("in works-council mode nothing that anybody did", func(t *testing.T) {
		r := r
		r.History = false
		expect(t, "ann", w.For(r, 9), "")
	})
	t.Run("what they may see no more does not speak, nor whom they know from it", func(t *testing.T) {
		w.hidden["den"] = true
		expect(t, "ann", w.For(r, 9), "law: asked=mine language; talk: colleagues=bob=cem language")
		if asked["cem"] {
			t.Error("they are still known from there")
		}
		w.hidden["talk"] = true
		expect(t, "ann", w.For(r, 9), "law: asked=mine language")
		clear(w.hidden)
	})
	t.Run("what was taken back does not speak", func(t *testing.T) {
		w.RetractAnswer("his", "a")
		w.Retract("mine")
		asked = nil
		expect(t, "ann", w.For(r, 9), "")
		if len(asked) > 0 {
			t.Errorf("exchanged help with %v", asked)
		}
	})
}

// counted is how many terms the requests of a community have.
func (w *world) counted(id string) (n int) {
	for t := range w.posts {
		if w.having(w.communities[id], uint32(t)) > 0 {
			n++
		}
	}
	return n
}

func TestForget(t *testing.T) {
	w := newWorld()
	w.describe("law", "en", "en law", "#law")
	w.Raise("q", "law", "ann", Texts{Tags: []string{"tax"}})
	w.Answer("q", "a", "bob")
	w.Tie("bob", "law", 7)
	w.Spurn("bob", "law")
	w.Forget("bob", false)
	w.Forget("ann", true)
	w.Correct("q", Texts{Tags: []string{"later"}})
	w.Tie("bob", "law", 8)
	if q := w.requests["q"]; q.asker != "" || q.answers[0].author != "" || len(q.terms)+len(q.tags) > 0 {
		t.Errorf("left: %+v", q)
	}
	if w.counted("law") > 0 {
		t.Error("the terms are still counted")
	}
	if p := w.people["bob"]; len(p.ties)+len(p.spurned)+len(p.answered) > 0 {
		t.Errorf("left: %+v", p)
	}
	t.Run("texts that were left stay", func(t *testing.T) {
		w.Raise("r", "law", "cem", Texts{Tags: []string{"tax"}})
		w.Forget("cem", false)
		if w.counted("law") != 1 {
			t.Errorf("%d terms are counted", w.counted("law"))
		}
	})
}

// host sees everything but what is hidden; people of a prefix are in the
// community of that name.
func (w *world) host(id string, members map[string][]string) Host {
	return Host{
		Community: id, History: true,
		Sees:    func(id string) bool { return !w.hidden[id] },
		Offered: func(id string) bool { return !w.tied[id] },
		Members: func(id string) []string { return members[id] },
		Of: func(person string) []string {
			var of []string
			for id, list := range members {
				if slices.Contains(list, person) {
					of = append(of, id)
				}
			}
			return of
		},
	}
}

func people(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint(prefix, i)
	}
	return out
}

func TestLinks(t *testing.T) {
	w := newWorld()
	w.describe("law", "en", "en law", "en contract")
	w.describe("buy", "en", "en contract", "en purchase")
	w.describe("talk", "en", "en talk")
	w.describe("walk", "en", "en walk")
	w.tied["walk"] = true
	members := map[string][]string{"law": people("l", 8), "talk": people("l", 4), "buy": people("b", 6)}
	h := w.host("law", members)
	t.Run("words in common, and no count of four", func(t *testing.T) { expect(t, "law", w.Links(h, 9, ""), "buy: shared_topics=contract") })
	t.Run("five members in common", func(t *testing.T) {
		members["talk"] = people("l", 7)
		expect(t, "law", w.Links(h, 9, ""), "talk: shared_members=5; buy: shared_topics=contract")
	})
	t.Run("not of what is not read", func(t *testing.T) {
		w.hidden["talk"] = true
		expect(t, "law", w.Links(h, 9, ""), "buy: shared_topics=contract")
		clear(w.hidden)
		members["talk"] = nil
	})
	for i, b := range people("b", 6) {
		w.ask("law", "l0", b, 3, "x")
		if want := "buy: shared_topics=contract"; i < 4 {
			expect(t, "four answer across", w.Links(h, 9, ""), want)
		}
	}
	t.Run("five people answer across", func(t *testing.T) {
		expect(t, "law", w.Links(h, 9, ""), "buy: shared_topics=contract answered_across=5")
		expect(t, "buy", w.Links(w.host("buy", members), 9, ""), "law: shared_topics=contract answered_across=5")
		o := h
		o.History = false
		expect(t, "works council", w.Links(o, 9, ""), "buy: shared_topics=contract")
		w.hidden["buy"] = true
		expect(t, "closed", w.Links(h, 9, ""), "buy: shared_topics=contract")
		clear(w.hidden)
	})
	t.Run("tags in common", func(t *testing.T) {
		w.ask("law", "l0", "", 20, "orchid")
		w.ask("talk", "t0", "", 20, "orchid")
		expect(t, "talk", w.Links(w.host("talk", members), 9, ""), "law: shared_topics=orchid")
		w.hidden["law"] = true
		expect(t, "talk, without reading", w.Links(w.host("talk", members), 9, ""), "")
		clear(w.hidden)
		expect(t, "law", w.Links(h, 1, ""), "buy: shared_topics=contract answered_across=5")
	})
	t.Run("what was proposed or dismissed does not come back", func(t *testing.T) {
		w.SpurnLink("law", "talk")
		w.Link("buy", "law", 9)
		expect(t, "law", w.Links(h, 9, ""), "")
		expect(t, "talk", w.Links(w.host("talk", members), 9, ""), "law: shared_topics=orchid")
		expect(t, "but for the one that is asked about", w.Links(h, 9, "buy"), "buy: shared_topics=contract answered_across=5")
	})
	t.Run("of nothing", func(t *testing.T) { expect(t, "nowhere", w.Links(w.host("nowhere", members), 9, ""), "") })
}

func TestSpread(t *testing.T) {
	two := func() *world {
		w := newWorld()
		for i := range 12 {
			w.ask("c", fmt.Sprint("l", i%6), "", 1, "law", "tax")
			w.ask("c", fmt.Sprint("p", i%6), "", 1, "printer", "ink")
		}
		return w
	}
	t.Run("two subjects of different people", func(t *testing.T) {
		w := two()
		s, ok := w.Spread("c")
		if !ok || len(s.Groups) != 2 || fmt.Sprint(s.Groups[0].Tags, s.Groups[1].Tags) != "[ink printer] [law tax]" ||
			s.Groups[0].Requests != 12 || s.Groups[0].People != 6 || s.Modularity < 0.49 || s.Modularity > 0.51 {
			t.Errorf("got %+v, %v", s, ok)
		}
	})
	refuse := func(name string, w *world) {
		t.Run(name, func(t *testing.T) {
			if s, ok := w.Spread("c"); ok {
				t.Errorf("got %+v", s)
			}
		})
	}
	w := two()
	w.ask("c", "l0", "", 20, "law", "printer")
	refuse("tags that occur together are one subject", w)
	w = newWorld()
	for i := range 12 {
		w.ask("c", fmt.Sprint("l", i%6), "", 1, "law", "tax")
		w.ask("c", fmt.Sprint("l", i%6), "", 1, "printer", "ink")
	}
	refuse("the same people ask about both", w)
	w = newWorld()
	for i := range 12 {
		w.ask("c", fmt.Sprint("l", i%6), "", 1, "law", "tax")
		w.ask("c", fmt.Sprint("p", i%4), "", 1, "printer", "ink")
	}
	refuse("four people are no group", w)
	refuse("nothing was asked", newWorld())
	w = newWorld()
	w.ask("c", "l", "", 20, "law")
	refuse("tags that stand alone", w)
}

// Modularity of the graph of two triangles with one edge between them: 5/14
// (0.357), by hand from the formula.
func TestModularity(t *testing.T) {
	w := make([][]float64, 6)
	for i := range w {
		w[i] = make([]float64, 6)
	}
	for _, e := range [][2]int{{0, 1}, {1, 2}, {0, 2}, {3, 4}, {4, 5}, {3, 5}, {2, 3}} {
		w[e[0]][e[1]], w[e[1]][e[0]] = 1, 1
	}
	group, q := topicGroups(6, w)
	if q < 5.0/14-1e-9 || q > 5.0/14+1e-9 || group[0] != group[1] || group[1] != group[2] || group[3] != group[5] || group[2] == group[3] {
		t.Errorf("groups %v, Q = %v", group, q)
	}
}
