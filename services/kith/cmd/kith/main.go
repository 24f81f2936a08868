// Command kith is Kith in one process, and the command line for it.
package main

import (
	"os"

	"kith/services/kith/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:])) }
