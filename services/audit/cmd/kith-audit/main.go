// Command kith-audit is the audit service as a process of its own.
package main

import (
	"os"

	"kith/pkg/host"
	"kith/services/audit"
)

func main() {
	os.Exit(host.Service[audit.Config]{Name: "audit", Open: audit.New}.Main(os.Args[1:]))
}
