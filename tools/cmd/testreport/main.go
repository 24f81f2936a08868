// Command testreport runs "go test -json" with its arguments, shows one line
// for each package as it ends and the output of what failed, and closes with
// "N passed, N failed". It exits with 1 if anything failed.
//
//	testreport [arguments of go test] [-- command [arguments]]
//
// The command runs after go test, or alone if there are no arguments before it.
// It writes the same events for tests of another language; what else it writes
// is shown.
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	r := newReport(stdout)
	also := slices.Index(args, "--")
	if also != 0 {
		tests := args
		if also > 0 {
			tests = args[:also]
		}
		r.follow(exec.Command("go", append([]string{"test", "-json"}, tests...)...), stderr)
	}
	if also >= 0 && also+1 < len(args) {
		r.follow(exec.Command(args[also+1], args[also+2:]...), stderr)
	}
	r.close()
	if r.failed > 0 {
		return 1
	}
	return 0
}

// follow runs a command that writes events, and counts them.
func (r *report) follow(cmd *exec.Cmd, stderr io.Writer) {
	before := r.failed
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(stderr, "testreport:", err)
		r.failed++
		return
	}
	readErr := r.read(out)
	waitErr := cmd.Wait()
	if readErr != nil {
		fmt.Fprintln(stderr, "testreport:", readErr)
		r.failed++
	}
	// A failure that no package reported: bad arguments, an unreadable module.
	if waitErr != nil && r.failed == before {
		fmt.Fprintf(stderr, "testreport: %s: %v\n", strings.Join(cmd.Args, " "), waitErr)
		r.failed++
	}
}
