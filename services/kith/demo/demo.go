package demo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	kith "kith/services/kith"
	"kith/services/kith/client"
)

// Config says what to fill with what.
type Config struct {
	Server   string // URL of an instance that runs in development mode
	People   int    // MinPeople to MaxPeople; 0: 200
	Seed     uint64 // 0: 1
	Progress func(stage string, done, total int)
	HTTP     *http.Client     // nil: one of its own
	Now      func() time.Time // nil: the clock of this computer; the past ends with the month before it
}

// Summary is what the instance holds of the demonstration in the end.
type Summary struct {
	People, Communities, Memberships int
	Units                            int // below the organisation itself
	Requests, Responses, Thanks      int
	Offers, Declined                 int // "I can help" and "not me"
	Past                             int // questions from old mailing lists
	Logins                           []Login
}

// Login is somebody worth signing in as.
type Login struct{ Login, Name, Why string }

const defaultPeople = 200

// Run fills the instance. It stops at the first error, which says what was
// being done and by whom; running it again with the same people and seed goes
// on and adds nothing twice.
func Run(ctx context.Context, cfg Config) (Summary, error) {
	if cfg.People == 0 {
		cfg.People = defaultPeople
	}
	if cfg.Seed == 0 {
		cfg.Seed = 1
	}
	if cfg.HTTP == nil {
		cfg.HTTP = client.Pool(2 * atOnce)
		defer cfg.HTTP.CloseIdleConnections()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	p, err := newPlan(cfg.Seed, cfg.People)
	if err != nil {
		return Summary{}, err
	}
	s := &stage{plan: p, now: cfg.Now, progress: cfg.Progress, crew: newCrew(strings.TrimRight(cfg.Server, "/"), cfg.HTTP, p.root+"/")}
	for _, part := range []func(context.Context) error{
		s.enter, s.importOrganisation, s.giveRoles, s.writeProfiles, s.foundCommunities, s.formCommunities, s.importPast, s.raiseRequests, s.converse, s.leave,
	} {
		if err := part(ctx); err != nil {
			return Summary{}, err
		}
	}
	return s.summary, nil
}

// stage carries a plan out.
type stage struct {
	plan
	now      func() time.Time
	crew     *crew
	progress func(stage string, done, total int)

	communityIDs []string // by place in plan.communities
	requestIDs   []string // by place in plan.requests
	matching     bool     // the instance proposes helpers
	unrouted     atomic.Int32

	mu      sync.Mutex
	summary Summary
	open    map[string]int // login → proposals that nobody has answered
}

func (s *stage) scene() *scene { return &scene{crew: s.crew} }

func (s *stage) login(i int) string { return s.people[i].login }

// count changes the summary.
func (s *stage) count(change func(*Summary)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.summary)
}

// each carries n items of a part out, some at once, and shows how far it is.
func (s *stage) each(ctx context.Context, part string, n int, do func(context.Context, int) error) error {
	var done atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	s.show(part, 0, n)
	for i := range n {
		g.Go(func() error {
			if err := do(ctx, i); err != nil {
				return err
			}
			s.show(part, int(done.Add(1)), n)
			return nil
		})
	}
	return g.Wait()
}

func (s *stage) show(part string, done, total int) {
	if s.progress == nil || total == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress(part, done, total)
}

// enter makes sure that the instance can take this organisation.
func (s *stage) enter(ctx context.Context) error {
	s.open = map[string]int{}
	if _, err := s.crew.actor(ctx, kith.DevAdministrator); err != nil {
		return fmt.Errorf("%w\nThe demonstration needs an instance in development mode: kith serve --dev", err)
	}
	for cursor := ""; ; {
		var page struct {
			Items []struct{ Code string }
			Next  string
		}
		path := "/api/membership/units?limit=200&cursor=" + url.QueryEscape(cursor)
		if cursor == "" {
			path = "/api/membership/units?limit=200"
		}
		if _, err := s.scene().do(ctx, act{who: kith.DevAdministrator, does: "read the units", path: path}, &page); err != nil {
			return err
		}
		for _, u := range page.Items {
			if strings.HasPrefix(u.Code, rootPrefix) && u.Code != s.root {
				seed, people, _ := strings.Cut(strings.TrimPrefix(u.Code, rootPrefix), "-")
				return fmt.Errorf("this instance has been filled already, with seed %s and %s people: use the same again, or start Kith with another data folder", seed, people)
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	_, err := s.scene().do(ctx, act{who: kith.DevAdministrator, does: "look for the matching service", path: "/api/matching/me/preferences"}, nil)
	s.matching = err == nil
	if err != nil && !missing(err) {
		return err
	}
	return nil
}

// leave chooses whom to try.
func (s *stage) leave(context.Context) error {
	s.summary.People, s.summary.Units, s.summary.Communities = len(s.people), len(s.units)-1, len(s.communities)
	host := s.communities[0]
	for _, c := range s.communities {
		if c.language == german && c.state == active && c.joining == byRequest {
			host = c
			break
		}
	}
	s.summary.Logins = []Login{
		{kith.DevAdministrator, "", "administrator: units, people, roles, the system"},
		{kith.DevAuditor, "", "auditor: reads, verifies and exports the log"},
		{s.login(host.founder), s.people[host.founder].name, fmt.Sprintf("host of “%s”, where requests to join may wait", host.name)},
	}
	if login, n := s.busiest(); n > 0 {
		s.summary.Logins = append(s.summary.Logins, Login{login, s.nameOf(login), fmt.Sprintf("employee who is asked for help with %d requests and has not answered", n)})
	}
	s.summary.Logins = append(s.summary.Logins, Login{s.login(s.newcomer), s.people[s.newcomer].name, "newcomer without any community"})
	return nil
}

// busiest is who has most proposals to answer.
func (s *stage) busiest() (login string, n int) {
	for l, k := range s.open {
		if k > n || k == n && l < login {
			login, n = l, k
		}
	}
	return login, n
}

func (s *stage) nameOf(login string) string {
	for _, w := range s.people {
		if w.login == login {
			return w.name
		}
	}
	return ""
}
