package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"

	"kith/services/kith/measure"
	"kith/services/matching/eval"
)

// Eval measures the matching service by itself, without a running Kith.
type Eval struct {
	Matching EvalMatching `cmd:"" help:"How well those are found who answered, each question being ranked with only the past known."`
	Similar  EvalSimilar  `cmd:"" help:"How well earlier questions are found that are the same."`
}

// EvalMatching measures who is found.
type EvalMatching struct {
	Data     string `required:"" type:"existingdir" help:"Folder with NAME.train.jsonl.gz and NAME.dev.jsonl.gz or NAME.test.jsonl.gz, as kith import questions takes them."`
	Together bool   `help:"Measure all names as one organisation too, dataset=all."`
	Study    string `enum:",spread,ablation,exploration,units,cold" default:"" help:"Vary one thing in the ranking and measure each: spread (how strongly load is spread), ablation (without each feature), exploration (how often newcomers are tried), units (what crossing units is worth), cold (the first questions of a new organisation)."`
}

// everything is what all forums together are called.
const everything = "all"

// Run implements the command.
func (e *EvalMatching) Run(ctx context.Context) error {
	forums, err := measure.Forums(e.Data)
	if err != nil {
		return err
	}
	var sets [][]eval.Question
	for _, f := range forums {
		if e.Together && f.Name == everything {
			return fmt.Errorf("%s: with --together this is the name of all together; rename its files", f.Name)
		}
		for _, split := range f.Mixed {
			fmt.Fprintf(os.Stderr, "%s: %s begins before what comes before it ends; some of its past is its future\n", f.Name, split)
		}
		sets = append(sets, f.Questions)
	}
	for _, f := range forums {
		if err := e.measure(ctx, f.Name, f.Questions); err != nil {
			return err
		}
	}
	if e.Together {
		return e.measure(ctx, everything, eval.Together(sets...))
	}
	return nil
}

func (e *EvalMatching) measure(ctx context.Context, name string, questions []eval.Question) error {
	if e.Study != "" {
		return study(ctx, e.Study, name, questions)
	}
	return experts(ctx, "task=expert dataset="+name, questions, eval.Setting{})
}

func experts(ctx context.Context, what string, questions []eval.Question, s eval.Setting) error {
	measures, err := eval.Experts(ctx, questions, s, rand.Reader, newBar("ranking for "+what))
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	for _, m := range measures {
		fmt.Printf("EVAL %s %s\n", what, m)
	}
	return nil
}

// EvalSimilar measures which earlier questions are found.
type EvalSimilar struct {
	Data string `required:"" type:"existingdir" help:"Folder with travel/ (corpus.jsonl.gz, qrels.dev.jsonl) or stackfaq/ (docs.jsonl, queries.dev.jsonl) or both."`
}

// Run implements the command.
func (e *EvalSimilar) Run(ctx context.Context) error {
	corpora, err := measure.Corpora(e.Data)
	if err != nil {
		return err
	}
	for _, c := range corpora {
		m, err := similar(ctx, c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		fmt.Printf("EVAL task=similar dataset=%s %s split=%s\n", c.Name, m, c.Split)
	}
	return nil
}

func similar(ctx context.Context, c measure.Corpus) (eval.Similar, error) {
	bar := newBar("searching " + c.Name)
	if c.Duplicates != nil {
		return eval.Duplicates(ctx, c.Questions, c.Duplicates, rand.Reader, bar)
	}
	return eval.Paraphrases(ctx, c.Questions, c.Paraphrases, rand.Reader, bar)
}
