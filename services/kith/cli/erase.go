package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	api "kith/api/openapi/membershipapi"
	"kith/pkg/fault"
	kith "kith/services/kith"
	"kith/services/kith/client"
)

// Erase forgets a person.
type Erase struct {
	Remote
	Person string `arg:"" help:"Id of the person, or the beginnings of their name (\"änn groß\")."`
	Texts  bool   `help:"What they wrote goes too. Without it their texts stay, under \"former member\"."`
	Yes    bool   `help:"Do not ask whether this is meant."`
}

// Run implements the command.
func (e *Erase) Run(ctx context.Context) error {
	c, err := e.client(ctx, kith.DevAdministrator)
	if err != nil {
		return err
	}
	id, name, err := findPerson(ctx, c, e.Person)
	if err != nil {
		return err
	}
	if !e.Yes {
		if err := confirm(os.Stdin, name, e.Texts); err != nil {
			return err
		}
	}
	if err := c.Post(ctx, "/api/membership/people/"+url.PathEscape(id)+"/erase", api.Erasure{Texts: e.Texts}, nil); err != nil {
		return err
	}
	if err := awaitErasure(ctx, c, id); err != nil {
		return err
	}
	fmt.Println("Erased: nothing in Kith leads back to the person any more. The log still verifies, and backups made earlier still hold the key: see when they are deleted.")
	return nil
}

// findPerson takes an id, or what names one person and no other.
func findPerson(ctx context.Context, c *client.Client, who string) (id, name string, err error) {
	var known api.PersonNames
	if err := c.Post(ctx, "/api/membership/people/lookup", api.PersonIds{Ids: []string{who}}, &known); err == nil && len(known.Items) == 1 {
		if known.Items[0].Name == nil {
			return "", "", fmt.Errorf("%s has been erased already", who)
		}
		return who, *known.Items[0].Name, nil
	} else if err != nil && client.CodeOf(err) != fault.Invalid {
		return "", "", err
	}
	var page api.PersonPage
	if err := c.Get(ctx, "/api/membership/people?limit=10&query="+url.QueryEscape(who), &page); err != nil {
		return "", "", err
	}
	switch len(page.Items) {
	case 0:
		return "", "", fmt.Errorf("nobody is called %q, and it is nobody's id", who)
	case 1:
		return page.Items[0].Id, page.Items[0].Name, nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%q may be several people; give the id of one:", who)
	for _, p := range page.Items {
		fmt.Fprintf(&b, "\n  %s  %s", p.Id, p.Name)
	}
	return "", "", errors.New(b.String())
}

// confirm asks for the name to be typed, for nothing brings a person back.
func confirm(in io.Reader, name string, texts bool) error {
	what := "What they wrote stays, under “former member”."
	if texts {
		what = "What they wrote goes too."
	}
	fmt.Fprintf(os.Stderr, "This erases %s for good. %s\nType the name to go on: ", name, what)
	typed, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(typed) != name {
		return errors.New("that is another name; nothing was done (--yes does not ask)")
	}
	return nil
}

// erasureLimit is how long the keys of a person may take to be destroyed.
const erasureLimit = 30 * time.Second

// awaitErasure returns when the person has no name any more.
func awaitErasure(ctx context.Context, c *client.Client, id string) error {
	for deadline := time.Now().Add(erasureLimit); time.Now().Before(deadline); {
		var known api.PersonNames
		err := c.Post(ctx, "/api/membership/people/lookup", api.PersonIds{Ids: []string{id}}, &known)
		if code := client.CodeOf(err); code == fault.Unauthenticated || code == fault.Forbidden {
			return nil // whoever gave the command is who it was about
		}
		if err != nil {
			return err
		}
		if len(known.Items) == 1 && known.Items[0].Name == nil {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fmt.Errorf("the erasure of %s is in the log, but its keys are not destroyed after %s: look at kith deadletters list", id, erasureLimit)
}
