package community

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kith/pkg/access"
)

// organisation is a tree of the units id → parent.
func organisation(parents map[string]string) unitTree {
	var units []access.Unit
	for _, id := range slices.Sorted(maps.Keys(parents)) {
		units = append(units, access.Unit{ID: id, Parent: parents[id], Name: id})
	}
	return newUnitTree(units, nil)
}

// between are n helps of one unit for another by and for as many people.
func between(by, to string, n int) (all []help) {
	for i := range n {
		all = append(all, help{helper: fmt.Sprint(by, i), asker: fmt.Sprint(to, i), by: by, to: to})
	}
	return all
}

func figures(l []bridge) string {
	out := ""
	for _, b := range l {
		out += fmt.Sprintf("%s>%s %d ", b.by, b.to, b.atLeast)
	}
	return out
}

func TestWhatIsPublished(t *testing.T) {
	tree := organisation(map[string]string{"a": "", "b": "", "c": ""})
	top := tree.below("")
	same := between("a", "b", 9)
	for i := range same {
		same[i].helper = fmt.Sprint("h", i%4)
	}
	asked := between("a", "b", 9)
	for i := range asked {
		asked[i].asker = fmt.Sprint("q", i%4)
	}
	for name, c := range map[string]struct {
		helps []help
		want  string
	}{
		"four are too few":                   {between("a", "b", 4), ""},
		"five are five":                      {between("a", "b", 5), "a>b 5 "},
		"nine are at least five":             {between("a", "b", 9), "a>b 5 "},
		"by four people it is left out":      {same, ""},
		"for four people it is left out":     {asked, ""},
		"within a unit nothing is counted":   {between("a", "a", 20), ""},
		"where nothing is known neither":     {between("a", "", 20), ""},
		"the strongest come first, by name":  {slices.Concat(between("b", "a", 5), between("a", "b", 5), between("c", "a", 23)), "c>a 20 a>b 5 b>a 5 "},
		"each direction is counted for self": {slices.Concat(between("a", "b", 4), between("b", "a", 6)), "b>a 5 "},
	} {
		if got := figures(tree.bridges(top, c.helps)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// counted is the least and the most that is published as said, where enough
// people are behind it.
func counted(said int) (low, high int) {
	enough := map[string]bool{"1": true, "2": true, "3": true, "4": true, "5": true}
	low = -1
	for n := range 200 {
		if (tally{helps: n, helpers: enough, asked: enough}).published() != said {
			continue
		}
		if high = n; low < 0 {
			low = n
		}
	}
	return low, high
}

// What anybody can work out from both windows of two months in a row, by
// whatever sums and differences: no count below five, and no suppressed one.
// The figures are bounds of differences of running totals, so what follows from
// them is all shortest paths (Cormen et al., Introduction to Algorithms,
// difference constraints); whole numbers in between are all possible.
func TestNoSmallCountCanBeComputed(t *testing.T) {
	tree := organisation(map[string]string{"a": "", "b": "", "c": ""})
	top := tree.below("")
	rapid.Check(t, func(t *rapid.T) {
		const months, far = 13, 1 << 20
		most := rapid.SampledFrom([]int{1, 2, 3, 6, 12}).Draw(t, "most")
		var monthly [months][]help
		for i := range monthly {
			monthly[i] = between("a", "b", rapid.IntRange(0, most).Draw(t, "helps"))
			for k := range monthly[i] { // everybody is somebody else, which hides least
				monthly[i][k].helper, monthly[i][k].asker = fmt.Sprint("h", i, "-", k), fmt.Sprint("q", i, "-", k)
			}
		}
		atMost := [months + 1][months + 1]int{} // of what happened from month i to before month j; backwards: at least, negative
		for i := range atMost {
			for j := range atMost[i] {
				if i < j {
					atMost[i][j] = far
				}
			}
		}
		hidden := map[[2]int]bool{}
		for _, until := range []int{months - 1, months} {
			for _, n := range []int{3, 12} {
				from, said := until-n, 0
				for _, b := range tree.bridges(top, slices.Concat(monthly[from:until]...)) {
					said = b.atLeast
				}
				hidden[[2]int{from, until}] = said == 0
				low, high := counted(said)
				atMost[from][until] = min(atMost[from][until], high)
				atMost[until][from] = min(atMost[until][from], -low)
			}
		}
		for k := range atMost {
			for i := range atMost {
				for j := range atMost {
					atMost[i][j] = min(atMost[i][j], atMost[i][k]+atMost[k][j])
				}
			}
		}
		for i := range months {
			for j := i + 1; j <= months; j++ {
				n := len(slices.Concat(monthly[i:j]...))
				low, high := -atMost[j][i], atMost[i][j]
				if n < low || n > high {
					t.Fatalf("months %d to %d: %d is not within %d to %d", i, j, n, low, high)
				}
				if low == high {
					t.Fatalf("months %d to %d can be computed: %d", i, j, n)
				}
				if hidden[[2]int{i, j}] && low > leastCounted-2 {
					t.Fatalf("months %d to %d are suppressed, and at least %d", i, j, low)
				}
			}
		}
	})
}

// Every help is counted in one level alone, whatever the tree, so that no
// figure is the sum of others.
func TestEachHelpIsCountedOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parents := map[string]string{}
		n := rapid.IntRange(1, 40).Draw(t, "units")
		id := func(i int) string { return fmt.Sprintf("u%02d", i) }
		var people []access.Person
		var units []access.Unit
		for i := range n {
			parent := ""
			if k := rapid.IntRange(-1, i-1).Draw(t, "parent"); k >= 0 {
				parent = id(k)
			}
			parents[id(i)] = parent
			units = append(units, access.Unit{ID: id(i), Parent: parent, Name: id(i), Closed: rapid.IntRange(0, 5).Draw(t, "closed") == 0})
			people = append(people, access.Person{Active: true, Unit: id(i)})
		}
		tree := newUnitTree(units, people)
		by, to := id(rapid.IntRange(0, n-1).Draw(t, "by")), id(rapid.IntRange(0, n-1).Draw(t, "to"))
		counted := 0
		for _, place := range append([]string{""}, slices.Collect(maps.Keys(parents))...) {
			if _, ok := tree.find(place); ok {
				l := tree.below(place)
				counted += len(tree.bridges(l, between(by, to, 5)))
				if k := l.size(tree); k > mostUnits && len(l.whole)+len(l.alone) > len(tree.children[place])+1 {
					t.Fatalf("%d units below %q", k, place)
				}
			}
		}
		if want := 1; by != to && counted != want || by == to && counted != 0 {
			t.Fatalf("help of %s for %s is counted %d times in %v", by, to, counted, parents)
		}
	})
}

