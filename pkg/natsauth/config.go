package natsauth

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

const heading = `# Users of Kith and what they may do. Written by "kith provision": do not edit.
# It holds public keys only. Include it in the server's configuration, whose
# listen address, TLS and cluster are yours, beside
#
#     jetstream {
#       store_dir: "/var/lib/nats"
#       sync_interval: always   # an acknowledged event is on disk
#     }
#     include "kith.conf"
#
# and reload the server (nats-server --signal reload) after every change.
`

// Render writes the block of the server's configuration that lets the users of
// the manifest in, with their public keys. The same keys give the same bytes.
func Render(w io.Writer, public map[string]string) error {
	var b strings.Builder
	b.WriteString(heading)
	b.WriteString("authorization {\n  users = [\n")
	for _, u := range Manifest() {
		key, err := publicOf(public, u.Name)
		if err != nil {
			return err
		}
		p := u.Permissions()
		fmt.Fprintf(&b, "    # %s\n    {\n      nkey: %s\n      permissions: {\n        publish: {\n", u.Name, key)
		list(&b, "allow", p.Publish)
		list(&b, "deny", p.Deny)
		b.WriteString("        }\n        subscribe: {\n")
		list(&b, "allow", p.Subscribe)
		b.WriteString("        }\n      }\n    }\n")
	}
	b.WriteString("  ]\n}\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("natsauth: write configuration: %w", err)
	}
	return nil
}

func list(b *strings.Builder, name string, subjects []string) {
	if len(subjects) == 0 {
		return
	}
	fmt.Fprintf(b, "          %s: [\n", name)
	for _, s := range subjects {
		// Quoted: a bare $ is a variable to the server.
		fmt.Fprintf(b, "            %s\n", strconv.Quote(s))
	}
	b.WriteString("          ]\n")
}
