package matching

import (
	"context"
	"errors"
	"slices"

	events "kith/api/events/matching"
	"kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/text"
	"kith/pkg/vault"
	"kith/services/matching/pairing"
)

// maxLines are the lines of a profile that are compared.
const maxLines = 30

// opened are the lines of a profile, read.
type opened struct {
	canHelp, wantToLearn []string
	helpFor, learnFor    string
}

// openLines reads the lines of a profile. What is erased or damaged is absent.
func (s *service) openLines(ctx context.Context, d linesDoc) (o opened, err error) {
	o.helpFor, o.learnFor = d.HelpFor, d.LearnFor
	if o.canHelp, err = s.openText(ctx, d.CanHelp); err != nil {
		return o, err
	}
	o.wantToLearn, err = s.openText(ctx, d.WantToLearn)
	return o, err
}

func (s *service) openText(ctx context.Context, t sealed.Text) ([]string, error) {
	text, _, err := s.core.Vault.Reveal(ctx, t)
	if errors.Is(err, vault.ErrTampered) {
		s.core.Log.Error("the topics of a profile cannot be opened", "error", err)
		return nil, nil
	}
	all := lines(text)
	return all[:min(len(all), maxLines)], err
}

// describe completes p with the topics of o.
func (o opened) describe(p *pairing.Person, a *text.Analyser) {
	p.CanHelp = topicsOf(o.canHelp, o.helpFor, a)
	p.WantToLearn = topicsOf(o.wantToLearn, o.learnFor, a)
}

func topicsOf(lines []string, visibility string, a *text.Analyser) []pairing.Topic {
	out := make([]pairing.Topic, 0, len(lines))
	for i, line := range lines {
		t := pairing.Topic{Line: i, Closed: visibility == membership.VisibleCommunities}
		for _, l := range text.Languages() {
			var stems []string
			for _, term := range a.Terms(l, text.Field{Text: line, Weight: 1}) {
				stems = append(stems, term.Text)
			}
			t.Stems = append(t.Stems, stems)
		}
		out = append(out, t)
	}
	return out
}

// sharedReasons are the reasons for two people to meet in what they share, with
// their lines to be sealed for whose they are.
func sharedReasons(a, b string, of map[string]opened, shared []pairing.Shared) []events.MeetReason {
	var out []events.MeetReason
	for _, s := range shared {
		from, to := a, b
		if s.Reverse {
			from, to = b, a
		}
		r := events.MeetReason{Person: from}
		var mine, theirs []string
		switch s.Kind {
		case pairing.Helps:
			r.Code, mine, theirs = events.MeetHelps, of[from].canHelp, of[to].wantToLearn
		case pairing.BothLearn:
			r.Code, mine, theirs = events.MeetLearn, of[from].wantToLearn, of[to].wantToLearn
		default:
			r.Code, mine, theirs = events.MeetKnow, of[from].canHelp, of[to].canHelp
		}
		r.Topic = sealed.New(from, sealed.Identity, mine[s.From])
		r.Other = sealed.New(to, sealed.Identity, theirs[s.To])
		out = append(out, r)
	}
	return out
}

// commonLanguage is one that both say they speak, "" if there is none.
func commonLanguage(a, b []string) string {
	for _, l := range a {
		if slices.Contains(b, l) {
			return l
		}
	}
	return ""
}

// meetReason is a reason with its texts open.
type meetReason struct{ Code, Person, Language, Topic, Other string }

// readableMeeting are the reasons to meet other as reader, one of the two, may know
// them now. A reason in topics or languages is left out when it is in the profile no
// more, or is for others only.
func (s *service) readableMeeting(ctx context.Context, reader, other string, reasons []events.MeetReason) ([]meetReason, error) {
	of, profiles := map[string]opened{}, map[string]linesDoc{}
	for _, person := range []string{reader, other} {
		d, _, err := s.lines.Get(ctx, person)
		if err != nil {
			return nil, err
		}
		if person == other && !s.seesLines(reader, other, d.HelpFor) {
			d.CanHelp = sealed.Text{}
		}
		if person == other && !s.seesLines(reader, other, d.LearnFor) {
			d.WantToLearn = sealed.Text{}
		}
		if of[person], err = s.openLines(ctx, d); err != nil {
			return nil, err
		}
		profiles[person] = d
	}
	out := make([]meetReason, 0, len(reasons))
	for _, r := range reasons {
		one := meetReason{Code: r.Code, Person: r.Person, Language: r.Language}
		d := profiles[other]
		switch {
		case r.Code == events.MeetLanguage && !slices.Contains(d.Languages, r.Language):
			continue
		case r.Code == events.MeetAvailable && r.Person == other && !(d.available() && s.seesLines(reader, other, d.AvailableFor)):
			continue
		}
		if r.Topic.IsZero() {
			out = append(out, one)
			continue
		}
		second := reader
		if r.Person == reader {
			second = other
		}
		mine, theirs := of[r.Person].canHelp, of[second].canHelp
		switch r.Code {
		case events.MeetHelps:
			theirs = of[second].wantToLearn
		case events.MeetLearn:
			mine, theirs = of[r.Person].wantToLearn, of[second].wantToLearn
		}
		topic, _, err := s.core.Vault.Reveal(ctx, r.Topic)
		if err != nil {
			return nil, err
		}
		wanted, _, err := s.core.Vault.Reveal(ctx, r.Other)
		if err != nil {
			return nil, err
		}
		if slices.Contains(mine, topic) && slices.Contains(theirs, wanted) {
			one.Topic, one.Other = topic, wanted
			out = append(out, one)
		}
	}
	return out, nil
}

// available reports whether the person says so. It is nobody's business what else
// they say: who is away is not asked.
func (d linesDoc) available() bool { return d.Availability == "available" }

// seesLines reports whether reader may read a field of the profile of other.
func (s *service) seesLines(reader, other, visibility string) bool {
	switch visibility {
	case "", membership.VisibleOrganisation:
		return true
	case membership.VisibleCommunities:
		return s.core.Access.Share(reader, other)
	default:
		return false
	}
}
