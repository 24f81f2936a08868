package membership_test

import (
	"testing"

	"kith/api/events/community"
	"kith/pkg/es"
)

// A community that everybody has left can be joined again.
func TestACoordinatorAdmitsWhileThereIsNoHost(t *testing.T) {
	o := start(t)
	ada, bob, eve, kit := o.person("Ada"), o.person("Bob"), o.person("Eve"), o.person("Kit")
	o.Must(204, o.admin, "POST", base+"/people/"+kit+"/roles", map[string]string{"role": "coordinator"})
	c := o.community(ada, "left", "request", "closed")
	succession := func(e es.Event) {
		o.Append("reactor:community-succession", es.Stream{Context: community.Context, Aggregate: community.Community, ID: "left"}, e)
	}
	admit := func(whom string) string { return c + "/join-requests/" + whom + "/admit" }
	for _, person := range []string{bob, eve, kit} {
		o.Must(200, person, "POST", c+"/join", nil)
	}
	o.refused(o.Do(kit, "POST", admit(bob), nil), 403, "host")
	o.refused(o.Do(kit, "GET", c+"/join-requests", nil), 403, "host")
	o.Must(204, ada, "POST", c+"/leave", nil)
	succession(community.SuccessionOpened{Last: ada, Cause: "left"})

	t.Run("they see who asks, and nothing else of the community", func(t *testing.T) {
		if got := o.list(kit, c[len(base):]+"/join-requests"); len(got.Items) != 3 {
			t.Errorf("requests are %v", got)
		}
		o.refused(o.Do(kit, "GET", c+"/members", nil), 403, "closed")
	})
	t.Run("they admit on the person's own request alone", func(t *testing.T) {
		o.refused(o.Do(kit, "POST", admit(o.person("Una")), nil), 409, "no open request")
		o.Must(204, kit, "POST", admit(bob), nil)
		if got := o.members(bob, c); got != "Bob:member" {
			t.Errorf("members are %s", got)
		}
	})
	t.Run("they do not admit themselves", func(t *testing.T) {
		o.refused(o.Do(kit, "POST", admit(kit), nil), 403, "themselves")
	})
	t.Run("who was admitted can take over, and admits from then on", func(t *testing.T) {
		o.Must(204, bob, "POST", c+"/take-over", nil)
		succession(community.SuccessionSettled{Host: bob})
		o.refused(o.Do(kit, "POST", admit(eve), nil), 403, "host")
		o.Must(204, bob, "POST", admit(eve), nil)
	})
}
