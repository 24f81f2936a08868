package demo

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
)

const (
	rootPrefix     = "demo-"
	organisation   = "Stadt Auenfeld"
	mailDomain     = "stadt.example"
	leastUnits     = 12
	peoplePerTeam  = 25
	smallestToPart = 30 // people of a department that has teams
)

// organise plans units and people. There are more departments, and teams below
// them, the more people there are.
func (p *plan) organise(people int) {
	departments := p.texts.Departments[:min(len(p.texts.Departments), leastUnits+people/1000)]
	p.units = []unit{{p.root, "", organisation, "organisation"}}
	shares := 0
	for _, d := range departments {
		p.units = append(p.units, unit{d.Code, p.root, d.Name, "department"})
		shares += d.Share
	}
	var seats []person // one for each, in the order of departments
	for i, d := range departments {
		size := max(1, people*d.Share/shares)
		if i == len(departments)-1 {
			size = max(1, people-len(seats))
		}
		teams := p.teams(d, size)
		for k := range size {
			seats = append(seats, person{department: i, unit: teams[k%len(teams)], site: d.Site})
		}
	}
	d := p.dice("people")
	d.Shuffle(len(seats), func(i, j int) { seats[i], seats[j] = seats[j], seats[i] })
	p.people = seats[:people]
	first, last, taken := firstNames(), lastNames(), map[string]int{}
	for i := range p.people {
		who := &p.people[i]
		f, l := pick(d, first), pick(d, last)
		who.staff, who.name = fmt.Sprintf("P%05d", i+1), f+" "+l
		mail := mailName(f) + "." + mailName(l)
		if taken[mail]++; taken[mail] > 1 {
			mail = fmt.Sprintf("%s%d", mail, taken[mail])
		}
		who.login = mail + "@" + mailDomain
		who.language, who.speaks = german, []string{german}
		other := english
		if d.chance(0.3) {
			who.language, who.speaks, other = english, []string{english}, german
		}
		if d.chance(0.55) {
			who.speaks = append(who.speaks, other)
		}
		who.themes = p.interests(d, departments[who.department], *who)
	}
}

// teams plans the units of a department with that many people and returns the
// codes of those that people work in.
func (p *plan) teams(d department, size int) []string {
	if size < smallestToPart {
		return []string{d.Code}
	}
	areas := []string{"", " Nord", " Süd", " Mitte", " West", " Ost"}
	var codes []string
	for i := range min(max(2, size/peoplePerTeam), len(d.Teams)*len(areas)) {
		code := fmt.Sprintf("%s-%02d", d.Code, i+1)
		p.units = append(p.units, unit{code, d.Code, d.Teams[i%len(d.Teams)] + areas[i/len(d.Teams)], "team"})
		codes = append(codes, code)
	}
	return codes
}

// interests are two to four themes in languages that the person speaks, most
// of them near to the work of the department.
func (p *plan) interests(d dice, in department, who person) []int {
	var near, far []int
	for i, t := range p.texts.Themes {
		switch {
		case !slices.Contains(who.speaks, t.Language):
		case slices.Contains(in.Themes, t.Key):
			near = append(near, i)
		default:
			far = append(far, i)
		}
	}
	return append(some(d, near, 1+d.IntN(3)), some(d, far, 1)...)
}

// introduce plans the profiles that people write, about three in five.
func (p *plan) introduce() {
	d := p.dice("profiles")
	for i := range p.people {
		who := &p.people[i]
		write := d.chance(0.6)
		if !write || i == p.newcomer {
			continue
		}
		topics := p.texts.Departments[who.department].topics(who.language)
		words := p.texts.Phrases[who.language]
		own := some(d, topics, 2+d.IntN(2))
		w := profile{
			CanHelp: slices.Clone(own), Languages: who.speaks, Availability: "available",
			About: fill(pick(d, words.About), map[string]string{"years": fmt.Sprint(3 + d.IntN(24)), "topic": own[0]}),
		}
		for k, t := range who.themes {
			if k == 0 {
				w.CanHelp = append(w.CanHelp, some(d, p.texts.Themes[t].Topics, 2)...)
			} else {
				w.WantToLearn = append(w.WantToLearn, pick(d, p.texts.Themes[t].Topics))
			}
		}
		switch n := d.IntN(20); {
		case n == 0:
			w.Availability = "away"
		case n < 5:
			w.Availability = "limited"
		}
		who.profile = &w
	}
}

// unitsCSV is the file of all units.
func (p *plan) unitsCSV() []byte {
	rows := [][]string{{"id", "parent_id", "name", "kind"}}
	for _, u := range p.units {
		rows = append(rows, []string{u.code, u.parent, u.name, u.kind})
	}
	return writeCSV(rows)
}

// peopleCSV is the file of all people.
func (p *plan) peopleCSV() []byte {
	rows := [][]string{{"external_id", "name", "email", "unit_id", "site", "language", "active"}}
	for _, w := range p.people {
		rows = append(rows, []string{w.staff, w.name, w.login, w.unit, w.site, w.language, "true"})
	}
	return writeCSV(rows)
}

func writeCSV(rows [][]string) []byte {
	var b bytes.Buffer
	_ = csv.NewWriter(&b).WriteAll(rows) // a buffer takes everything
	return b.Bytes()
}
