// Command schemas writes the generated descriptions of the events. It runs in
// the root of the module kith/api.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"kith/api/internal/schema"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "schemas:", err)
		os.Exit(1)
	}
}

// run writes what is new. A schema that is there and differs is never
// overwritten: events of that version lie in logs.
func run() error {
	files, err := schema.Files()
	if err != nil {
		return err
	}
	for path, content := range files {
		old, err := os.ReadFile(path)
		switch {
		case err == nil && bytes.Equal(old, content):
			continue
		case err == nil && filepath.Ext(path) == ".json":
			return fmt.Errorf("%s would change: %s", path, schema.NewVersion)
		case err != nil && !os.IsNotExist(err):
			return err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
