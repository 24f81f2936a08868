package mydata

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kith/api/events"
	"kith/api/sealed"
)

// The page has words for every event, every field and every part, in every
// language. An event that is new needs them too, and a rule in tell.
func TestWordsAreComplete(t *testing.T) {
	needed := map[string]bool{}
	for _, e := range events.All() {
		needed["event."+e.Event.EventType()] = true
		needed["stream."+e.Aggregate] = true
		if e.Aggregate != "checkpoint" { // never told of
			fields(reflect.TypeOf(e.Event), needed)
		}
	}
	delete(needed, "field.hash") // of a token: hidden
	for _, part := range parts {
		needed["part."+part] = true
	}
	english, err := wordsIn("en-GB")
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"en", "de"} {
		w, err := wordsIn(language)
		if err != nil {
			t.Fatal(err)
		}
		if w["language"] != language {
			t.Errorf("%s has the words of %s", language, w["language"])
		}
		for key := range needed {
			if w[key] == "" {
				t.Errorf("%s has no word for %s", language, key)
			}
		}
		if a, b := slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(w)); !slices.Equal(a, b) {
			t.Errorf("%s has other words than en", language)
		}
	}
	if w, err := wordsIn("fr"); err != nil || w["language"] != "en" {
		t.Errorf("who reads French gets %q, %v, want English", w["language"], err)
	}
}

// Auditors read the same words of other people's events ("log." before those that are
// only right for the person), so none may speak to the reader.
func TestWordsForAuditorsSpeakToNobody(t *testing.T) {
	address := regexp.MustCompile(`\b(you|your|yourself|Sie|Ihr\w*|Ihnen)\b`)
	for _, language := range []string{"en", "de"} {
		w, err := wordsIn(language)
		if err != nil {
			t.Fatal(err)
		}
		for key, word := range w {
			kind, _, _ := strings.Cut(key, ".")
			if other, ok := w["log."+key]; ok {
				word = other
			}
			if slices.Contains([]string{"event", "field", "code", "stream"}, kind) && address.MatchString(word) {
				t.Errorf("%s: %s is %q: add log.%s", language, key, word, key)
			}
			if of, ok := strings.CutPrefix(key, "log."); ok && w[of] == "" {
				t.Errorf("%s: %s stands for nothing", language, key)
			}
		}
	}
}

// fields adds the JSON names of what a struct holds.
func fields(of reflect.Type, into map[string]bool) {
	switch of.Kind() {
	case reflect.Slice, reflect.Map:
		fields(of.Elem(), into)
	case reflect.Struct:
		if of == reflect.TypeFor[sealed.Text]() || of == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range of.NumField() {
			f := of.Field(i)
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
				into["field."+name] = true
			}
			fields(f.Type, into)
		}
	}
}
