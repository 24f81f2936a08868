package cli

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"kith/services/kith"
	"kith/services/matching"
)

// Matching looks into the matching service.
type Matching struct {
	Explain ExplainRanking `cmd:"" help:"Print how the helpers proposed for a request were ranked: features, weights and score of each, as they were then. For operators; the figures are those of people."`
}

// ExplainRanking prints how helpers were ranked.
type ExplainRanking struct {
	Request   string `arg:"" help:"Id of the request."`
	Data      string `default:"data" type:"existingdir" help:"Data folder, of a Kith that runs or not."`
	MasterKey string `type:"existingfile" help:"File with the master key, if it is not in the data folder."`
}

// Run implements the command.
func (e *ExplainRanking) Run(ctx context.Context) error {
	rounds, err := kith.ExplainRanking(ctx, e.Data, e.MasterKey, e.Request)
	if err != nil {
		return err
	}
	for _, round := range rounds {
		printRound(round)
	}
	return nil
}

func printRound(r matching.Explained) {
	fmt.Printf("Round %d, at %s, event %d, by %s\n", r.Round, r.At.Local().Format("2006-01-02 15:04:05"), r.Position, r.Policy)
	if len(r.Helpers) == 0 {
		fmt.Println("  nobody was found")
	}
	for i, h := range r.Helpers {
		fmt.Printf("\n  %d. %s  score %.4f", i+1, h.Person, h.Score)
		if h.Propensity > 0 && h.Propensity < 1 {
			fmt.Printf(", with a probability of %.4f", h.Propensity)
		}
		fmt.Println()
		if len(h.Terms) == 0 {
			fmt.Println("     no figures: an erased person, works-council mode, or an old event")
			continue
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(w, "feature\tvalue\tweight\tadds\t")
		rest := h.Score
		for _, t := range h.Terms {
			rest -= t.Product
			fmt.Fprintf(w, "%s\t%.4f\t%.4f\t%.4f\t\n", t.Feature, t.Value, t.Weight, t.Product)
		}
		_ = w.Flush()
		fmt.Printf("     policy adds %.4f; load %.0f, turns %.2f\n", rest, h.Evidence.Load, h.Evidence.Turns)
	}
	fmt.Println()
}
