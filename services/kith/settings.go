// Package kith is the all-in-one: every service in one process with its own
// log, and the command line that speaks with it.
package kith

import (
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kith/pkg/host"
	"kith/services/community"
	"kith/services/matching"
	"kith/services/membership"
	"kith/services/notification"
	"kith/services/portal"
)

// Settings of the all-in-one, those of its services among them.
type Settings struct {
	host.Settings

	Target []string      `default:"all" help:"Services to run: all, or some of ${targets}."`
	Dev    bool          `help:"Development: a login without passwords, on loopback only."`
	Sync   time.Duration `default:"0s" help:"How long an acknowledged event may stay off the disk. 0s: not at all; anything else can lose events in a power cut."`

	Membership   membership.Config   `embed:""`
	Community    community.Config    `embed:""`
	Matching     matching.Config     `embed:""`
	Notification notification.Config `embed:""`
	Portal       portal.Config       `embed:""`
}

// Check returns what is wrong with the settings as a whole, each with its
// field and the way out; nil if nothing is.
func (s Settings) Check() error {
	return host.Checked(func(wrong host.Wrong) {
		for _, t := range s.Target {
			if t != "all" && !slices.Contains(Targets(), t) {
				wrong("target", "%q is not a service; use all or some of %s", t, strings.Join(Targets(), ", "))
			}
		}
		s.Settings.Check(wrong)
		if s.Dev {
			s.checkDev(wrong)
		} else {
			s.OIDC.Check(wrong)
		}
		if s.Sync < 0 {
			wrong("sync", "cannot be negative")
		}
		s.Matching.Check(wrong)
		s.Notification.Check(wrong)
		s.Portal.Portal.Check(wrong)
	})
}

func (s Settings) checkDev(wrong host.Wrong) {
	if s.OIDC.Issuer != "" {
		wrong("dev", "the development issuer does not run beside oidc-issuer; drop one of them")
	}
	if at, _, err := net.SplitHostPort(s.Addr); err == nil && !loopback(at) {
		wrong("dev", "anybody could sign in as anybody: with dev the address must be on loopback, not %q", s.Addr)
	}
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// runs reports whether the process runs a service.
func (s Settings) runs(service string) bool {
	return slices.Contains(s.Target, "all") || slices.Contains(s.Target, service)
}

func (s Settings) masterKeyPath() string {
	if s.MasterKey != "" {
		return s.MasterKey
	}
	return filepath.Join(s.Data, "master.key")
}
