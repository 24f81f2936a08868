package audit

import (
	"path/filepath"
	"time"

	events "kith/api/events/audit"
)

// Config is what a deployment says about the audit of its log.
type Config struct {
	// Origin names the log in its checkpoints, best like a web address without
	// the scheme ("kith.example.org/log"). It takes effect when the signing key
	// is made, and never again. Default: kith/log.
	Origin string `kong:"-"`
	// Every is the longest time until what is new is signed. Default: a minute.
	Every time.Duration `kong:"-"`
	// Events is how many new ones are signed without waiting. Default: 1000.
	Events uint64 `kong:"-"`
}

// complete sets defaults.
func (c *Config) complete() {
	if c.Origin == "" {
		c.Origin = "kith/log"
	}
	if c.Every <= 0 {
		c.Every = time.Minute
	}
	if c.Events == 0 {
		c.Events = 1000
	}
}

// Folder is where the audit's files are in a process's data folder.
func Folder(data string) string { return filepath.Join(data, events.Context) }
