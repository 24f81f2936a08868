package host

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// EnvPrefix begins the names of the variables that set flags.
const EnvPrefix = "KITH"

// KnownVariables returns an error that names every variable KITH_… that sets no
// flag of any command: one that is misspelt would be without effect, silently.
func KnownVariables(app *kong.Application, environ []string) error {
	known := map[string]bool{}
	collectVariables(app.Node, known)
	linked := serviceLink()
	var unknown []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, EnvPrefix+"_") && !known[name] && !linked.MatchString(pair) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	return fmt.Errorf("the environment has unknown settings: %s (serve --help lists the known ones)", strings.Join(unknown, ", "))
}

func collectVariables(n *kong.Node, into map[string]bool) {
	for _, flag := range n.Flags {
		for _, name := range flag.Envs {
			into[name] = true
		}
	}
	for _, child := range n.Children {
		collectVariables(child, into)
	}
}

// serviceLink matches what Kubernetes and Docker tell a container of a service
// whose name begins with kith: KITH_SERVICE_HOST=…, KITH_PORT=tcp://….
func serviceLink() *regexp.Regexp {
	return regexp.MustCompile(`^KITH_([A-Z0-9_]+_)?(SERVICE_HOST=|SERVICE_PORT(_[A-Z0-9_]+)?=|PORT=(tcp|udp|sctp)://|PORT_[0-9]+_(TCP|UDP|SCTP)(_[A-Z]+)?=)`)
}
