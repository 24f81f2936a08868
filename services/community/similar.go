package community

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	events "kith/api/events/community"
	"kith/pkg/es"
	"kith/pkg/text"
	"kith/pkg/view"
)

// similarity finds communities that resemble a description, by the stems of
// name, topics and purpose in each language that is
// known. It is folded in memory and
// holds what everybody may know. It implements view.Rebuilder.
type similarity struct {
	position atomic.Uint64
	mu       sync.RWMutex
	docs     map[string]described

	analyser *text.Analyser
	common   map[string]bool // words that every community uses of itself
}

// described is what is compared of a community.
type described struct {
	Ended bool     `json:"ended,omitempty"`
	Terms []weighs `json:"terms"` // for each of text.Languages()
}

// weighs are the stems of a text with their weights, and a word that each stem stands for.
type weighs struct {
	Weight map[string]float64 `json:"weight"`
	Word   map[string]string  `json:"word"`
}

// alike is a community that resembles the one asked for.
type alike struct {
	Community string
	Score     float64  // 0 to 1
	Shared    []string // words of the community, the most telling first
}

const (
	maxAlike    = 10
	maxShared   = 10
	leastScore  = 0.04 // below it the words in common are chance
	nameWeight  = 3
	topicWeight = 2
)

func newSimilarity() *similarity {
	s := &similarity{docs: map[string]described{}, analyser: text.NewAnalyser(), common: map[string]bool{}}
	for w := range strings.FieldsSeq(`share work people practice group network community communities
		menschen austausch arbeit gruppe netzwerk gemeinschaft gemeinschaften`) {
		s.common[w] = true
	}
	return s
}

// says reports whether a word says what a community is for. Organisations mix
// languages within a sentence, so a stop word of one counts in all.
func (s *similarity) says(word string) bool {
	for _, language := range text.Languages() {
		if !s.analyser.Says(language, word) {
			return false
		}
	}
	return !s.common[word]
}

// Name is "community-similar".
func (s *similarity) Name() string { return "community-similar" }

// Position is the last event folded.
func (s *similarity) Position() uint64 { return s.position.Load() }

// Apply folds a batch.
func (s *similarity) Apply(_ context.Context, batch []es.Recorded) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range batch {
		if r.Seq <= s.position.Load() {
			continue
		}
		switch e := r.Data.(type) {
		case events.CommunityFounded:
			s.docs[r.Stream.ID] = s.describe(e.Name, e.Purpose, e.Topics)
		case events.CommunitySettingsChanged:
			s.docs[r.Stream.ID] = s.describe(e.Name, e.Purpose, e.Topics)
		case events.CommunityStateChanged:
			d := s.docs[r.Stream.ID]
			d.Ended = e.To == events.Ended
			s.docs[r.Stream.ID] = d
		}
		s.position.Store(r.Seq)
	}
	return nil
}

func (s *similarity) describe(name, purpose string, topics []string) described {
	d := described{}
	for _, language := range text.Languages() {
		w := weighs{map[string]float64{}, map[string]string{}}
		add := func(words string, weight float64) {
			for word := range text.Words(words) {
				if !s.says(word) {
					continue
				}
				t := s.analyser.Stem(language, word)
				// The place that weighs most counts, not how often a word is said.
				if w.Weight[t] = max(w.Weight[t], weight); w.Word[t] == "" {
					w.Word[t] = word
				}
			}
		}
		add(name, nameWeight)
		for _, topic := range topics {
			add(topic, topicWeight)
		}
		add(purpose, 1)
		d.Terms = append(d.Terms, w)
	}
	return d
}

// like returns the communities that resemble the description, best first, at
// most ten. The score is the weighted Jaccard index of the stems,
// Σ idf·min(w, v) / Σ idf·max(w, v), in the language that gives more of it,
// with idf = ln(1 + communities / communities with the stem).
func (s *similarity) like(name, purpose string, topics []string) []alike {
	q := s.describe(name, purpose, topics)
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []alike
	for lang := range text.Languages() {
		idf := s.rarity(lang)
		for id, d := range s.docs {
			if d.Ended {
				continue
			}
			if a := resemble(q.Terms[lang], d.Terms[lang], idf); a.Score >= leastScore {
				a.Community = id
				out = append(out, a)
			}
		}
	}
	slices.SortFunc(out, func(a, b alike) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Community, b.Community), slices.Compare(a.Shared, b.Shared))
	})
	seen := map[string]bool{}
	out = slices.DeleteFunc(out, func(a alike) bool {
		again := seen[a.Community]
		seen[a.Community] = true
		return again
	})
	return out[:min(len(out), maxAlike)]
}

// rarity weighs the stems of a language by how few communities use them.
func (s *similarity) rarity(lang int) func(string) float64 {
	df, n := map[string]float64{}, 0.0
	for _, d := range s.docs {
		if d.Ended {
			continue
		}
		n++
		for t := range d.Terms[lang].Weight {
			df[t]++
		}
	}
	return func(t string) float64 { return math.Log(1 + max(n, 1)/max(df[t], 1)) }
}

func resemble(q, d weighs, idf func(string) float64) alike {
	type gain struct {
		word string
		by   float64
	}
	var all []float64
	var shared []gain
	for t, w := range q.Weight {
		v := d.Weight[t]
		all = append(all, idf(t)*max(w, v))
		if v > 0 {
			shared = append(shared, gain{d.Word[t], idf(t) * min(w, v)})
		}
	}
	if len(shared) == 0 {
		return alike{}
	}
	for t, v := range d.Weight {
		if q.Weight[t] == 0 {
			all = append(all, idf(t)*v)
		}
	}
	slices.SortFunc(shared, func(a, b gain) int { return cmp.Or(cmp.Compare(b.by, a.by), cmp.Compare(a.word, b.word)) })
	// Summed in one order, so that the same question has the same answer.
	slices.Sort(all)
	var a alike
	var common, total float64
	for _, x := range all {
		total += x
	}
	for i, g := range shared {
		common += g.by
		if i < maxShared {
			a.Shared = append(a.Shared, g.word)
		}
	}
	a.Score = common / total
	return a
}

// Hash is over the descriptions in canonical JSON.
func (s *similarity) Hash(context.Context) (string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := json.Marshal(s.docs)
	if err != nil {
		return "", fmt.Errorf("hash similar: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Fresh returns an empty twin.
func (s *similarity) Fresh(context.Context) (view.Rebuilder, error) { return newSimilarity(), nil }

// Swap takes over what the twin knows.
func (s *similarity) Swap(_ context.Context, twin view.Rebuilder) error {
	t, ok := twin.(*similarity)
	if !ok {
		return fmt.Errorf("similar: cannot take over a %T", twin)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.docs = t.docs
	s.position.Store(t.Position())
	return nil
}
