package text

import (
	"slices"
	"strings"
)

// evidence is how much speaks for each of Languages.
type evidence [others]int32

const (
	functionWord = 6 // of one language; one of two speaks half as much for each
	// enough is by how much another language must be ahead of the one that is
	// declared: two function words.
	enough = 2 * functionWord
	// maxEvidence of a single word, from its letters.
	maxEvidence = 8
)

// patterns are sequences of letters that tell the languages apart, with how
// much each speaks for English, German and Danish. ^ and $ are the ends of a
// word. They were put together by hand: spelling rules, the commonest prefixes
// and endings.
var patterns = map[string]evidence{
	"ä": {0, 4, 0}, "ö": {0, 3, 0}, "ü": {0, 4, 0}, "ß": {0, 8, 0},
	"æ": {0, 0, 8}, "ø": {0, 0, 8}, "å": {0, 0, 8},
	// English
	"th": {3, 0, 0}, "^wh": {3, 0, 0}, "sh": {3, 0, 0}, "gh": {3, 0, 0}, "oo": {2, 0, 0}, "ea": {2, 0, 0}, "ee": {1, 0, 0},
	"ou": {2, 0, 0}, "ow": {2, 0, 0}, "ai": {1, 0, 0}, "ay$": {2, 0, 0}, "y$": {2, 0, 0}, "ly$": {2, 0, 0}, "ing$": {3, 0, 0},
	"ning$": {-1, 0, 3}, "ed$": {2, 0, 0}, "ble$": {2, 0, 0}, "ence$": {2, 0, 0}, "ance$": {2, 0, 0}, "ies$": {2, 0, 0},
	"ity$": {2, 0, 0}, "ce$": {2, 0, 0}, "ca": {1, 0, 0}, "co": {1, 0, 0}, "cr": {1, 0, 0}, "cl": {1, 0, 0}, "ct": {2, 0, 0},
	"wr": {1, 0, 0}, "qu": {1, 0, 0}, "sion$": {1, 0, 0}, "ous$": {2, 0, 0}, "ts$": {1, 0, 0}, "rs$": {1, 0, 0}, "ure$": {1, 0, 0},
	"ss$": {1, 0, 0}, "ll$": {1, 0, 0}, "^w": {1, 1, -1}, "ew$": {2, 0, 0}, "w$": {1, 0, 0}, "ge$": {1, 0, 0}, "ve$": {1, 0, 0},
	// German
	"sch": {0, 3, 0}, "cht": {0, 3, 0}, "ung$": {0, 3, 0}, "ungs": {0, 3, 0}, "ungen$": {0, 4, 0}, "keit": {0, 4, 0},
	"heit": {0, 4, 0}, "lich": {0, 3, 0}, "tz": {0, 2, 0}, "pf": {0, 2, 0}, "ei": {0, 1, 0}, "eu": {0, 1, 0}, "au": {0, 1, 0},
	"^ge": {0, 1, 0}, "^ver": {0, 2, 0}, "^auf": {0, 2, 0}, "^aus": {0, 2, 0}, "^ein": {0, 2, 0}, "^vor": {0, 2, 0}, "^zu": {0, 2, 0},
	"^ent": {0, 1, 0}, "^ab": {0, 1, 0}, "^um": {0, 1, 0}, "en$": {0, 1, 0}, "ern$": {0, 2, 0}, "ieren$": {0, 3, 0}, "ten$": {0, 1, 0},
	"chen$": {0, 2, 0}, "z": {0, 1, 0}, "ig$": {0, 1, 1}, "ft$": {0, 1, 0}, "nn": {0, 1, 0}, "mm": {0, 1, 0}, "eh": {0, 1, 0},
	"ah": {0, 1, 0}, "ie": {0, 1, 0}, "itz": {0, 1, 0}, "stell": {0, 1, 0}, "uch": {0, 2, 0}, "ach": {0, 1, 0}, "ich": {0, 1, 0},
	"ck": {1, 1, -1}, "dt": {0, 2, 0},
	// Danish
	"^hv": {0, 0, 5}, "hed$": {0, 0, 3}, "heder$": {0, 0, 4}, "else": {0, 0, 3}, "erne$": {0, 0, 3}, "ninger$": {0, 0, 4},
	"kk": {0, 0, 2}, "gt$": {0, 0, 2}, "tj": {0, 0, 3}, "hj": {0, 0, 3}, "bj": {0, 0, 2}, "kj": {0, 0, 2}, "ej": {0, 0, 2},
	"aa": {0, 0, 1}, "^af": {0, 0, 2}, "^ud": {0, 0, 3}, "^ind": {0, 0, 2}, "^op": {0, 0, 1}, "^til": {0, 0, 2}, "sk$": {0, 0, 2},
	"ske$": {0, 0, 2}, "lig$": {0, 0, 2}, "lige$": {0, 0, 2}, "ede$": {0, 0, 2}, "ere$": {0, 0, 2}, "et$": {0, 0, 1}, "er$": {0, 1, 1},
	"dg": {0, 0, 1}, "gn": {0, 0, 1}, "vn": {0, 0, 2}, "lse": {0, 0, 1}, "tion$": {1, 0, 0}, "^k": {0, 0, 1}, "ld$": {1, 0, 1},
	"iv": {0, 0, 1}, "^sk": {0, 0, 1}, "ende$": {0, 1, 1}, "eg$": {0, 0, 1}, "ik$": {0, 1, 1}, "ring$": {0, 0, 1}, "ling$": {0, 0, 2},
	"yg": {0, 0, 2}, "sy": {0, 0, 1}, "ny": {0, 0, 1}, "yt": {0, 0, 1}, "ene$": {0, 0, 1}, "jd": {0, 0, 2}, "j": {0, 0, 1},
}

