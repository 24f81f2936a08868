package matching

import (
	"maps"

	events "kith/api/events/matching"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// introduction is what two people said of having been introduced.
type introduction struct {
	Answers map[string]string // by person
}

func foldIntroduction(i *introduction, r es.Recorded) {
	if e, ok := r.Data.(events.IntroductionAnswered); ok {
		i.Answers = maps.Clone(i.Answers)
		if i.Answers == nil {
			i.Answers = map[string]string{}
		}
		i.Answers[e.Person] = e.Answer
	}
}

// Answer is what the person says of having been introduced to other. Saying it
// again changes nothing. Returns Invalid for an answer that there is not.
func (i introduction) Answer(person, other, answer string) (es.Event, error) {
	switch {
	case answer != events.IntroductionMet && answer != events.IntroductionNotNow:
		return nil, fault.InvalidField("answer", "must be met or not_this_time")
	case i.Answers[person] == answer:
		return nil, nil
	}
	return events.IntroductionAnswered{Person: person, Other: other, Answer: answer}, nil
}

// noIntroduction is also the answer for what is between others.
func noIntroduction() error {
	return fault.New(fault.NotFound, "There is no introduction with this id among your latest ones.")
}
