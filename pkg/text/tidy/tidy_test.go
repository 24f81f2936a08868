package tidy_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kith/pkg/text/tidy"
)

func TestTidy(t *testing.T) {
	for _, c := range []struct {
		what                string
		in                  []string
		wantWords, wantTags []string
	}{
		{"nothing", nil, nil, nil},
		{"nothing that can be read", []string{"", " \t", "\x00"}, nil, nil},
		{"white space around", []string{" Data ", "\u00a0law\n"}, []string{"Data", "law"}, []string{"data", "law"}},
		{"white space and control characters within", []string{"Data \t Protection", "a\x00b"}, []string{"Data Protection", "a b"}, []string{"data protection", "a b"}},
		{"the first of several", []string{"GDPR", "law", "gdpr", " Gdpr "}, []string{"GDPR", "law"}, []string{"gdpr", "law"}},
		{"letters beyond ASCII", []string{"ÜBUNG", "übung"}, []string{"ÜBUNG"}, []string{"übung"}},
	} {
		if got := tidy.Words(c.in); !slices.Equal(got, c.wantWords) || got == nil != (c.wantWords == nil) {
			t.Errorf("%s: Words = %q, want %q", c.what, got, c.wantWords)
		}
		if got := tidy.Tags(c.in); !slices.Equal(got, c.wantTags) || got == nil != (c.wantTags == nil) {
			t.Errorf("%s: Tags = %q, want %q", c.what, got, c.wantTags)
		}
	}
}

// TestTidyTwice shows that what is kept is found with what was kept.
func TestTidyTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOf(rapid.String()).Draw(t, "tags")
		for what, of := range map[string]func([]string) []string{"Words": tidy.Words, "Tags": tidy.Tags} {
			once := of(slices.Clone(in))
			if twice := of(slices.Clone(once)); !slices.Equal(once, twice) {
				t.Fatalf("%s of %q = %q, and again %q", what, in, once, twice)
			}
		}
	})
}