func TestLevels(t *testing.T) {
	two := map[string]string{"o": "", "d1": "o", "d2": "o", "t1": "d1", "t2": "d1", "t3": "d2"}
	wide := map[string]string{"o": ""}
	for i := range 30 {
		wide[fmt.Sprintf("d%02d", i)] = "o"
	}
	for name, c := range map[string]struct {
		parents     map[string]string
		below, want string
	}{
		"a single unit gives way to those below":      {map[string]string{"o": "", "a": "o", "b": "o", "c": "o"}, "", "[a b c]"},
		"three are enough":                            {map[string]string{"a": "", "b": "", "c": "", "x": "a", "y": "a"}, "", "[a b c]"},
		"two give way if they can":                    {two, "", "[t1 t2 t3]"},
		"a chain of only children is one step":        {map[string]string{"o": "", "p": "o", "q": "p", "a": "q", "b": "q"}, "", "[a b]"},
		"a level below the one above":                 {map[string]string{"a": "", "b": "", "c": "", "x": "a", "y": "a"}, "a", "[x y]"},
		"what a level skipped is no place of its own": {two, "d1", "none"},
		"nor is what does not exist":                  {two, "nowhere", "none"},
	} {
		tree := organisation(c.parents)
		got := "none"
		if _, ok := tree.find(c.below); ok {
			got = fmt.Sprint(tree.sorted(tree.below(c.below)))
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	t.Run("of very many the strongest are shown", func(t *testing.T) {
		tree := organisation(wide)
		l := tree.below("")
		ids, more := tree.shown(l, tree.bridges(l, between("d29", "d28", 7)))
		if len(ids) != mostUnits || more != 10 || !slices.Contains(ids, "d29") || !slices.Contains(ids, "d28") || !slices.IsSorted(ids) {
			t.Errorf("%d are shown, %d more: %v", len(ids), more, ids)
		}
	})
	t.Run("who works above stands for themselves", func(t *testing.T) {
		tree := newUnitTree([]access.Unit{{ID: "o"}, {ID: "a", Parent: "o"}, {ID: "b", Parent: "o"}}, []access.Person{{Active: true, Unit: "o"}})
		l := tree.below("")
		if got := figures(tree.bridges(l, slices.Concat(between("o", "a", 6), between("b", "o", 5)))); got != "b>o 5 o>a 5 " {
			t.Errorf("%q", got)
		}
		if _, ok := tree.find("o"); ok {
			t.Error("who stands for themselves can be looked into")
		}
	})
}

func TestWindows(t *testing.T) {
	now := time.Date(2026, 3, 31, 23, 0, 0, 0, time.UTC)
	if s := lastMonths(now, 3); fmt.Sprint(s.months()) != "[2025-12 2026-01 2026-02]" {
		t.Errorf("%v", s.months())
	}
	if s := withThisMonth(now, 3); fmt.Sprint(s.months()) != "[2026-01 2026-02 2026-03]" {
		t.Errorf("%v", s.months())
	}
}

func TestAffiliationAtATime(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	d := affiliationsDoc{Units: []since{{"u", day(10)}, {"v", day(20)}}}
	for at, want := range map[int]string{1: "u", 10: "u", 19: "u", 20: "v", 30: "v"} {
		if got := d.at(day(at)); got != want {
			t.Errorf("on day %d: %s, want %s", at, got, want)
		}
	}
	if got := (affiliationsDoc{}).at(day(1)); got != "" {
		t.Errorf("nobody works at %q", got)
	}
}
