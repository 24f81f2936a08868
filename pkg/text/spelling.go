package text

import "strings"

// spellings bring the ways in which a word is written to the one that its stemmer
// knows: letters that a keyboard did not have, and German women to the men, as
// Snowball does since version 3 (snowballstem.org/algorithms/german/stemmer.html);
// the library has version 2.
var spellings = map[string]func(word string) string{German: germanSpelling, Danish: danishSpelling}

// germanSpelling writes ä, ö, ü for ae, oe, ue, and -er for -erin and -erinnen.
// The u of "neue" and "quer" is none of ü.
func germanSpelling(word string) string {
	word = umlauts(word, func(before, pair string) string {
		switch {
		case pair == "ae":
			return "ä"
		case pair == "oe":
			return "ö"
		case pair == "ue" && !endsInAny(before, "aeiouyäöüq"):
			return "ü"
		}
		return ""
	})
	for _, ending := range [...]string{"in", "innen"} {
		if stem, ok := strings.CutSuffix(word, ending); ok && strings.HasSuffix(stem, "er") && len(stem) >= 6 {
			return stem
		}
	}
	return word
}

// danishSpelling writes æ, ø, å for ae, oe, aa.
func danishSpelling(word string) string {
	return umlauts(word, func(_, pair string) string {
		switch pair {
		case "ae":
			return "æ"
		case "oe":
			return "ø"
		case "aa":
			return "å"
		}
		return ""
	})
}

// umlauts replaces pairs of letters by what letter has for them, "" for nothing;
// not where a part of a compound ends between them.
func umlauts(word string, letter func(before, pair string) string) string {
	if !strings.ContainsAny(word, "ae") {
		return word
	}
	var out []byte
	from := 0
	for i := 0; i+2 <= len(word); i++ {
		if word[i+1] != 'e' && word[i+1] != 'a' {
			continue
		}
		before, pair, after := word[:i], word[i:i+2], word[i+2:]
		l := letter(before, pair)
		if l == "" || strings.HasPrefix(after, "in") || endsInAny(word[i:i+1], "aou") && partEnds(word[:i+1]) {
			continue
		}
		out = append(append(out, word[from:i]...), l...)
		from = i + 2
		i++
	}
	if out == nil {
		return word
	}
	return string(append(out, word[from:]...))
}

// partEnds reports whether word ends with one that others are often put to and
// that ends with a, o or u: the next vowel is of another part.
func partEnds(word string) bool {
	for _, part := range [...]string{"data", "ekstra", "extra", "kamera", "info", "video", "audio", "auto", "foto", "euro", "mikro", "makro", "büro", "buero", "konto", "studio", "umbau", "neubau"} {
		if strings.HasSuffix(word, part) {
			return true
		}
	}
	return word == "zu"
}

func endsInAny(word, letters string) bool {
	for _, l := range letters {
		if strings.HasSuffix(word, string(l)) {
			return true
		}
	}
	return false
}
