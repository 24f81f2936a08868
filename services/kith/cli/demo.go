package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"kith/services/kith/demo"
)

// Demo fills a running instance with an organisation to try Kith with.
type Demo struct {
	People int    `default:"200" help:"How many people, 20 to 11500."`
	Seed   uint64 `default:"1" help:"Another seed gives other people, communities and questions."`
	Server string `default:"http://127.0.0.1:8080" help:"URL of Kith, which must run with --dev."`
}

// Run implements the command.
func (d *Demo) Run(ctx context.Context) error {
	bars := map[string]func(done, total uint64){}
	sum, err := demo.Run(ctx, demo.Config{Server: d.Server, People: d.People, Seed: d.Seed,
		Progress: func(stage string, done, total int) {
			if bars[stage] == nil {
				bars[stage] = newBar(stage)
			}
			bars[stage](uint64(done), uint64(total))
		}})
	if err != nil {
		return err
	}
	d.print(sum)
	return nil
}

// print says what there is to see, and as whom.
func (d *Demo) print(s demo.Summary) {
	server := strings.TrimRight(d.Server, "/")
	fmt.Printf("%d people in %d units, %d communities with %d memberships,\n", s.People, s.Units, s.Communities, s.Memberships)
	fmt.Printf("%d requests for help with %d responses and %d thanks;\n", s.Requests, s.Responses, s.Thanks)
	fmt.Printf("%d more questions come from the mailing lists that there were before;\n", s.Past)
	fmt.Printf("those who were proposed as helpers said “I can help” %d times and “not me” %d times.\n\n", s.Offers, s.Declined)
	fmt.Printf("Sign in at %s as\n", server)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, l := range s.Logins {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", l.Login, l.Name, l.Why)
	}
	_ = w.Flush() // a closed terminal is no failure of the demonstration
	fmt.Printf("\nNobody has a password. A token for the API:\n  curl -d grant_type=password -d username=%s %s/dev/token\n", s.Logins[0].Login, server)
}
