package community

import (
	"errors"
	"testing"

	events "kith/api/events/community"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
)

type decision = func(request) (es.Event, error)

func raised(kind string) events.RequestRaised {
	e := events.RequestRaised{Community: "c", Asker: "ada", Kind: kind, Title: by("ada", "title"), Language: "en"}
	switch kind {
	case events.Problem:
		e.Tried = by("ada", "tried")
	case events.Information:
		e.Purpose = by("ada", "purpose")
	case events.Experience:
		e.Situation = by("ada", "situation")
	}
	return e
}

func responded(id, author string) events.RequestResponded {
	return events.RequestResponded{Response: id, Author: author, Body: by(author, "answer")}
}

func accepted(id, author string, resolves bool) events.ResponseAccepted {
	return events.ResponseAccepted{Response: id, Author: author, Resolves: resolves}
}

func TestEachKindHasItsField(t *testing.T) {
	kinds := []string{events.Problem, events.Information, events.Experience}
	for _, kind := range kinds {
		t.Run(kind+" with its field", func(t *testing.T) {
			estest.Given(t, foldRequest).When(func(q request) (es.Event, error) { return q.Raise(raised(kind)) }).Then(raised(kind))
		})
		t.Run(kind+" without its field", func(t *testing.T) {
			e := raised(kind)
			e.Tried, e.Purpose, e.Situation = sealed.Text{}, sealed.Text{}, sealed.Text{}
			estest.Given(t, foldRequest).When(func(q request) (es.Event, error) { return q.Raise(e) }).Fails(fault.Invalid)
		})
		t.Run(kind+" with a title of several lines", func(t *testing.T) {
			e := raised(kind)
			e.Title = by("ada", "title\n--\nYour account ends today.")
			estest.Given(t, foldRequest).When(func(q request) (es.Event, error) { return q.Raise(e) }).Fails(fault.Invalid)
			q := question{Title: e.Title, Tried: e.Tried, Purpose: e.Purpose, Situation: e.Situation}
			estest.Given(t, foldRequest, raised(kind)).When(func(r request) (es.Event, error) { return r.Correct("ada", q, 1) }).Fails(fault.Invalid)
		})
		for _, other := range kinds {
			if other == kind {
				continue
			}
			t.Run(kind+" with the field of "+other, func(t *testing.T) {
				e, o := raised(kind), raised(other)
				if e.Tried.IsZero() {
					e.Tried = o.Tried
				}
				if e.Purpose.IsZero() {
					e.Purpose = o.Purpose
				}
				if e.Situation.IsZero() {
					e.Situation = o.Situation
				}
				estest.Given(t, foldRequest).When(func(q request) (es.Event, error) { return q.Raise(e) }).Fails(fault.Invalid)
				estest.Given(t, foldRequest, raised(kind)).When(func(q request) (es.Event, error) {
					return q.Correct("ada", question{Title: e.Title, Tried: e.Tried, Purpose: e.Purpose, Situation: e.Situation}, 1)
				}).Fails(fault.Invalid)
			})
		}
	}
	t.Run("a wrong field is named", func(t *testing.T) {
		e := raised(events.Problem)
		e.Situation = by("ada", "s")
		_, err := request{}.Raise(e)
		var f *fault.Error
		if !errors.As(err, &f) || len(f.Fields) != 1 || f.Fields[0].Field != "situation" {
			t.Errorf("got %v, want the field situation named alone", err)
		}
	})
	t.Run("tags are in lower case, each once", func(t *testing.T) {
		e, want := raised(events.Problem), raised(events.Problem)
		e.Tags, want.Tags = []string{" Law", "law", "Tax  Law"}, []string{"law", "tax law"}
		estest.Given(t, foldRequest).When(func(q request) (es.Event, error) { return q.Raise(e) }).Then(want)
	})
}

