package demo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	kith "kith/services/kith"
)

const patience = 20 * time.Second // for what a reactor does

// foundCommunities founds those that are not there yet, one after the other,
// since each founder is shown what exists.
func (s *stage) foundCommunities(ctx context.Context) error {
	there, err := s.directory(ctx)
	if err != nil {
		return err
	}
	s.communityIDs = make([]string, len(s.communities))
	seen := uint64(0)
	for i, c := range s.communities {
		s.show("founding communities", i, len(s.communities))
		if s.communityIDs[i] = there[c.name]; s.communityIDs[i] == "" {
			sc := &scene{crew: s.crew, seq: seen}
			if s.communityIDs[i], err = s.foundOne(ctx, sc, i); err != nil {
				return err
			}
			seen = sc.seq
		}
	}
	s.show("founding communities", len(s.communities), len(s.communities))
	return nil
}

// directory returns the ids of all communities by name.
func (s *stage) directory(ctx context.Context) (map[string]string, error) {
	ids := map[string]string{}
	for q := (url.Values{"limit": {"200"}}); ; {
		var page struct {
			Items []struct{ ID, Name string }
			Next  string
		}
		if _, err := s.scene().do(ctx, act{who: kith.DevAdministrator, does: "read the directory", path: "/api/community/communities?" + q.Encode()}, &page); err != nil {
			return nil, err
		}
		for _, c := range page.Items {
			ids[c.Name] = c.ID
		}
		if page.Next == "" {
			return ids, nil
		}
		q.Set("cursor", page.Next)
	}
}

func (s *stage) foundOne(ctx context.Context, sc *scene, i int) (string, error) {
	c := s.communities[i]
	founder := s.login(c.founder)
	var similar struct {
		Items []struct{ Community struct{ ID string } }
	}
	q := url.Values{"name": {c.name}, "purpose": {c.purpose}, "topics": c.topics}
	if _, err := sc.do(ctx, act{who: founder, does: "look for similar communities", path: "/api/community/communities/similar?" + q.Encode()}, &similar); err != nil {
		return "", err
	}
	shown := []string{}
	for _, m := range similar.Items {
		shown = append(shown, m.Community.ID)
	}
	var made struct{ ID string }
	err := sc.post(ctx, founder, "found the community "+c.name, "/api/community/communities", fmt.Sprintf("community/%d", i), map[string]any{
		"name": c.name, "purpose": c.purpose, "kind": "community", "visibility": c.visibility, "joining": c.joining,
		"language": c.language, "topics": c.topics, "shown": shown,
	}, &made)
	return made.ID, err
}

// formCommunities lets hosts write charters, people join, and communities become active.
func (s *stage) formCommunities(ctx context.Context) error {
	return s.each(ctx, "joining communities", len(s.communities), func(ctx context.Context, i int) error {
		f := formation{stage: s, scene: s.scene(), community: s.communities[i], id: s.communityIDs[i], place: i}
		for _, part := range []func(context.Context) error{f.awaitHost, f.writeCharter, f.begin, f.gather, f.assign, f.goOn} {
			if err := part(ctx); err != nil {
				return fmt.Errorf("community %s: %w", f.name, err)
			}
		}
		s.count(func(t *Summary) { t.Memberships += 1 + len(f.members) })
		return nil
	})
}

// formation is what happens in one community.
type formation struct {
	*stage
	*scene
	community
	id    string
	place int
}

func (f *formation) host() string { return f.login(f.founder) }

func (f *formation) key(what string) string { return fmt.Sprintf("community/%d/%s", f.place, what) }

func (f *formation) words() phrases { return f.texts.Phrases[f.language] }

