package community

import (
	"fmt"
	"strings"
	"unicode/utf8"

	events "kith/api/events/community"
	api "kith/api/openapi/communityapi"
	"kith/pkg/access"
	"kith/pkg/fault"
	"kith/pkg/rest"
)

// Limits of an imported question: characters of its texts, and how many tags
// and answers it may have. They are judged item by item, where the contract
// would refuse all items together.
const (
	maxOrigin   = 200
	maxTitle    = 1000
	maxImported = 40_000
	maxLanguage = 35
	maxTag      = 200
	maxTags     = 50
	maxAnswers  = 500
)

// checking collects what is wrong with one item.
type checking struct {
	access *access.Access
	wrong  []fault.Field
}

// checkQuestion returns Invalid naming every wrong field of q.
func checkQuestion(a *access.Access, q api.ImportedQuestion) error {
	c := checking{access: a}
	if q.Origin == "" {
		c.bad("origin", "is needed to recognise the item again")
	}
	c.limit("origin", q.Origin, maxOrigin)
	if in, ok := a.Community(q.Community); !ok {
		c.bad("community", "is no community's id; import it first")
	} else if in.State == events.Ended {
		c.bad("community", "is closed for good")
	}
	if strings.TrimSpace(q.Title) == "" {
		c.bad("title", "is empty")
	}
	c.limit("title", q.Title, maxTitle)
	c.limit("body", rest.Value(q.Body), maxImported)
	c.limit("language", rest.Value(q.Language), maxLanguage)
	c.atMost("tags", len(q.Tags), maxTags)
	for i, tag := range q.Tags {
		c.limit(fmt.Sprintf("tags.%d", i), tag, maxTag)
	}
	c.person("asker", q.Asker)
	c.answers(q.Answers)
	if len(c.wrong) == 0 {
		return nil
	}
	err := fault.InvalidField(c.wrong[0].Field, c.wrong[0].Reason)
	err.Fields = c.wrong
	return err
}

func (c *checking) answers(all []api.ImportedAnswer) {
	c.atMost("answers", len(all), maxAnswers)
	seen, accepted := map[string]bool{}, 0
	for i, a := range all {
		field := func(name string) string { return fmt.Sprintf("answers.%d.%s", i, name) }
		if a.Origin == "" || seen[a.Origin] {
			c.bad(field("origin"), "is needed, and unique within the question")
		}
		seen[a.Origin] = true
		c.limit(field("origin"), a.Origin, maxOrigin)
		c.person(field("author"), a.Author)
		c.limit(field("body"), rest.Value(a.Body), maxImported)
		if rest.Value(a.Accepted) {
			accepted++
		}
	}
	if accepted > 1 {
		c.bad("answers", "at most one of them can be accepted")
	}
}

func (c *checking) bad(field, reason string) {
	c.wrong = append(c.wrong, fault.Field{Field: field, Reason: reason})
}

func (c *checking) limit(field, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		c.bad(field, fmt.Sprintf("has more than %d characters", most))
	}
}

func (c *checking) atMost(field string, n, most int) {
	if n > most {
		c.bad(field, fmt.Sprintf("are more than %d", most))
	}
}

// person wants somebody whose texts can be sealed: known, and not erased.
func (c *checking) person(field, id string) {
	switch p, ok := c.access.Person(id); {
	case !ok:
		c.bad(field, "is no person's id; import people first")
	case p.Erased:
		c.bad(field, "has been erased")
	}
}