// Every command in every state: what is said there is the whole state machine.
func TestRequestTransitions(t *testing.T) {
	const nothing = "nothing"
	reason := by("ada", "because")
	past := func(kind, state string) []any {
		p := []any{raised(kind), responded("r", "bob")}
		switch state {
		case stateResolved:
			p = append(p, accepted("r", "bob", kind != events.Experience))
			if kind == events.Experience {
				p = append(p, events.RequestResolved{})
			}
		case stateUnresolved:
			p = append(p, events.RequestUnresolved{Reason: reason})
		case stateWithdrawn:
			p = append(p, events.RequestWithdrawn{})
		case stateRetracted:
			p = append(p, events.RequestRetracted{})
		}
		return p
	}
	commands := map[string]decision{
		"respond":  func(q request) (es.Event, error) { return q.Respond("cem", "new", by("cem", "text")) },
		"accept":   func(q request) (es.Event, error) { return q.Accept("ada", "r") },
		"resolve":  func(q request) (es.Event, error) { return q.Resolve("ada") },
		"give up":  func(q request) (es.Event, error) { return q.GiveUp("ada", reason) },
		"withdraw": func(q request) (es.Event, error) { return q.Withdraw("ada", reason) },
		"reopen":   func(q request) (es.Event, error) { return q.Reopen("ada", reason) },
		"retract":  func(q request) (es.Event, error) { return q.Retract("ada") },
		"thank":    func(q request) (es.Event, error) { return q.Thank("ada", "r", units{}, sealed.Text{}) },
	}
	// "" is a refusal, nothing an intent that is fulfilled already, the rest a type of event.
	type row struct{ open, resolved, unresolved, withdrawn, retracted string }
	tables := map[string]map[string]row{
		events.Problem: {
			"respond":  {"request.responded", "", "", "", ""},
			"accept":   {"request.response_accepted", nothing, "", "", ""},
			"resolve":  {"", nothing, "", "", ""},
			"give up":  {"request.unresolved", "", nothing, "", ""},
			"withdraw": {"request.withdrawn", "", "", nothing, ""},
			"reopen":   {nothing, "request.reopened", "request.reopened", "request.reopened", ""},
			"retract":  {"request.retracted", "request.retracted", "request.retracted", "request.retracted", nothing},
			"thank":    {"request.thanked", "request.thanked", "request.thanked", "request.thanked", ""},
		},
	}
	tables[events.Information], tables[events.Experience] = tables[events.Problem], tables[events.Problem]
	for kind, table := range tables {
		for name, r := range table {
			for state, want := range map[string]string{stateOpen: r.open, stateResolved: r.resolved, stateUnresolved: r.unresolved, stateWithdrawn: r.withdrawn, stateRetracted: r.retracted} {
				t.Run(kind+" "+state+": "+name, func(t *testing.T) {
					var q request
					for i, e := range past(kind, state) {
						foldRequest(&q, es.Recorded{Seq: uint64(i + 1), Data: e.(es.Event)})
					}
					if q.State != state {
						t.Fatalf("the past led to %s", q.State)
					}
					e, err := commands[name](q)
					got := nothing
					switch {
					case err != nil:
						got = ""
						if c := fault.CodeOf(err); c != fault.Conflict {
							t.Errorf("refused with %s, want %s", c, fault.Conflict)
						}
					case e != nil:
						got = e.EventType()
					}
					if got != want {
						t.Errorf("came to %q (%v), want %q", got, err, want)
					}
				})
			}
		}
	}
}

func TestClosingRules(t *testing.T) {
	accept := func(id string) decision { return func(q request) (es.Event, error) { return q.Accept("ada", id) } }
	resolve := func(q request) (es.Event, error) { return q.Resolve("ada") }
	for _, kind := range []string{events.Problem, events.Information} {
		t.Run(kind+": acceptance resolves", func(t *testing.T) {
			estest.Given(t, foldRequest, raised(kind), responded("r", "bob")).When(accept("r")).Then(accepted("r", "bob", true))
		})
		t.Run(kind+": reopening takes the mark away, and it can be given again", func(t *testing.T) {
			estest.Given(t, foldRequest, raised(kind), responded("r", "bob"), accepted("r", "bob", true), events.RequestReopened{}).
				When(accept("r")).Then(accepted("r", "bob", true))
		})
		t.Run(kind+": one response is accepted", func(t *testing.T) {
			estest.Given(t, foldRequest, raised(kind), responded("r", "bob"), responded("s", "cem"), accepted("r", "bob", true)).
				When(accept("s")).Fails(fault.Conflict)
		})
	}
	two := []any{raised(events.Experience), responded("r", "bob"), responded("s", "cem"), accepted("r", "bob", false)}
	t.Run("experience: several are accepted, and it stays open", func(t *testing.T) {
		estest.Given(t, foldRequest, two...).When(accept("s")).Then(accepted("s", "cem", false))
	})
	t.Run("experience: resolved with one accepted response", func(t *testing.T) {
		estest.Given(t, foldRequest, two...).When(resolve).Then(events.RequestResolved{})
	})
	t.Run("experience: not resolved without", func(t *testing.T) {
		estest.Given(t, foldRequest, raised(events.Experience), responded("r", "bob")).When(resolve).Fails(fault.Conflict)
	})
	t.Run("experience: a retracted response resolves nothing", func(t *testing.T) {
		estest.Given(t, foldRequest, append(two, events.ResponseRetracted{Response: "r"})...).When(resolve).Fails(fault.Conflict)
	})
	t.Run("experience: marks outlive reopening", func(t *testing.T) {
		estest.Given(t, foldRequest, append(two, events.RequestResolved{}, events.RequestReopened{})...).When(resolve).Then(events.RequestResolved{})
	})
	t.Run("giving up and reopening need a reason", func(t *testing.T) {
		estest.Given(t, foldRequest, raised(events.Problem)).When(func(q request) (es.Event, error) { return q.GiveUp("ada", sealed.Text{}) }).Fails(fault.Invalid)
		estest.Given(t, foldRequest, raised(events.Problem), events.RequestWithdrawn{}).When(func(q request) (es.Event, error) { return q.Reopen("ada", sealed.Text{}) }).Fails(fault.Invalid)
	})
}

