// Package tidy brings words that people type into the form in which they are
// kept and compared. Aggregates import it: like them it knows no more than the
// standard library.
package tidy

import (
	"strings"
	"unicode"
)

// Words are words without white space around them and without empty ones, each
// once, as it was written first: case does not tell words apart. White space and
// control characters within a word become one blank. It is nil for none.
func Words(words []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, w := range words {
		w = strings.Join(strings.FieldsFunc(w, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
		if key := strings.ToLower(w); w != "" && !seen[key] {
			seen[key] = true
			out = append(out, w)
		}
	}
	return out
}

// Tags are Words in lower case: the form in which a help request has them.
func Tags(tags []string) []string {
	out := Words(tags)
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	return out
}
