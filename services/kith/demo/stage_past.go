package demo

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	kith "kith/services/kith"
)

// pastAtOnce bounds the questions of one call.
const pastAtOnce = 100

// imported is a question as the API takes it.
type imported struct {
	Origin     string           `json:"origin"`
	Community  string           `json:"community"`
	Asker      string           `json:"asker"`
	Title      string           `json:"title"`
	Body       string           `json:"body"`
	Tags       []string         `json:"tags"`
	Language   string           `json:"language"`
	OccurredAt time.Time        `json:"occurred_at"`
	Answers    []importedAnswer `json:"answers"`
}

type importedAnswer struct {
	Origin     string    `json:"origin"`
	Author     string    `json:"author"`
	Body       string    `json:"body"`
	Accepted   bool      `json:"accepted,omitempty"`
	Thanked    bool      `json:"thanked,omitempty"`
	OccurredAt time.Time `json:"occurred_at"`
}

// importPast brings in what the old mailing lists hold, as the administrator.
// What is there already stays as it is, with its times.
func (s *stage) importPast(ctx context.Context) error {
	now := s.now().UTC()
	end := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	calls := slices.Collect(slices.Chunk(s.past, pastAtOnce))
	return s.each(ctx, "importing old questions", len(calls), func(ctx context.Context, i int) error {
		var items []imported
		for k, q := range calls[i] {
			item, err := s.importedOf(ctx, fmt.Sprintf("%s/past/%d", s.root, i*pastAtOnce+k), q, end)
			if err != nil {
				return err
			}
			items = append(items, item)
		}
		var out struct {
			Items []struct {
				Origin string
				Error  *struct{ Detail string }
			}
		}
		_, err := s.scene().do(ctx, act{who: kith.DevAdministrator, does: "import old questions", method: http.MethodPost,
			path: "/api/community/imports/questions", key: fmt.Sprintf("past/%d", i), body: map[string]any{"items": items}}, &out)
		if err != nil {
			return err
		}
		for _, item := range out.Items {
			if item.Error != nil {
				return fmt.Errorf("import the old question %s: %s", item.Origin, item.Error.Detail)
			}
		}
		s.count(func(sum *Summary) { sum.Past += len(items) })
		return nil
	})
}

func (s *stage) importedOf(ctx context.Context, origin string, q pastQuestion, end time.Time) (imported, error) {
	asker, err := s.scene().person(ctx, s.login(q.asker))
	if err != nil {
		return imported{}, err
	}
	at := end.Add(-q.ago)
	item := imported{
		Origin: origin, Community: s.communityIDs[q.community], Asker: asker,
		Title: q.title, Body: q.body, Tags: q.tags, Language: q.language, OccurredAt: at, Answers: []importedAnswer{},
	}
	for i, a := range q.answers {
		author, err := s.scene().person(ctx, s.login(a.author))
		if err != nil {
			return imported{}, err
		}
		item.Answers = append(item.Answers, importedAnswer{
			Origin: fmt.Sprint(i), Author: author, Body: a.text, Accepted: i == 0, Thanked: q.replies[i].thanked, OccurredAt: at.Add(q.replies[i].after),
		})
	}
	return item, nil
}
