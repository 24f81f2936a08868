// Command kith-membership is the membership service as a process of its own.
package main

import (
	"os"

	"kith/pkg/host"
	"kith/services/membership"
)

func main() {
	os.Exit(host.Service[membership.Config]{Name: "membership", Open: membership.New, Migrations: membership.Migrations()}.Main(os.Args[1:]))
}
