package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	kith "kith/services/kith"
	"kith/services/kith/cli"
	"kith/services/kith/client"
	"kith/services/kith/history"
)

// walkForum imports what a forum's people have asked so far, and lets them ask
// and answer what came then as if it were today.
func (j *journey) walkForum(ctx context.Context) bool {
	f := &forum{journey: j, clients: map[string]*client.Client{}}
	return j.step("import units", func() (string, error) { return f.units(ctx) }) &&
		j.step("import the forum's past", func() (string, error) { return f.past(ctx) }) &&
		j.step("the same file again adds nothing", func() (string, error) { return f.again(ctx) }) &&
		j.step("ask, offer, respond, accept, thank", func() (string, error) { return f.present(ctx) })
}

type forum struct {
	*journey
	admin   *client.Client
	im      *history.Importer
	unitIDs []string
	clients map[string]*client.Client // by user
	ready   map[string]bool           // users who are members and have said how often they may be asked
}

const forumUnits = 12

func (f *forum) units(ctx context.Context) (string, error) {
	var err error
	if f.admin, err = f.as(ctx, kith.DevAdministrator); err != nil {
		return "", err
	}
	var csv strings.Builder
	csv.WriteString("id,parent_id,name,kind\nforum,,The forum,organisation\n")
	for i := range forumUnits {
		fmt.Fprintf(&csv, "u%02d,forum,Department %d,department\n", i+1, i+1)
	}
	if _, err := cli.ImportCSV(ctx, f.admin, "units", []byte(csv.String()), nil, func(uint64, uint64) {}); err != nil {
		return "", err
	}
	var page struct {
		Items []struct{ ID, Code, Kind string } `json:"items"`
	}
	if err := f.admin.Get(ctx, "/api/membership/units?limit=200", &page); err != nil {
		return "", err
	}
	for _, u := range page.Items {
		if u.Kind == "department" {
			f.unitIDs = append(f.unitIDs, u.ID)
		}
	}
	return fmt.Sprintf("%d departments", len(f.unitIDs)), nil
}

// unit spreads people over units by hash.
func (f *forum) unit(user string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(user))
	return f.unitIDs[int(h.Sum32()%uint32(len(f.unitIDs)))]
}

func email(user string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '.'
	}, strings.ToLower(user)) + "@forum.example"
}

func (f *forum) file(split string) string {
	return filepath.Join(f.data, f.set+"."+split+".jsonl.gz")
}

func (f *forum) past(ctx context.Context) (string, error) {
	f.im = f.importer()
	begin := time.Now()
	if err := cli.ImportHistory(ctx, f.im, f.file("train"), func(uint64, uint64) {}); err != nil {
		return "", err
	}
	t := f.im.Total()
	if t.Bad > 0 || t.Questions == 0 {
		return "", fmt.Errorf("%d questions imported, %d lines refused", t.Questions, t.Bad)
	}
	return fmt.Sprintf("%d questions, %d answers: %d events, %.0f per second", t.Questions, t.Answers, t.Events,
		float64(t.Events)/time.Since(begin).Seconds()), nil
}

func (f *forum) importer() *history.Importer {
	return &history.Importer{Client: f.admin, Unit: f.unit, Email: email,
		Bad: func(err error) { fmt.Fprintln(os.Stderr, err) }}
}

func (f *forum) again(ctx context.Context) (string, error) {
	im := f.importer()
	if err := cli.ImportHistory(ctx, im, f.file("train"), func(uint64, uint64) {}); err != nil {
		return "", err
	}
	if n := im.Total().Events; n > 0 {
		return "", fmt.Errorf("%d events were added again", n)
	}
	return "0 events", nil
}

// score is how well the matcher did, over the questions that somebody known
// could answer.
type score struct {
	asked, reachable, proposed int
	first, three, five         int
	reciprocal                 float64
}

func (s *score) String() string {
	n := float64(max(s.reachable, 1))
	return fmt.Sprintf("%d asked, %d with a known answerer: proposed in %d; at rank 1 %.0f %%, ≤ 3 %.0f %%, ≤ 5 %.0f %%, MRR %.3f",
		s.asked, s.reachable, s.proposed, 100*float64(s.first)/n, 100*float64(s.three)/n, 100*float64(s.five)/n, s.reciprocal/n)
}

func (f *forum) present(ctx context.Context) (string, error) {
	in, err := history.Open(f.file("dev"))
	if err != nil {
		return "", err
	}
	defer in.Close()
	f.ready = map[string]bool{}
	known := map[string]bool{} // users who have answered before
	if err := f.learnAnswerers(ctx, known); err != nil {
		return "", err
	}
	var s score
	for q, err := range in.Questions() {
		if err != nil {
			return "", err
		}
		if s.asked == f.questions {
			break
		}
		rank, err := f.ask(ctx, q, known)
		if err != nil {
			return "", fmt.Errorf("question %s: %w", q.Origin(), err)
		}
		s.count(rank, q, known)
		for _, a := range q.Answers {
			known[a.User] = true
		}
		f.progress("asking", s.asked, f.questions)
	}
	return s.String(), nil
}

func (s *score) count(rank int, q history.Question, known map[string]bool) {
	s.asked++
	reachable := false
	for _, a := range q.Answers {
		reachable = reachable || known[a.User] && a.User != q.Asker
	}
	if !reachable {
		return
	}
	s.reachable++
	if rank == 0 {
		return
	}
	s.proposed++
	s.reciprocal += 1 / float64(rank)
	if rank == 1 {
		s.first++
	}
	if rank <= 3 {
		s.three++
	}
	if rank <= 5 {
		s.five++
	}
}

