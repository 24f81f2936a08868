package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	events "kith/api/events/audit"
	"kith/api/events/community"
	api "kith/api/openapi/auditapi"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/services/audit/merkle"
)

const minReason = 10 // characters

// GetEvent answers one event; with open, what it says in sealed texts too. What
// belongs to a closed community is withheld without a reason.
func (s *service) GetEvent(c echo.Context, seq api.Position, p api.GetEventParams) error {
	person, err := s.auditor(c)
	if err != nil {
		return err
	}
	reason := ""
	if p.Reason != nil {
		if reason = strings.TrimSpace(*p.Reason); utf8.RuneCountInString(reason) < minReason {
			return fault.InvalidField("reason", "must say in at least 10 characters why you look at this")
		}
	}
	ctx := c.Request().Context()
	r, err := s.at(ctx, seq)
	if err != nil {
		return err
	}
	open := rest.Value(p.Open)
	home, closed := s.home(r)
	if closed && open && reason == "" {
		return fault.New(fault.Forbidden, "This event belongs to a closed community. To open what it says, state a reason of at least 10 characters; it is recorded in the log.")
	}
	withheld := closed && reason == ""
	e := events.LogRead{What: "event", Seq: seq, Reason: sealed.New(person, sealed.Content, reason)}
	if open {
		e.Filter = "open=true"
	}
	if closed && !withheld {
		e.Community = home
	}
	if _, err := s.record(ctx, person, e); err != nil {
		return err
	}
	out := api.FullEvent{
		Envelope: envelopeOf(r), Schema: r.Schema, Command: r.Meta.Command,
		Community: rest.Optional(home), Withheld: withheld, Access: rest.Optional(r.Meta.Access), Header: r.Stored.Header,
	}
	if withheld {
		return c.JSON(http.StatusOK, out)
	}
	d := json.NewDecoder(bytes.NewReader(r.Stored.Data))
	d.UseNumber()           // positions do not fit a float
	_ = d.Decode(&out.Data) // the envelope says that it is unreadable
	if out.Texts, err = s.texts(ctx, r, open); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

// home is the community that an event belongs to, "" for none, and whether
// what happens there is for its members only. One that is not known is taken
// for closed.
func (s *service) home(r es.Recorded) (id string, closed bool) {
	if r.Stream.Context == events.Context {
		return "", false // names what was looked at, and says nothing of it
	}
	var named struct {
		Community string `json:"community"`
		Request   string `json:"request"`
	}
	_ = json.Unmarshal(r.Stored.Data, &named) // what cannot be read names nothing
	id = named.Community
	request := named.Request
	if r.Stream.Context == community.Context {
		switch r.Stream.Aggregate {
		case community.Community, community.Charter:
			id = r.Stream.ID
		case community.Request:
			request = r.Stream.ID
		}
	}
	if id == "" && request != "" {
		q, ok := s.core.Access.Request(request)
		if !ok {
			return "", true
		}
		id = q.Community
	}
	if id == "" {
		return "", false
	}
	known, ok := s.core.Access.Community(id)
	return id, !ok || known.Closed
}

// belongs reports whether an event is of a community.
func (s *service) belongs(r es.Recorded, community string) bool {
	home, _ := s.home(r)
	return home == community
}

// texts says which personal texts an event has, and with open what they say.
func (s *service) texts(ctx context.Context, r es.Recorded, open bool) ([]api.OpenedText, error) {
	if _, bad := r.Data.(es.Unreadable); bad {
		return nil, nil
	}
	out := []api.OpenedText{}
	_, err := sealed.Map(r.Data, func(path string, t sealed.Text) (sealed.Text, error) {
		box, err := t.Box()
		if err != nil {
			return t, err
		}
		opened := api.OpenedText{Field: path, Person: box.Person, Class: api.OpenedTextClass(box.Class)}
		if !open {
			opened.Erased = s.core.Vault.Erased(ctx, t)
			out = append(out, opened)
			return t, nil
		}
		text, ok, err := s.core.Vault.Reveal(ctx, t)
		if err != nil {
			return t, err
		}
		if opened.Erased = !ok; ok {
			opened.Text = &text
		}
		out = append(out, opened)
		return t, nil
	})
	return out, err
}

// GetProof answers that an event is in the log, verifiable without Kith.
func (s *service) GetProof(c echo.Context, seq api.Position, _ api.GetProofParams) error {
	person, err := s.auditor(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	r, err := s.at(ctx, seq)
	if err != nil {
		return err
	}
	if _, err := s.record(ctx, person, events.LogRead{What: "proof", Seq: seq}); err != nil {
		return err
	}
	signed, ok := s.tree.Newest()
	if !ok || signed.Size < seq {
		if err := s.core.Follower.Wait(ctx, seq); err != nil {
			return err
		}
		if signed, err = s.signNow(ctx); err != nil {
			return err
		}
	}
	leaf := leafOf(r)
	proof, err := s.tree.Prove(seq, leaf.Hash(), signed.Checkpoint)
	if err != nil {
		return damaged(err)
	}
	return c.JSON(http.StatusOK, merkle.Proof{Format: merkle.ProofFormat, Leaf: leaf, Proof: proof, Checkpoint: string(signed.Note)})
}
