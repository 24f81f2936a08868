package demo

import (
	"embed"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
)

//go:embed content
var contentFiles embed.FS

// content is every text of the demonstration.
type content struct {
	Departments []department
	Themes      []theme
	Questions   []question
	Phrases     map[string]phrases // by language
}

// department is one below the organisation, with what its people know about.
type department struct {
	Code, Name, Site string
	Share            int // relative number of people
	Themes           []string
	Teams            []string
	De, En           []string // topics
}

// topics are what people of the department know about, in their language.
func (d department) topics(language string) []string {
	if language == english {
		return d.En
	}
	return d.De
}

// theme is what communities are about.
type theme struct {
	Key, Language, Name, Purpose, Visibility, Joining string
	Topics                                            []string
	Vision                                            string
	Objectives                                        []string
	Stakeholders                                      []stakeholder
}

type stakeholder struct {
	Name     string `json:"name"`
	Interest string `json:"interest"`
}

// question is a pattern of requests: {words} stand for one of the values of With.
type question struct {
	Theme, Kind string
	Titles      []string
	Body        string
	Need        string // the field that the kind needs
	Tags        []string
	With        map[string][]string
	Answers     []string
}

// phrases are turns of phrase of one language that go with any text.
type phrases struct {
	Norms                 []string
	Note, Forming, Active string
	Dormant               string
	Groups                []group // more communities of the same theme
	Join, Invite          []string
	Greet, Close          []string
	Context, Again        map[string][]string // by kind of request: its circumstances; how an answer begins
	Offer, Thanks         []string
	Withdraw, Giveup      []string
	Reopen                string
	About                 []string
}

type group struct{ Name, Purpose string }

const (
	german  = "de"
	english = "en"
)

// readContent reads the texts.
func readContent() (content, error) {
	var c content
	if err := readFile("departments", &c.Departments); err != nil {
		return c, err
	}
	if err := readFile("themes", &c.Themes); err != nil {
		return c, err
	}
	if err := readFile("phrases", &c.Phrases); err != nil {
		return c, err
	}
	for _, name := range []string{"questions_de_1", "questions_de_2", "questions_en"} {
		var q []question
		if err := readFile(name, &q); err != nil {
			return c, err
		}
		c.Questions = append(c.Questions, q...)
	}
	return c, nil
}

func readFile(name string, into any) error {
	data, err := contentFiles.ReadFile("content/" + name + ".yaml")
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalWithOptions(data, into, yaml.Strict()); err != nil {
		return fmt.Errorf("content of the demonstration, %s: %w", name, err)
	}
	return nil
}

// theme returns the place of a theme, -1 for one that does not exist.
func (c content) theme(key string) int {
	return slices.IndexFunc(c.Themes, func(t theme) bool { return t.Key == key })
}
