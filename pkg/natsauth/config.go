package natsauth

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const heading = `# Users of Kith and what they may do. Written by "kith provision": do not edit.
# It holds public keys only. Include it in the server's configuration, whose
# listen address, TLS and cluster are yours, and which has no other accounts, beside
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
// the manifest in, with their public keys; Restore too if it has one. The same
// keys give the same bytes.
func Render(w io.Writer, public map[string]string) error {
	for _, name := range Names() {
		if err := publicKey(public, name); err != nil {
			return err
		}
	}
	var b strings.Builder
	b.WriteString(heading)
	b.WriteString("accounts {\n")
	fmt.Fprintf(&b, "  %s: {\n    jetstream: enabled\n    users: [\n", streams)
	for _, u := range Manifest() {
		if !service(u.Name) {
			u.render(&b, public[u.Name])
		}
	}
	if public[Restore] != "" {
		if err := publicKey(public, Restore); err != nil {
			return err
		}
		fmt.Fprintf(&b, "      # %s: it may do everything; take it out when the restore is done\n      { nkey: %s }\n", Restore, public[Restore])
	}
	b.WriteString("    ]\n    exports: [\n")
	renderExports(&b)
	b.WriteString("    ]\n  }\n")
	for _, u := range Manifest() {
		if service(u.Name) {
			fmt.Fprintf(&b, "  %s: {\n    users: [\n", account(u.Name))
			u.render(&b, public[u.Name])
			b.WriteString("    ]\n    imports: [\n")
			u.renderImports(&b)
			b.WriteString("    ]\n  }\n")
		}
	}
	b.WriteString("}\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("natsauth: write configuration: %w", err)
	}
	return nil
}

// streams is the account of the streams.
const streams = "KITH"

// account of a service.
func account(service string) string { return streams + "_" + strings.ToUpper(service) }

// render writes a user with its permissions.
func (u User) render(b *strings.Builder, key string) {
	p := u.Permissions()
	fmt.Fprintf(b, "      # %s\n      {\n        nkey: %s\n        permissions: {\n          publish: {\n", u.Name, key)
	list(b, "allow", p.Publish)
	list(b, "deny", p.Deny)
	b.WriteString("          }\n          subscribe: {\n")
	list(b, "allow", p.Subscribe)
	b.WriteString("          }\n        }\n      }\n")
}

// renderExports writes what the account of the streams answers, and to whom.
func renderExports(b *strings.Builder) {
	to := map[string][]string{}
	for _, u := range Manifest() {
		if service(u.Name) {
			for _, s := range u.requests().allow {
				to[s] = append(to[s], account(u.Name))
			}
		}
	}
	for _, s := range slices.Sorted(maps.Keys(to)) {
		answers := ""
		if streamed(s) {
			answers = ", response_type: stream"
		}
		fmt.Fprintf(b, "      { service: %s, accounts: [%s]%s }\n", strconv.Quote(s), strings.Join(to[s], ", "), answers)
	}
}

// renderImports writes what u may ask of the account of the streams.
func (u User) renderImports(b *strings.Builder) {
	for _, s := range u.requests().allow {
		to := ""
		if l := localOf(s); l != s {
			to = ", to: " + strconv.Quote(l)
		}
		fmt.Fprintf(b, "      { service: { account: %s, subject: %s }%s }\n", streams, strconv.Quote(s), to)
	}
}

func list(b *strings.Builder, name string, subjects []string) {
	if len(subjects) == 0 {
		return
	}
	fmt.Fprintf(b, "            %s: [\n", name)
	for _, s := range subjects {
		// Quoted: a bare $ is a variable to the server.
		fmt.Fprintf(b, "              %s\n", strconv.Quote(s))
	}
	b.WriteString("            ]\n")
}