type pattern struct {
	letters string
	speaks  evidence
}

// byFirst are the patterns by their first byte.
func byFirst() *[256][]pattern {
	table := new([256][]pattern)
	for letters, speaks := range patterns {
		table[letters[0]] = append(table[letters[0]], pattern{letters, speaks})
	}
	return table
}

// evidenceOf is what a word in lower case says about the language that it is
// of: function words much, letters a little, numbers and names of things with
// numbers nothing.
func (a *Analyser) evidenceOf(word string) (e evidence) {
	if strings.ContainsAny(word, "0123456789+#") {
		return e
	}
	in := 0
	for i, l := range Languages() {
		if a.stop[l][word] || a.marks[l][word] {
			e[i] = functionWord
			in++
		}
	}
	if in > 0 {
		for i := range e {
			e[i] /= int32(in)
		}
		return e
	}
	framed := "^" + word + "$"
	for i := range len(framed) {
		for _, p := range a.patterns[framed[i]] {
			if strings.HasPrefix(framed[i:], p.letters) {
				e.add(p.speaks, 1)
			}
		}
	}
	for i := range e {
		e[i] = max(0, min(e[i], maxEvidence))
	}
	return e
}

func (e *evidence) add(more evidence, times int32) {
	for i := range e {
		e[i] += times * more[i]
	}
}

// language is the one that most speaks for; the declared one, "" for none,
// unless another is clearly ahead of it. A declared language that is not known
// stays. Otherwise equals are decided by the order of Languages.
func (e *evidence) language(declared string) (name string, number int) {
	all := Languages()
	best := 0
	for i := range e {
		if e[i] > e[best] {
			best = i
		}
	}
	primary, _, _ := strings.Cut(strings.ToLower(declared), "-")
	if primary == "" {
		return all[best], best
	}
	given := slices.Index(all, primary)
	if given < 0 {
		return strings.Clone(primary), others
	}
	if e[best] >= e[given]+enough && e[best] >= 2*e[given] {
		return all[best], best
	}
	return all[given], given
}
