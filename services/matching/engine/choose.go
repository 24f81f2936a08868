package engine

// Choice is how many of the candidates are asked, and from where.
type Choice struct {
	Count   int  // at most so many people
	PerUnit int  // at most so many of one unit; 0: any number
	Spread  bool // from as many units as possible, before score counts
}

// Choose takes the best candidates, in their order, for whom more speaks than
// where they work. Who works in no known unit stands for one of
// their own.
func (c Choice) Choose(ranked []Candidate) []Candidate {
	taken := make([]bool, len(ranked))
	units := map[string]int{}
	n := 0
	take := func(perUnit int) {
		for i, one := range ranked {
			if n == c.Count {
				return
			}
			if taken[i] || !one.Founded() || perUnit > 0 && one.Unit != "" && units[one.Unit] >= perUnit {
				continue
			}
			taken[i] = true
			units[one.Unit]++
			n++
		}
	}
	if c.Spread {
		take(1)
	}
	take(c.PerUnit)
	out := make([]Candidate, 0, n)
	for i, one := range ranked {
		if taken[i] {
			out = append(out, one)
		}
	}
	return out
}