func TestWhoMayDoWhatWithARequest(t *testing.T) {
	past := []any{raised(events.Problem), responded("r", "bob")}
	text := question{Title: by("eve", "t"), Tried: by("eve", "t")}
	for name, d := range map[string]decision{
		"accept":           func(q request) (es.Event, error) { return q.Accept("eve", "r") },
		"resolve":          func(q request) (es.Event, error) { return q.Resolve("eve") },
		"give up":          func(q request) (es.Event, error) { return q.GiveUp("eve", by("eve", "x")) },
		"withdraw":         func(q request) (es.Event, error) { return q.Withdraw("eve", by("eve", "x")) },
		"reopen":           func(q request) (es.Event, error) { return q.Reopen("eve", by("eve", "x")) },
		"retract":          func(q request) (es.Event, error) { return q.Retract("eve") },
		"thank":            func(q request) (es.Event, error) { return q.Thank("eve", "r", units{}, sealed.Text{}) },
		"correct":          func(q request) (es.Event, error) { return q.Correct("eve", text, 1) },
		"correct response": func(q request) (es.Event, error) { return q.CorrectResponse("eve", "r", by("eve", "x"), 1) },
		"retract response": func(q request) (es.Event, error) { return q.RetractResponse("eve", "r") },
		"answer oneself":   func(q request) (es.Event, error) { return q.Respond("ada", "s", by("ada", "x")) },
	} {
		t.Run(name+" is for others", func(t *testing.T) { estest.Given(t, foldRequest, past...).When(d).Fails(fault.Forbidden) })
		if name != "answer oneself" {
			t.Run(name+" needs a request", func(t *testing.T) { estest.Given(t, foldRequest).When(d).Fails(fault.NotFound) })
		}
	}
}

func TestTexts(t *testing.T) {
	past := []any{raised(events.Problem), responded("r", "bob")}
	correct := func(version uint64) decision {
		return func(q request) (es.Event, error) {
			return q.Correct("ada", question{Title: by("ada", "new"), Tried: by("ada", "more")}, version)
		}
	}
	t.Run("the asker corrects the version that was read", func(t *testing.T) {
		estest.Given(t, foldRequest, past...).When(correct(1)).Then(events.RequestCorrected{Title: by("ada", "new"), Tried: by("ada", "more")})
	})
	t.Run("responses do not make it stale", func(t *testing.T) {
		estest.Given(t, foldRequest, append(past, events.RequestCorrected{}, responded("s", "cem"))...).When(correct(2)).Then(events.RequestCorrected{Title: by("ada", "new"), Tried: by("ada", "more")})
	})
	t.Run("another correction does", func(t *testing.T) {
		estest.Given(t, foldRequest, append(past, events.RequestCorrected{})...).When(correct(1)).Fails(fault.Stale)
	})
	t.Run("a retracted request has no texts to correct", func(t *testing.T) {
		estest.Given(t, foldRequest, append(past, events.RequestRetracted{})...).When(correct(1)).Fails(fault.Conflict)
	})
	reword := func(version uint64) decision {
		return func(q request) (es.Event, error) { return q.CorrectResponse("bob", "r", by("bob", "new"), version) }
	}
	t.Run("a response is corrected by its author", func(t *testing.T) {
		estest.Given(t, foldRequest, past...).When(reword(1)).Then(events.ResponseCorrected{Response: "r", Body: by("bob", "new")})
		estest.Given(t, foldRequest, append(past, events.ResponseCorrected{Response: "r"})...).When(reword(1)).Fails(fault.Stale)
	})
	t.Run("a retracted response is gone", func(t *testing.T) {
		gone := append(past, events.ResponseRetracted{Response: "r"})
		estest.Given(t, foldRequest, gone...).When(reword(1)).Fails(fault.NotFound)
		estest.Given(t, foldRequest, gone...).When(func(q request) (es.Event, error) { return q.Accept("ada", "r") }).Fails(fault.NotFound)
		estest.Given(t, foldRequest, gone...).When(func(q request) (es.Event, error) { return q.Thank("ada", "r", units{}, sealed.Text{}) }).Fails(fault.NotFound)
		estest.Given(t, foldRequest, gone...).When(func(q request) (es.Event, error) { return q.RetractResponse("bob", "r") }).Nothing()
	})
}

