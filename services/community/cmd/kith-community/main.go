// Command kith-community is the community service as a process of its own.
package main

import (
	"os"

	"kith/pkg/host"
	"kith/services/community"
)

func main() {
	os.Exit(host.Service[community.Config]{Name: "community", Open: community.New, Migrations: community.Migrations()}.Main(os.Args[1:]))
}
