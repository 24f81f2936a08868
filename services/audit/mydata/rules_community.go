package mydata

import (
	"slices"

	"kith/api/events/community"
	"kith/pkg/es"
)

func (a *Archive) ofCommunity(r es.Recorded) told {
	if r.Stream.Aggregate == community.Request {
		return a.ofRequest(r)
	}
	switch e := r.Data.(type) {
	case community.CommunityFounded:
		return told{part: partCommunities, show: e}.when(e.Founder == a.person || r.Meta.Actor == a.person)
	case community.CommunitySettingsChanged, community.CommunityStateChanged, community.CharterRevised,
		community.LinkProposed, community.LinkAgreed, community.LinkDeclined, community.LinkWithdrawn, community.LinkEnded:
		return told{part: partCommunities, show: r.Data}.when(r.Meta.Actor == a.person)
	case community.SuccessionOpened:
		asked := slices.Contains(e.Asked, a.person)
		t := told{part: partCommunities}
		// Who else was asked, and why another left, is not for the person.
		if e.Asked = nil; asked {
			e.Asked = []string{a.person}
		}
		if e.Last != a.person {
			t.hide = []string{"last", "cause"}
		}
		t.show = e
		return t.when(asked || e.Last == a.person)
	case community.SuccessionSettled:
		return told{part: partCommunities, show: e}.when(e.Host == a.person)
	}
	return told{}
}

func (a *Archive) ofRequest(r es.Recorded) told {
	request := r.Stream.ID
	acted := r.Meta.Actor == a.person
	switch e := r.Data.(type) {
	case community.RequestRaised:
		return told{part: partRequests, show: e}.when(e.Asker == a.person)
	case community.RequestCorrected, community.RequestRetracted, community.RequestResolved,
		community.RequestUnresolved, community.RequestWithdrawn, community.RequestReopened:
		return told{part: partRequests, show: r.Data}.when(a.asks(request))
	case community.RequestResponded:
		return a.ofResponse(r, e.Response, e.Author == a.person)
	case community.ResponseCorrected:
		return a.ofResponse(r, e.Response, acted)
	case community.ResponseRetracted:
		return a.ofResponse(r, e.Response, acted)
	case community.ResponseAccepted:
		return a.ofResponse(r, e.Response, e.Author == a.person)
	case community.Thanked:
		switch a.person {
		case e.From:
			return told{part: partThanks, show: e, hide: []string{"to_unit"}}
		case e.To:
			reads := !a.takenBack[request] && a.w.Access.SeesRequest(a.person, request)
			return told{part: partThanks, show: e, hide: []string{"from_unit"}, reads: reads}
		}
	}
	return told{}
}

// ofResponse is what happened to a response, whether it is the person's or was
// given to a request of theirs. Of another's they read the words of now, as
// long as its author lets them stand.
func (a *Archive) ofResponse(r es.Recorded, response string, own bool) told {
	switch {
	case own:
		return told{part: partResponses, show: r.Data}
	case a.asks(r.Stream.ID):
		return told{part: partRequests, show: r.Data, reads: a.stands[answer{r.Stream.ID, response}] == r.Seq}
	}
	return told{}
}

// asks reports whether the request is the person's.
func (a *Archive) asks(request string) bool {
	q, ok := a.w.Access.Request(request)
	return ok && q.Asker == a.person
}

// answer names a response.
type answer struct{ request, response string }

// learn notes what the rules need to know of later events: where the present
// words of others' responses to the person's requests are, and which requests
// were retracted with the thanks in them.
func (a *Archive) learn(r es.Recorded) {
	request := r.Stream.ID
	switch e := r.Data.(type) {
	case community.RequestResponded:
		if e.Author != a.person && a.asks(request) {
			a.stands[answer{request, e.Response}] = r.Seq
		}
	case community.ResponseCorrected:
		if of := (answer{request, e.Response}); a.stands[of] > 0 {
			a.stands[of] = r.Seq
		}
	case community.ResponseRetracted:
		delete(a.stands, answer{request, e.Response})
	case community.Thanked:
		if e.To == a.person {
			a.takenBack[request] = false
		}
	case community.RequestRetracted:
		if _, thanked := a.takenBack[request]; thanked {
			a.takenBack[request] = true
		}
	default:
		a.learnPerson(r)
	}
}
