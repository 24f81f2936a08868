package eval

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// profileLines is how many lines a profile has at most.
const profileLines = 3

// profiles lets everybody who answers say what they can help with, learned from
// the questions that are not measured.
func (h *history) profiles(ctx context.Context, questions []Question, s Setting) error {
	tags := map[string]map[string]int{} // user → tag → answers
	for i, q := range questions {
		if s.measures(i, q) {
			continue
		}
		for _, a := range q.Answers {
			if tags[a.User] == nil {
				tags[a.User] = map[string]int{}
			}
			for _, tag := range q.Tags {
				tags[a.User][tag]++
			}
		}
	}
	for _, user := range slices.Sorted(maps.Keys(tags)) {
		count := tags[user]
		lines := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
			return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
		})
		if err := h.offer(ctx, user, lines[:min(len(lines), profileLines)]); err != nil {
			return err
		}
	}
	return nil
}
