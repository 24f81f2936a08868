// Package eval measures how well the matching service finds people and earlier
// requests, on questions of a forum of which it is known who answered. It feeds
// the service's own index with the events that an import of the forum would
// append, sealed as in the log, and asks it as the service does.
package eval

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Question is a question of a forum's past with its answers.
type Question struct {
	ID        string // unique among the questions that are measured together
	Split     string // the part of the data that it belongs to; Train is not reported
	Community string
	Asker     string
	Title     string
	Body      string
	Tags      []string
	At        time.Time // of asking, original or in the order of asking
	Answers   []Answer
}

// Answer is an answer to a Question.
type Answer struct {
	User     string
	Score    int // votes
	Accepted bool
	Thanked  bool
	Text     string    // may be missing
	At       time.Time // zero: as the question
}

// Train is the split that is history only.
const Train = "train"

// Limits of a question are those of importing it: characters of its texts, and
// how many tags and answers it has.
const (
	maxID      = 200
	maxTitle   = 1000
	maxText    = 40_000
	maxTag     = 200
	maxTags    = 50
	maxAnswers = 500
)

// Check returns what is wrong with q, in words that name the field.
func (q Question) Check() error {
	var accepted int
	wrong := []error{
		words("id", q.ID, maxID), words("site", q.Community, maxID), words("asker", q.Asker, maxID),
		words("title", q.Title, maxTitle), long("body", q.Body, maxText),
		many("tags", len(q.Tags), maxTags), many("answers", len(q.Answers), maxAnswers),
	}
	for i, tag := range q.Tags {
		wrong = append(wrong, long(fmt.Sprintf("tags[%d]", i), tag, maxTag))
	}
	for i, a := range q.Answers {
		wrong = append(wrong, words(fmt.Sprintf("answers[%d].user", i), a.User, maxID),
			long(fmt.Sprintf("answers[%d].text", i), a.Text, maxText))
		if a.Accepted {
			accepted++
		}
	}
	if accepted > 1 {
		wrong = append(wrong, errors.New("answers: at most one of them can be accepted"))
	}
	for _, err := range wrong {
		if err != nil {
			return err
		}
	}
	return nil
}

// words is long for a text that must not be empty.
func words(field, text string, most int) error {
	if strings.TrimSpace(text) == "" {
		return fmt.Errorf("%s: is missing", field)
	}
	return long(field, text, most)
}

func long(field, text string, most int) error {
	if utf8.RuneCountInString(text) > most {
		return fmt.Errorf("%s: has more than %d characters", field, most)
	}
	return nil
}

func many(field string, n, most int) error {
	if n > most {
		return fmt.Errorf("%s: are more than %d", field, most)
	}
	return nil
}
