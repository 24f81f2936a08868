package access_test

import (
	"slices"
	"testing"

	"kith/api/events/community"
)

func TestLinked(t *testing.T) {
	s := newStory(t)
	for _, id := range []string{"a", "b", "c"} {
		s.found(id, community.Open, "founder")
	}
	on := func(e interface{ EventType() string }) { s.on("link", "l", e) }
	ends := func(one, other, kind string) community.Ends {
		return community.Ends{Proposer: one, Other: other, Kind: kind}
	}
	expect := func(when, id string, want ...string) {
		t.Helper()
		if got := s.a.Linked(id); !slices.Equal(got, want) {
			t.Errorf("%s: %s is linked with %v, want %v", when, id, got, want)
		}
	}
	on(community.LinkProposed{Ends: ends("a", "b", community.Sister)})
	expect("proposed", "a")
	on(community.LinkAgreed{Ends: ends("a", "b", community.Sister)})
	on(community.LinkAgreed{Ends: ends("b", "a", community.Bridge)})
	on(community.LinkAgreed{Ends: ends("c", "a", community.Bridge)})
	expect("agreed", "a", "b", "c")
	expect("agreed", "b", "a")
	on(community.LinkEnded{Ends: ends("a", "b", community.Sister), Side: "b"})
	expect("one of two kinds ended", "a", "b", "c")
	on(community.LinkEnded{Ends: ends("b", "a", community.Bridge), Side: "b"})
	expect("both ended", "a", "c")
	expect("both ended", "b")
	s.on("community", "c", community.CommunityStateChanged{To: community.Ended})
	expect("the other is closed for good", "a")
	expect("closed for good", "c")
	on(community.LinkAgreed{Ends: ends("a", "b", community.Sister)})
	agreed := hashOf(t, s)
	on(community.LinkEnded{Ends: ends("a", "b", community.Sister)})
	if hashOf(t, s) == agreed {
		t.Error("the hash does not know of links")
	}
	expect("of what does not exist", "nowhere")
}

func hashOf(t *testing.T, s *story) string {
	t.Helper()
	sum, err := s.a.Hash(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
