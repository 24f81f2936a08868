package demo

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	kith "kith/services/kith"
	"kith/services/kith/client"
)

// importOrganisation imports units and people as the administrator.
func (s *stage) importOrganisation(ctx context.Context) error {
	admin, err := s.crew.actor(ctx, kith.DevAdministrator)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		what string
		data []byte
	}{{"units", s.unitsCSV()}, {"people", s.peopleCSV()}} {
		_, err := admin.client.ImportCSV(ctx, file.what, file.data, nil, func(l client.ImportLine) {
			s.show("importing "+file.what, int(l.Done), int(l.Total))
		})
		if err != nil {
			return fmt.Errorf("import %s, as %s: %w", file.what, kith.DevAdministrator, err)
		}
	}
	return nil
}

// giveRoles makes one person coordinator and one of each department connector.
func (s *stage) giveRoles(ctx context.Context) error {
	type grant struct {
		who  int
		role string
	}
	var grants []grant
	have, coordinated := map[int]bool{}, false
	for i, w := range s.people {
		switch {
		case i == s.newcomer:
		case !have[w.department]:
			have[w.department] = true
			grants = append(grants, grant{i, "connector"})
		case !coordinated:
			coordinated = true
			grants = append(grants, grant{i, "coordinator"})
		}
	}
	return s.each(ctx, "giving roles", len(grants), func(ctx context.Context, i int) error {
		sc, g := s.scene(), grants[i]
		id, err := sc.person(ctx, s.login(g.who))
		if err != nil {
			return err
		}
		return sc.post(ctx, kith.DevAdministrator, fmt.Sprintf("make %s %s", s.people[g.who].name, g.role),
			"/api/membership/people/"+id+"/roles", fmt.Sprintf("role/%s/%d", g.role, g.who), map[string]string{"role": g.role}, nil)
	})
}

// writeProfiles lets people describe themselves.
func (s *stage) writeProfiles(ctx context.Context) error {
	var writers []int
	for i, w := range s.people {
		if w.profile != nil {
			writers = append(writers, i)
		}
	}
	return s.each(ctx, "writing profiles", len(writers), func(ctx context.Context, k int) error {
		i := writers[k]
		sc, w := s.scene(), s.people[i]
		const path = "/api/membership/me/profile"
		var have profile
		h, err := sc.do(ctx, act{who: w.login, does: "read the own profile", path: path}, &have)
		if err != nil || have.About != "" || slices.Equal(have.CanHelp, w.profile.CanHelp) {
			return err // written before, and perhaps changed since
		}
		_, err = sc.do(ctx, act{who: w.login, does: "write the own profile", method: http.MethodPut, path: path,
			key: fmt.Sprintf("profile/%d", i), body: w.profile, etag: h.Get("ETag")}, nil)
		return err
	})
}
