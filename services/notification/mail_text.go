package notification

import (
	"embed"
	"fmt"
	"net/url"
	"strings"
	"text/template"
)

//go:embed messages/*.tmpl
var messages embed.FS

const fallbackLanguage = "en"

// words are the texts of mail by language.
type words map[string]*template.Template

// letter is what the text of one mail is made of.
type letter struct {
	Text      string // what happened, set by write
	Name      string // the reader's
	Title     string // of the request, where the reader may see it
	Community string
	Why       string
	Link      string
	CanHelp   string // links that answer at once
	NotMe     string
	Settings  string
}

// readWords reads the texts. It returns an error unless there is a subject and
// a text for every kind in every language.
func readWords() (words, error) {
	w := words{}
	for _, language := range []string{fallbackLanguage, "de"} {
		t, err := template.New(language).Option("missingkey=error").ParseFS(messages, "messages/"+language+".tmpl")
		if err != nil {
			return nil, fmt.Errorf("notification: texts of mail: %w", err)
		}
		for _, k := range kinds {
			for _, part := range []string{".subject", ".text"} {
				if t.Lookup(k.name+part) == nil {
					return nil, fmt.Errorf("notification: texts of mail in %s: %s is missing", language, k.name+part)
				}
			}
		}
		w[language] = t
	}
	return w, nil
}

// write makes subject and body in the language (BCP 47), or in English where
// there are no texts in it. The subject depends on kind and language alone.
func (w words) write(language, kind string, l letter) (subject, body string, err error) {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	t, ok := w[base]
	if !ok {
		t = w[fallbackLanguage]
	}
	var b strings.Builder
	part := func(name string, data any) string {
		b.Reset()
		if err == nil {
			err = t.ExecuteTemplate(&b, name, data)
		}
		return b.String()
	}
	subject = part(kind+".subject", nil)
	l.Text = part(kind+".text", l)
	return subject, part("body", l), err
}

// pageOf names the page of a community where there is more about a kind; none: its own.
var pageOf = map[string]string{
	charterRevised: "/charter", firstWeek: "/first-week",
	invitationAccepted: "/people", joinRequested: "/people", memberJoined: "/people",
	linkAgreed: "/links", linkDeclined: "/links", linkEnded: "/links", linkProposed: "/links", linkWithdrawn: "/links",
}

// address points l at the pages of the portal.
func (l *letter) address(base string, it item) {
	l.Settings = base + "/me/notifications"
	switch {
	case it.Request != "":
		l.Link = base + "/requests/" + url.PathEscape(it.Request)
	case it.Kind == introduced, it.Kind == buddiesSuggested, it.Kind == buddyChosen, it.Kind == buddyAgreed, it.Kind == buddyDeclined, it.Kind == buddyEnded:
		l.Link = base + "/me/meeting"
	default:
		l.Link = base + "/communities/" + url.PathEscape(it.Community) + pageOf[it.Kind]
	}
	if it.Kind == askedToHelp {
		l.CanHelp, l.NotMe = l.Link+"?answer=can_help", l.Link+"?answer=not_me"
	}
}
