// Command kith-library is the library as a process of its own.
package main

import (
	"os"

	"kith/pkg/host"
	"kith/services/library"
)

func main() {
	os.Exit(host.Service[library.Config]{Name: "library", Open: library.New, Migrations: library.Migrations()}.Main(os.Args[1:]))
}