func TestThanks(t *testing.T) {
	thank := func(u units) decision {
		return func(q request) (es.Event, error) { return q.Thank("ada", "r", u, by("ada", "thanks")) }
	}
	thanked := func(from, to string, across bool) events.Thanked {
		return events.Thanked{Response: "r", From: "ada", To: "bob", FromUnit: from, ToUnit: to, Across: across, Note: by("ada", "thanks")}
	}
	past := []any{raised(events.Problem), responded("r", "bob")}
	estest.Given(t, foldRequest, past...).When(thank(units{"u1", "u2"})).Then(thanked("u1", "u2", true))
	estest.Given(t, foldRequest, past...).When(thank(units{"u1", "u1"})).Then(thanked("u1", "u1", false))
	estest.Given(t, foldRequest, past...).When(thank(units{"u1", ""})).Then(thanked("u1", "", false))
	t.Run("once for a response", func(t *testing.T) {
		estest.Given(t, foldRequest, append(past, thanked("u1", "u2", true))...).When(thank(units{"u1", "u2"})).Nothing()
	})
}

func TestAbandoning(t *testing.T) {
	past := []any{raised(events.Problem)}
	estest.Given(t, foldRequest, past...).When(request.Abandon).Then(events.RequestWithdrawn{})
	estest.Given(t, foldRequest, append(past, events.RequestUnresolved{})...).When(request.Abandon).Nothing()
	estest.Given(t, foldRequest).When(request.Abandon).Nothing()
}

func TestImportedHistory(t *testing.T) {
	estest.Given(t, foldRequest).When(func(q request) (es.Event, error) { return q.importRaised(events.RequestRaised{Asker: "ada"}) }).
		Then(events.RequestRaised{Asker: "ada", Kind: events.Information})
	past := []any{events.RequestRaised{Asker: "ada", Kind: events.Information}, responded("r", "ada"), accepted("r", "ada", true)}
	t.Run("askers answered themselves, and answers came after acceptance", func(t *testing.T) {
		estest.Given(t, foldRequest, past...).When(func(q request) (es.Event, error) { return q.importResponse(responded("s", "ada")) }).Then(responded("s", "ada"))
	})
	t.Run("what is there is not added again", func(t *testing.T) {
		for _, d := range []decision{
			func(q request) (es.Event, error) { return q.importRaised(events.RequestRaised{Asker: "bob"}) },
			func(q request) (es.Event, error) { return q.importResponse(responded("r", "ada")) },
			func(q request) (es.Event, error) { return q.importAccepted("r") },
			func(q request) (es.Event, error) { return q.importThanked("r") }, // nobody thanks themselves
			func(q request) (es.Event, error) { return q.importUnresolved() },
		} {
			estest.Given(t, foldRequest, past...).When(d).Nothing()
		}
	})
	t.Run("a second accepted answer is refused", func(t *testing.T) {
		estest.Given(t, foldRequest, append(past, responded("s", "bob"))...).When(func(q request) (es.Event, error) { return q.importAccepted("s") }).Fails(fault.Conflict)
	})
	t.Run("without an accepted answer nobody waits for one", func(t *testing.T) {
		estest.Given(t, foldRequest, past[0]).When(func(q request) (es.Event, error) { return q.importUnresolved() }).Then(events.RequestUnresolved{})
	})
}
