// Command kith-matching is the matching service as a process of its own.
package main

import (
	"os"

	"kith/pkg/host"
	"kith/services/matching"
)

func main() {
	os.Exit(host.Service[matching.Config]{Name: "matching", Open: matching.New, Migrations: matching.Migrations()}.Main(os.Args[1:]))
}
