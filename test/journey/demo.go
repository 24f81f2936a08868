package main

import (
	"context"
	"fmt"
)

// walkDemo fills the instance with the demo's organisation and lets its people
// go through one story of each kind.
func (j *journey) walkDemo(ctx context.Context) bool {
	return j.step("fill in the demo's organisation", func() (string, error) {
		out, err := j.kithCommand(ctx, "demo", "--server", j.kith.URL)
		return fmt.Sprintf("%d characters said", len(out)), err
	})
}