// awaitHost waits until the founder has become the host.
func (f *formation) awaitHost(ctx context.Context) error {
	ok, err := await(ctx, patience, func() (bool, error) {
		var me struct{ Communities []struct{ Community string } }
		if _, err := f.do(ctx, act{who: f.host(), does: "see whether one is host", path: "/api/membership/me"}, &me); err != nil {
			return false, err
		}
		for _, c := range me.Communities {
			if c.Community == f.id {
				return true, nil
			}
		}
		return false, nil
	})
	if err == nil && !ok {
		err = fmt.Errorf("its founder %s is not a member %s after founding it, or has left it: the demonstration needs an instance that runs well and where its hosts are still in place", f.host(), patience)
	}
	return err
}

func (f *formation) writeCharter(ctx context.Context) error {
	path := "/api/community/communities/" + f.id + "/charter"
	var have struct{ Version int }
	h, err := f.do(ctx, act{who: f.host(), does: "read the charter", path: path}, &have)
	if err != nil || have.Version > 0 {
		return err
	}
	_, err = f.do(ctx, act{who: f.host(), does: "write the charter", method: http.MethodPut, path: path, key: f.key("charter"), body: f.charter, etag: h.Get("ETag")}, nil)
	return err
}

func (f *formation) move(ctx context.Context, to, reason string) error {
	return f.post(ctx, f.host(), "move the community to "+to, "/api/community/communities/"+f.id+"/state", f.key("state/"+to),
		map[string]string{"to": to, "reason": reason}, nil)
}

func (f *formation) begin(ctx context.Context) error { return f.move(ctx, forming, f.words().Forming) }

// gather lets people come in by their own act.
func (f *formation) gather(ctx context.Context) error {
	for n, i := range f.members {
		if err := f.come(ctx, n, i, true); err != nil {
			return err
		}
	}
	for n, i := range f.pending {
		if err := f.come(ctx, len(f.members)+n, i, false); err != nil {
			return err
		}
	}
	return nil
}

// come is the way of person i into the community; unless all the way, the last
// step is left to do.
func (f *formation) come(ctx context.Context, n, i int, all bool) error {
	login, base := f.login(i), "/api/membership/communities/"+f.id
	join := func(message string) error {
		body := map[string]string{}
		if message != "" {
			body["message"] = message
		}
		return f.post(ctx, login, "join", base+"/join", f.key(fmt.Sprintf("join/%d", i)), body, nil)
	}
	if f.joining != byRequest && f.joining != byInvitation {
		return join("")
	}
	id, err := f.person(ctx, login)
	if err != nil {
		return err
	}
	if f.joining == byRequest {
		if err := join(f.words().Join[n%len(f.words().Join)]); err != nil || !all {
			return err
		}
		return f.post(ctx, f.host(), "admit "+login, base+"/join-requests/"+id+"/admit", f.key(fmt.Sprintf("admit/%d", i)), nil, nil)
	}
	err = f.post(ctx, f.host(), "invite "+login, base+"/invitations", f.key(fmt.Sprintf("invite/%d", i)),
		map[string]string{"person": id, "message": f.words().Invite[n%len(f.words().Invite)]}, nil)
	if err != nil || !all {
		return err
	}
	return f.post(ctx, login, "accept the invitation", base+"/invitation/accept", f.key(fmt.Sprintf("accept/%d", i)), nil, nil)
}

// assign gives roles in the community.
func (f *formation) assign(ctx context.Context) error {
	roles := map[int]string{f.sponsor: "sponsor"}
	for _, i := range f.core {
		roles[i] = "core"
	}
	for _, i := range f.members {
		if roles[i] == "" {
			continue
		}
		id, err := f.person(ctx, f.login(i))
		if err != nil {
			return err
		}
		err = f.post(ctx, f.host(), fmt.Sprintf("make %s %s", f.login(i), roles[i]), "/api/membership/communities/"+f.id+"/members/"+id+"/role",
			f.key(fmt.Sprintf("role/%d", i)), map[string]string{"role": roles[i]}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// goOn moves the community to where it is in the end.
func (f *formation) goOn(ctx context.Context) error {
	if f.state == forming {
		return nil
	}
	if err := f.move(ctx, active, f.words().Active); err != nil || f.state == active {
		return err
	}
	return f.move(ctx, dormant, f.words().Dormant)
}
