package community

import (
	"slices"
	"strings"

	events "kith/api/events/community"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// charter is the newest version of the text that a community has agreed on.
type charter struct {
	Version int // 0: nothing is written yet
	Text    charterText
}

// charterText is what a charter says.
type charterText struct {
	Purpose      string               `json:"purpose"`
	Vision       string               `json:"vision,omitempty"`
	Objectives   []string             `json:"objectives,omitempty"`
	Norms        []string             `json:"norms,omitempty"`
	Stakeholders []events.Stakeholder `json:"stakeholders,omitempty"`
}

func foldCharter(c *charter, r es.Recorded) {
	if e, ok := r.Data.(events.CharterRevised); ok {
		c.Version, c.Text = e.Version, textOf(e)
	}
}

func textOf(e events.CharterRevised) charterText {
	return charterText{e.Purpose, e.Vision, e.Objectives, e.Norms, e.Stakeholders}
}

// Revise writes the version after the one that was read; version is 0 for the
// first. A text that says the same changes nothing. Returns Stale or Invalid.
func (c charter) Revise(t charterText, version uint64, note sealed.Text) (es.Event, error) {
	t = t.tidy()
	if t.Purpose == "" {
		return nil, fault.InvalidField("purpose", "say why the community exists")
	}
	for _, s := range t.Stakeholders {
		if s.Name == "" || s.Interest == "" {
			return nil, fault.InvalidField("stakeholders", "each needs a name and an interest")
		}
	}
	if version != uint64(c.Version) {
		return nil, fault.New(fault.Stale, "The charter is at version %d now. Read it again and repeat your change.", c.Version)
	}
	if t.equal(c.Text) {
		return nil, nil
	}
	return events.CharterRevised{
		Version: c.Version + 1, Purpose: t.Purpose, Vision: t.Vision,
		Objectives: t.Objectives, Norms: t.Norms, Stakeholders: t.Stakeholders, Note: note,
	}, nil
}

// tidy trims the texts and drops empty lines.
func (t charterText) tidy() charterText {
	t.Purpose, t.Vision = strings.TrimSpace(t.Purpose), strings.TrimSpace(t.Vision)
	t.Objectives, t.Norms = tidyLines(t.Objectives), tidyLines(t.Norms)
	var who []events.Stakeholder
	for _, s := range t.Stakeholders {
		who = append(who, events.Stakeholder{Name: strings.TrimSpace(s.Name), Interest: strings.TrimSpace(s.Interest)})
	}
	t.Stakeholders = who
	return t
}

func (t charterText) equal(o charterText) bool {
	return t.Purpose == o.Purpose && t.Vision == o.Vision && slices.Equal(t.Objectives, o.Objectives) &&
		slices.Equal(t.Norms, o.Norms) && slices.Equal(t.Stakeholders, o.Stakeholders)
}

func tidyLines(lines []string) []string {
	var out []string
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}
