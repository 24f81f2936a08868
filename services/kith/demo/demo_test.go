package demo

import (
	"bytes"
	"encoding/csv"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func planned(t *testing.T, seed uint64, people int) plan {
	t.Helper()
	p, err := newPlan(seed, people)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestContent(t *testing.T) {
	c, err := readContent()
	if err != nil {
		t.Fatal(err)
	}
	language := map[string]*regexp.Regexp{
		german:  regexp.MustCompile(`(?i)(^|[^\p{L}])(der|die|das|den|und|wir|nicht|ist|ein|eine|bei|uns|mit|im|wird|von|zu|haben|sind|auf|nur)($|[^\p{L}])`),
		english: regexp.MustCompile(`(?i)(^|[^\p{L}])(the|a|and|we|not|is|it|of|to|with|our|you)($|[^\p{L}])`),
	}
	t.Run("there_are_enough_questions_and_names", func(t *testing.T) {
		if n := len(c.Questions); n < 60 {
			t.Errorf("%d questions", n)
		}
		for what, names := range map[string][]string{"first": firstNames(), "last": lastNames()} {
			if n := len(names); n < 80 {
				t.Errorf("%d %s names", n, what)
			}
		}
	})
	t.Run("every_question_has_answers_in_its_own_language", func(t *testing.T) {
		for _, q := range c.Questions {
			at := c.theme(q.Theme)
			if at < 0 {
				t.Errorf("%q is about a theme that does not exist", q.Titles)
				continue
			}
			own := c.Themes[at].Language
			if len(q.Titles) == 0 || len(q.Answers) < 2 || len(q.Answers) > 4 {
				t.Errorf("%q has %d titles and %d answers", q.Titles, len(q.Titles), len(q.Answers))
			}
			for _, text := range []string{q.Body + " " + q.Need, strings.Join(q.Answers, " ")} {
				mine, others := len(language[own].FindAllString(text, -1)), len(language[other(own)].FindAllString(text, -1))
				if mine < 2 || mine <= 2*others {
					t.Errorf("%q does not read like %s", text, own)
				}
			}
		}
	})
	t.Run("every_word_in_braces_has_values", func(t *testing.T) {
		braces := regexp.MustCompile(`\{(\w+)\}`)
		for _, q := range c.Questions {
			used := map[string]bool{}
			for _, text := range slices.Concat(q.Titles, []string{q.Body, q.Need}, q.Answers) {
				for _, m := range braces.FindAllStringSubmatch(text, -1) {
					used[m[1]] = true
					if len(q.With[m[1]]) < 2 {
						t.Errorf("%s in %q has too few values", m[0], text)
					}
				}
			}
			for word := range q.With {
				if !used[word] {
					t.Errorf("%q has values for %s and no use for them", q.Titles, word)
				}
			}
		}
	})
	t.Run("both_languages_have_every_phrase", func(t *testing.T) {
		for _, l := range []string{german, english} {
			w := c.Phrases[l]
			for _, list := range [][]string{w.Norms, w.Join, w.Invite, w.Greet, w.Close, w.Offer, w.Thanks, w.Withdraw, w.Giveup, w.About,
				w.Again[kindProblem], w.Again[information], w.Again[experience],
				w.Context[kindProblem], w.Context[information], w.Context[experience], {w.Note, w.Forming, w.Active, w.Dormant, w.Reopen}} {
				if len(list) == 0 || slices.Contains(list, "") {
					t.Errorf("%s lacks a phrase: %q", l, list)
				}
			}
			if len(w.Groups)*len(c.Themes)+len(c.Themes) < mostCommunities {
				t.Errorf("%s has names for too few communities", l)
			}
		}
	})
}

func other(language string) string {
	if language == german {
		return english
	}
	return german
}

func TestOrganisation(t *testing.T) {
	t.Run("the_same_seed_gives_the_same_files", func(t *testing.T) {
		a, b, c := planned(t, 7, 300), planned(t, 7, 300), planned(t, 8, 300)
		if !bytes.Equal(a.peopleCSV(), b.peopleCSV()) || !bytes.Equal(a.unitsCSV(), b.unitsCSV()) {
			t.Error("two plans of one seed differ")
		}
		if bytes.Equal(a.peopleCSV(), c.peopleCSV()) {
			t.Error("another seed gives the same people")
		}
	})
	for _, people := range []int{MinPeople, 200, 2_000, MaxPeople} {
		p := planned(t, 1, people)
		rows, err := csv.NewReader(bytes.NewReader(p.peopleCSV())).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != people+1 {
			t.Errorf("%d lines for %d people", len(rows), people)
		}
		units, kinds := map[string]bool{"": true}, map[string]int{}
		for _, u := range p.units {
			if !units[u.parent] || units[u.code] || u.name == "" {
				t.Errorf("unit %+v has no parent before it, no name, or is there twice", u)
			}
			units[u.code] = true
			kinds[u.kind]++
		}
		if n := kinds["department"]; n < 12 || n > 20 {
			t.Errorf("%d departments for %d people", n, people)
		}
		ids, logins := map[string]bool{}, map[string]bool{}
		languages := map[string]int{}
		for _, r := range rows[1:] {
			if ids[r[0]] || logins[r[2]] {
				t.Errorf("%v is there twice", r)
			}
			ids[r[0]], logins[r[2]] = true, true
			if a, err := mail.ParseAddress(r[2]); err != nil || a.Address != r[2] || !regexp.MustCompile(`^[a-z]+\.[a-z]+[0-9]*@stadt\.example$`).MatchString(r[2]) {
				t.Errorf("%q is no mail address of %s", r[2], r[1])
			}
			if !units[r[3]] {
				t.Errorf("%v is in a unit that does not exist", r)
			}
			languages[r[5]]++
		}
		if share := float64(languages[german]) / float64(people); people > 1000 && (share < 0.66 || share > 0.74) {
			t.Errorf("%.2f speak German first", share)
		}
	}
	t.Run("numbers_out_of_range_are_refused", func(t *testing.T) {
		for _, n := range []int{0, MinPeople - 1, MaxPeople + 1} {
			if _, err := newPlan(1, n); err == nil {
				t.Errorf("a plan for %d people", n)
			}
		}
	})
}

func TestCommunities(t *testing.T) {
	for _, people := range []int{MinPeople, 200, 3_000} {
		p := planned(t, 1, people)
		if people == 200 && len(p.communities) != 10 {
			t.Errorf("%d communities", len(p.communities))
		}
		names, joining, visibility := map[string]bool{}, map[string]int{}, map[string]int{}
		for _, c := range p.communities {
			if names[c.name] || len([]rune(c.name)) > 100 || len([]rune(c.purpose)) > 500 {
				t.Errorf("%q is there twice or too long", c.name)
			}
			names[c.name] = true
			joining[c.joining]++
			visibility[c.visibility]++
			all := c.everybody()
			in, units := map[int]bool{}, map[string]bool{}
			for _, i := range append(all, c.pending...) {
				if in[i] || i == p.newcomer || !slices.Contains(p.people[i].speaks, c.language) {
					t.Errorf("%s cannot be in %q", p.people[i].login, c.name)
				}
				in[i] = true
				units[p.people[i].unit] = true
			}
			if len(units) < 2 || people >= 200 && (len(all) < 8 || len(all) > 60) {
				t.Errorf("%q has %d members from %d units", c.name, len(all), len(units))
			}
		}
		if people >= 200 && (len(joining) < 3 || len(visibility) < 2) {
			t.Errorf("communities are joined in the ways %v and are %v", joining, visibility)
		}
	}
}

func TestPast(t *testing.T) {
	for _, people := range []int{MinPeople, 200, MaxPeople} {
		p := planned(t, 1, people)
		if people >= 200 && len(p.past) < 150 {
			t.Errorf("%d questions of the past for %d people", len(p.past), people)
		}
		said := map[string]bool{}
		type pair struct{ by, to int }
		helps, helpers, askers := map[pair]int{}, map[pair]map[int]bool{}, map[pair]map[int]bool{}
		for _, q := range p.past {
			if c := p.communities[q.community]; said[q.title] || c.visibility == closed || c.language != q.language {
				t.Errorf("%q is asked twice, or does not fit %q", q.title, c.name)
			}
			said[q.title] = true
			if q.ago <= 0 || q.ago > pastDays*24*time.Hour || len(q.replies) != len(q.answers) {
				t.Errorf("%q is %v old, with %d replies to %d answers", q.title, q.ago, len(q.replies), len(q.answers))
			}
			wrote := map[int]bool{q.asker: true, p.newcomer: true}
			for i, a := range q.answers {
				if wrote[a.author] || !slices.Contains(p.people[a.author].speaks, q.language) {
					t.Errorf("%q is answered by somebody twice, or who cannot", q.title)
				}
				wrote[a.author] = true
				k := pair{p.people[a.author].department, p.people[q.asker].department}
				if k.by == k.to || i > 0 && !q.replies[i].thanked {
					continue
				}
				if helps[k]++; helpers[k] == nil {
					helpers[k], askers[k] = map[int]bool{}, map[int]bool{}
				}
				helpers[k][a.author], askers[k][q.asker] = true, true
			}
		}
		shown := 0
		for k, n := range helps {
			if n >= 5 && len(helpers[k]) >= 5 && len(askers[k]) >= 5 {
				shown++
			}
		}
		if people >= 200 && (shown < 10 || shown > 100) {
			t.Errorf("%d pairs of departments show for %d people", shown, people)
		}
	}
}

func TestRequests(t *testing.T) {
	for _, people := range []int{MinPeople, 200, MaxPeople} {
		p := planned(t, 1, people)
		if people >= 200 && len(p.requests) < 30 {
			t.Errorf("%d requests", len(p.requests))
		}
		texts, kinds, fates, everybody := map[string]bool{}, map[string]int{}, map[fate]int{}, 0
		for _, r := range p.requests {
			if texts[r.title+r.body] {
				t.Errorf("%q is asked twice with the same words", r.title)
			}
			texts[r.title+r.body] = true
			kinds[r.kind]++
			fates[r.fate]++
			all := []string{r.title, r.body, r.need}
			wrote := map[int]bool{r.asker: true}
			for _, a := range r.answers {
				all = append(all, a.text)
				if wrote[a.author] {
					t.Errorf("%q: %s answers twice, or themselves", r.title, p.people[a.author].login)
				}
				wrote[a.author] = true
			}
			for _, text := range all {
				if strings.TrimSpace(text) == "" || strings.ContainsAny(text, "{}") || strings.Contains(text, "  ") {
					t.Errorf("%q is empty or unfinished", text)
				}
			}
			if len([]rune(r.title)) > 200 || r.asker == p.newcomer {
				t.Errorf("%q is too long or asked by the newcomer", r.title)
			}
			if r.community < 0 {
				everybody++
				continue
			}
			c := p.communities[r.community]
			if c.language != r.language || c.state == dormant || !slices.Contains(c.everybody(), r.asker) {
				t.Errorf("%q does not fit %q", r.title, c.name)
			}
			for _, a := range r.answers {
				if c.visibility == closed && !slices.Contains(c.everybody(), a.author) {
					t.Errorf("%q in a closed community is answered by somebody else", r.title)
				}
			}
		}
		if len(kinds) != 3 || fates[reopened] == 0 || fates[withdrawn] == 0 || fates[waiting] == 0 || fates[resolved] < len(p.requests)/3 {
			t.Errorf("kinds %v, fates %v", kinds, fates)
		}
		if people >= 200 && (everybody == 0 || everybody > len(p.requests)/2) {
			t.Errorf("%d of %d requests go to everybody", everybody, len(p.requests))
		}
	}
}
