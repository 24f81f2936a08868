package history

import (
	"context"
	"fmt"
	"time"

	"kith/services/kith/client"
)

// Importer sends questions to a running Kith as an administrator. Sending the
// same ones again adds nothing. It is not safe for concurrent use.
type Importer struct {
	Client *client.Client
	// Unit is the unit id of an author who is new; nil: none.
	Unit func(user string) string
	// Email is the address, and so the login, of an author who is new; nil: none.
	Email func(user string) string
	// Bad is told of every line that could not be imported; nil: nobody.
	Bad func(error)

	people      map[string]string // forum's user → person id
	communities map[string]string // forum's name → community id
	batch       []Question
	size        int
	order       int
	total       Total
}

// Total is what an import has done.
type Total struct {
	Questions, Answers int
	Events             int // that were added; 0 when everything was there already
	Bad                int // lines that could not be imported
}

const (
	maxBatch     = 200
	maxBatchSize = 4 << 20 // bytes of text
	maxAuthors   = 1000
)

// Add takes a question; it is sent with others like it.
func (im *Importer) Add(ctx context.Context, q Question) error {
	im.batch = append(im.batch, q)
	im.size += len(q.Body) + len(q.Headline())
	for _, a := range q.Answers {
		im.size += len(a.Text)
	}
	if len(im.batch) < maxBatch && im.size < maxBatchSize {
		return nil
	}
	return im.Flush(ctx)
}

// Reject notes a line that cannot be imported.
func (im *Importer) Reject(err error) {
	im.total.Bad++
	if im.Bad != nil {
		im.Bad(err)
	}
}

// Total is what has been done so far.
func (im *Importer) Total() Total { return im.total }

// Person returns the person id of a forum's user who has been imported.
func (im *Importer) Person(user string) (id string, ok bool) {
	id, ok = im.people[user]
	return id, ok
}

// CommunityID returns the id of an imported community.
func (im *Importer) CommunityID(name string) (id string, ok bool) {
	id, ok = im.communities[name]
	return id, ok
}

// Authors makes sure that the users are known as people.
func (im *Importer) Authors(ctx context.Context, users []string) error {
	if im.people == nil {
		im.people = map[string]string{}
	}
	var missing []author
	seen := map[string]bool{}
	for _, u := range users {
		if _, ok := im.people[u]; ok || seen[u] {
			continue
		}
		seen[u] = true
		a := author{ExternalID: "forum:" + u, Name: u}
		if im.Unit != nil {
			a.UnitID = im.Unit(u)
		}
		if im.Email != nil {
			a.Email = im.Email(u)
		}
		missing = append(missing, a)
	}
	for len(missing) > 0 {
		n := min(maxAuthors, len(missing))
		var out struct {
			Items []struct {
				ExternalID string `json:"external_id"`
				Person     string `json:"person"`
			} `json:"items"`
		}
		if err := im.Client.Post(ctx, "/api/membership/imports/authors", map[string]any{"items": missing[:n]}, &out); err != nil {
			return fmt.Errorf("import authors: %w", err)
		}
		for _, it := range out.Items {
			im.people[it.ExternalID[len("forum:"):]] = it.Person
		}
		missing = missing[n:]
	}
	return nil
}

type author struct {
	ExternalID string `json:"external_id"`
	Name       string `json:"name"`
	Email      string `json:"email,omitempty"`
	UnitID     string `json:"unit_id,omitempty"`
}

type question struct {
	Origin     string     `json:"origin"`
	Community  string     `json:"community"`
	Asker      string     `json:"asker"`
	Title      string     `json:"title"`
	Body       string     `json:"body,omitempty"`
	Tags       []string   `json:"tags,omitempty"`
	OccurredAt *time.Time `json:"occurred_at,omitempty"`
	Order      int        `json:"order"`
	Answers    []answer   `json:"answers"`
}

type answer struct {
	Origin     string     `json:"origin"`
	Author     string     `json:"author"`
	Body       string     `json:"body,omitempty"`
	Score      int        `json:"score,omitempty"`
	Accepted   bool       `json:"accepted,omitempty"`
	Thanked    bool       `json:"thanked,omitempty"`
	OccurredAt *time.Time `json:"occurred_at,omitempty"`
}

// Flush sends what Add has taken.
func (im *Importer) Flush(ctx context.Context) error {
	if len(im.batch) == 0 {
		return nil
	}
	var users []string
	for _, q := range im.batch {
		users = append(users, q.Asker)
		for _, a := range q.Answers {
			users = append(users, a.User)
		}
	}
	if err := im.Authors(ctx, users); err != nil {
		return err
	}
	items := make([]question, 0, len(im.batch))
	lines := make(map[string]int, len(im.batch))
	for _, q := range im.batch {
		community, err := im.community(ctx, q.Community())
		if err != nil {
			return err
		}
		im.order++
		items = append(items, im.item(q, community))
		lines[q.Origin()] = q.Line
	}
	var out struct {
		Items []struct {
			Origin string `json:"origin"`
			Events int    `json:"events"`
			Error  *struct {
				Detail string `json:"detail"`
			} `json:"error"`
		} `json:"items"`
	}
	if err := im.Client.Post(ctx, "/api/community/imports/questions", map[string]any{"items": items}, &out); err != nil {
		return fmt.Errorf("import lines %d to %d: %w", im.batch[0].Line, im.batch[len(im.batch)-1].Line, err)
	}
	for i, it := range out.Items {
		im.total.Events += it.Events
		if it.Error != nil {
			im.Reject(fmt.Errorf("line %d: %s", lines[it.Origin], it.Error.Detail))
			continue
		}
		im.total.Questions++
		im.total.Answers += len(items[i].Answers)
	}
	im.batch, im.size = im.batch[:0], 0
	return nil
}

func (im *Importer) item(q Question, community string) question {
	out := question{
		Origin: q.Origin(), Community: community, Asker: im.people[q.Asker], Title: q.Headline(),
		Body: q.Body, Tags: q.Tags, OccurredAt: q.At(), Order: im.order, Answers: []answer{},
	}
	for i, a := range q.Answers {
		out.Answers = append(out.Answers, answer{
			Origin: a.Origin(i), Author: im.people[a.User], Body: a.Text, Score: int(a.Score),
			Accepted: a.Accepted, Thanked: a.Thanked, OccurredAt: a.At(),
		})
	}
	return out
}

// community returns the community of a forum's name, creating it if missing.
func (im *Importer) community(ctx context.Context, name string) (string, error) {
	if id, ok := im.communities[name]; ok {
		return id, nil
	}
	var out struct {
		ID string `json:"id"`
	}
	body := map[string]string{"origin": name, "name": name, "language": "en"}
	if err := im.Client.Post(ctx, "/api/community/imports/communities", body, &out); err != nil {
		return "", fmt.Errorf("import community %s: %w", name, err)
	}
	if im.communities == nil {
		im.communities = map[string]string{}
	}
	im.communities[name] = out.ID
	return out.ID, nil
}
