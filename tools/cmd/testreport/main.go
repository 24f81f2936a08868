// Command testreport runs "go test -json" with its arguments, shows one line
// for each package as it ends and the output of what failed, and closes with
// "N passed, N failed". It exits with 1 if anything failed.
//
//	testreport [arguments of go test]
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(stderr, "testreport:", err)
		return 1
	}
	r := newReport(stdout)
	readErr := r.read(out)
	waitErr := cmd.Wait()
	if readErr != nil {
		fmt.Fprintln(stderr, "testreport:", readErr)
		r.failed++
	}
	// A failure that no package reported: bad arguments, an unreadable module.
	if waitErr != nil && r.failed == 0 {
		fmt.Fprintln(stderr, "testreport: go test:", waitErr)
		r.failed++
	}
	r.close()
	if r.failed > 0 {
		return 1
	}
	return 0
}
