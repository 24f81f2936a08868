package text_test

import (
	"fmt"
	"testing"

	"kith/pkg/text"
)

const question = "Wie melde ich eine Vergabe oberhalb des Schwellenwerts an? Wir haben für die Beschaffung von Laptops im Mai " +
	"ein Angebot eingeholt, und nun sagt die Rechnungsprüfung, dass wir europaweit hätten ausschreiben müssen. Hat jemand in einer " +
	"anderen Abteilung Erfahrung damit, und gibt es ein Muster für die Begründung? Die Frist läuft am Freitag ab."

// Texts of 56 words, read as an index does.
func BenchmarkRead(b *testing.B) {
	v := text.NewVocabulary(text.NewAnalyser())
	b.ReportAllocs()
	for b.Loop() {
		v.Read("", nil, text.Field{Text: question, Weight: 1})
	}
}

func BenchmarkLanguage(b *testing.B) {
	a := text.NewAnalyser()
	b.ReportAllocs()
	for b.Loop() {
		a.Language("", question)
	}
}

// A question of eight words among 250,000 terms, most of them compounds.
func BenchmarkRelated(b *testing.B) {
	a := text.NewAnalyser()
	c := text.NewCompounds(a)
	uses := map[string]int{}
	for i := range 500 {
		for j := range 500 {
			for _, t := range []string{part(i), part(i) + "s" + part(j)} {
				c.Add(t)
				uses[t] = 1 + i%7
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range 8 {
			c.Related("de", part(i*60)+[]string{"", "s" + part(i)}[i%2], func(term string) int { return uses[term] })
		}
	}
}

// part is the i-th of words of five letters.
func part(i int) string {
	const consonants, vowels = "bdfghklmnprstvwz", "aeiou"
	return fmt.Sprintf("%c%c%c%c%c", consonants[i%16], vowels[i/16%5], consonants[i/80%16], vowels[i%5], consonants[(i/3)%16])
}