// learnAnswerers reads who has answered in the past, and lets each of them
// allow Kith to ask them as often as it can: the cap would otherwise end the
// measurement, since all questions come within a minute here.
func (f *forum) learnAnswerers(ctx context.Context, known map[string]bool) error {
	in, err := history.Open(f.file("train"))
	if err != nil {
		return err
	}
	defer in.Close()
	for q, err := range in.Questions() {
		if err != nil {
			return err
		}
		for _, a := range q.Answers {
			known[a.User] = true
		}
	}
	n := 0
	for user := range known {
		if n++; n%20 == 0 {
			f.progress("preferences", n, len(known))
		}
		if _, err := f.person(ctx, user); err != nil {
			return err
		}
	}
	return nil
}

// person signs a user in, who is created first if new, and has joined nothing
// but what they join themselves.
func (f *forum) person(ctx context.Context, user string) (*client.Client, error) {
	if c, ok := f.clients[user]; ok {
		return c, nil
	}
	if err := f.im.Authors(ctx, []string{user}); err != nil {
		return nil, err
	}
	// The issuer knows whom the process has folded; asking waits for that.
	if err := f.admin.Get(ctx, "/api/membership/me", nil); err != nil {
		return nil, err
	}
	c, err := f.as(ctx, email(user))
	if err != nil {
		return nil, err
	}
	var prefs map[string]any
	header, err := c.Do(ctx, client.Request{Method: http.MethodGet, Path: "/api/matching/me/preferences"}, &prefs)
	if err != nil {
		return nil, err
	}
	_, err = c.Do(ctx, client.Request{Method: http.MethodPut, Path: "/api/matching/me/preferences",
		Body: map[string]any{"opt_out": false, "cap": 50}, Header: http.Header{"If-Match": {header.Get("ETag")}}}, nil)
	if err != nil {
		return nil, err
	}
	f.clients[user] = c
	return c, nil
}

// ask asks a question anew and lets those answer who did. It returns the best
// rank at which one of them was proposed, 0 for none.
func (f *forum) ask(ctx context.Context, q history.Question, known map[string]bool) (rank int, err error) {
	community, ok := f.im.CommunityID(q.Community())
	if !ok {
		return 0, fmt.Errorf("community %s was not imported", q.Community())
	}
	asker, err := f.person(ctx, q.Asker)
	if err != nil {
		return 0, err
	}
	if err := f.join(ctx, asker, q.Asker, community); err != nil {
		return 0, err
	}
	var created struct{ ID string }
	body := map[string]any{"community": community, "kind": "information", "title": cut(q.Headline(), 200), "body": cut(q.Body, 10000),
		"purpose": "To go on with my work.", "tags": tags(q.Tags), "language": "en"}
	if err := asker.Post(ctx, "/api/community/requests", body, &created); err != nil {
		return 0, fmt.Errorf("ask: %w", err)
	}
	helpers, err := f.proposals(ctx, asker, created.ID)
	if err != nil {
		return 0, err
	}
	answered := map[string]string{} // user → response
	for _, a := range q.Answers {
		if a.User == q.Asker || answered[a.User] != "" {
			continue
		}
		if answered[a.User], err = f.answer(ctx, a, created.ID, asker); err != nil {
			return 0, err
		}
		if id, _ := f.im.Person(a.User); known[a.User] {
			for i, h := range helpers {
				if h == id && (rank == 0 || i+1 < rank) {
					rank = i + 1
				}
			}
		}
	}
	return rank, f.accept(ctx, asker, q, created.ID, answered)
}

func (f *forum) join(ctx context.Context, c *client.Client, user, community string) error {
	if f.ready[user] {
		return nil
	}
	if err := c.Post(ctx, "/api/membership/communities/"+community+"/join", map[string]any{}, nil); err != nil {
		return fmt.Errorf("join: %w", err)
	}
	f.ready[user] = true
	return nil
}

func (f *forum) answer(ctx context.Context, a history.Answer, request string, asker *client.Client) (string, error) {
	helper, err := f.person(ctx, a.User)
	if err != nil {
		return "", err
	}
	if err := helper.Post(ctx, "/api/matching/requests/"+request+"/offer", map[string]string{"answer": "can_help"}, nil); err != nil {
		return "", fmt.Errorf("offer: %w", err)
	}
	text := a.Text
	if text == "" {
		text = "I have had the same; let us look at it together."
	}
	var response struct{ ID string }
	if err := helper.Post(ctx, "/api/community/requests/"+request+"/responses", map[string]string{"body": cut(text, 20000)}, &response); err != nil {
		return "", fmt.Errorf("respond: %w", err)
	}
	return response.ID, nil
}

func (f *forum) accept(ctx context.Context, asker *client.Client, q history.Question, request string, answered map[string]string) error {
	for _, a := range q.Answers {
		id := answered[a.User]
		if !a.Accepted || id == "" {
			continue
		}
		path := "/api/community/requests/" + request + "/responses/" + id
		if err := asker.Post(ctx, path+"/accept", nil, nil); err != nil {
			return fmt.Errorf("accept: %w", err)
		}
		if err := asker.Post(ctx, path+"/thank", map[string]string{"note": "This was just what I needed."}, nil); err != nil {
			return fmt.Errorf("thank: %w", err)
		}
	}
	return nil
}

func (j *journey) progress(what string, done, total int) {
	fmt.Fprintf(os.Stderr, "\r  %s %d of %d ", what, done, total)
	if done == total {
		fmt.Fprintln(os.Stderr)
	}
}

func tags(all []string) []string {
	out := []string{}
	for _, t := range all {
		if t != "" && len(out) < 10 {
			out = append(out, cut(t, 50))
		}
	}
	return out
}

func cut(s string, runes int) string {
	r := []rune(s)
	return string(r[:min(len(r), runes)])
}
