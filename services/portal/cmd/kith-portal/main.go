// Command kith-portal is the portal as a process of its own.
package main

import (
	"os"

	"kith/pkg/host"
	"kith/services/portal"
)

func main() {
	os.Exit(host.Service[portal.Config]{Name: "portal", Open: portal.New}.Main(os.Args[1:]))
}
