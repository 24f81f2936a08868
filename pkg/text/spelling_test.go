package text_test

import (
	"testing"

	"kith/pkg/text"
)

func TestSpellings(t *testing.T) {
	a := text.NewAnalyser()
	for _, c := range []struct {
		language, one, other string
		same                 bool
	}{
		{"de", "straße", "strasse", true},
		{"de", "ärzte", "aerzte", true},
		{"de", "arzt", "aerzten", true},
		{"de", "größe", "groesse", true},
		{"de", "prüfung", "pruefung", true},
		{"de", "büros", "bueros", true},
		{"de", "neue", "neu", true},
		{"de", "steuer", "steuern", true},
		{"de", "quelle", "quellen", true},
		{"de", "bauen", "baün", false},
		{"de", "büroeinrichtung", "büröinrichtung", false},
		{"de", "beraterin", "berater", true},
		{"de", "mitarbeiterinnen", "mitarbeiter", true},
		{"de", "verträge", "vertrag", true},
		{"da", "blåbær", "blaabaer", true},
		{"da", "kørsel", "koersel", true},
		{"da", "århus", "aarhus", true},
		{"da", "lægerne", "laege", true},
		{"da", "dataansvarlig", "datånsvarlig", false},
		{"da", "husene", "hus", true},
		{"en", "does", "dös", false},
		{"en", "printing", "prints", true},
	} {
		if one, other := a.Stem(c.language, c.one), a.Stem(c.language, c.other); (one == other) != c.same {
			t.Errorf("%s: %q has the stem %q, %q has %q", c.language, c.one, one, c.other, other)
		}
	}
}

func FuzzStem(f *testing.F) {
	f.Add("ae")
	f.Add("ueueaein")
	f.Add("\xffae\x80innen")
	a := text.NewAnalyser()
	f.Fuzz(func(t *testing.T, word string) {
		for _, l := range text.Languages() {
			if got := a.Stem(l, word); len(got) > 3*len(word) || word != "" && got == "" {
				t.Errorf("%s: %q has the stem %q", l, word, got)
			}
		}
	})
}
