package adding

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// step is what the document says at one place: to write or edit files, to run
// commands, or neither.
type step struct {
	section string   // heading that it is under
	files   []string // names as they stand there, in order
	// table says that the files are the first cell of a row: those that it is
	// about. A text may name others too.
	table    bool
	commands []string // lines of one block
}

var named = regexp.MustCompile("`([^`]+)`")

const (
	indent = "    "
	cell   = "|"
)

// steps takes a document in Markdown apart. Whatever is indented by four
// columns is a block of commands. Other ways to write one are an error, lest
// its commands be passed over.
func steps(document string) ([]step, error) {
	var all []step
	section, head := "", true
	for line := range strings.Lines(document) {
		line = strings.TrimRight(line, "\n")
		last := len(all) - 1
		switch {
		case strings.HasPrefix(line, "```"), strings.HasPrefix(line, "~~~"), strings.HasPrefix(line, "\t"):
			return nil, fmt.Errorf("%s: %q: indent commands by four columns", section, line)
		case strings.HasPrefix(line, "## "):
			section = strings.TrimPrefix(line, "## ")
		case strings.HasPrefix(line, indent):
			if last < 0 || all[last].commands == nil {
				all = append(all, step{section: section})
				last++
			}
			all[last].commands = append(all[last].commands, strings.TrimPrefix(line, indent))
			continue
		case strings.HasPrefix(line, cell):
			// The first two rows of a table are its head.
			if strings.HasPrefix(line, "|---") {
				head = false
			} else if !head {
				first, _, _ := strings.Cut(strings.TrimPrefix(line, cell), cell)
				all = append(all, step{section: section, files: names(first), table: true})
			}
			continue
		}
		head = true
		if files := names(line); files != nil {
			all = append(all, step{section: section, files: files})
		} else if line != "" {
			all = append(all, step{section: section})
		}
	}
	return all, nil
}

// names are what stands between backquotes.
func names(text string) []string {
	var all []string
	for _, m := range named.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

func TestSteps(t *testing.T) {
	got, err := steps("# Title\n\nText with `a.go` and `b`.\n\n## 1. One\n\n    make x\n    make y   # why\nText.\n\n" +
		"| `head` | what |\n|---|---|\n| `c.go`, `d.go` | like `e.go` |\n\n    make z\n")
	want := []step{
		{},
		{files: []string{"a.go", "b"}},
		{section: "1. One"},
		{section: "1. One", commands: []string{"make x", "make y   # why"}},
		{section: "1. One"},
		{section: "1. One", files: []string{"c.go", "d.go"}, table: true},
		{section: "1. One", commands: []string{"make z"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, other := range []string{"```console\n$ make\n```\n", "~~~\nmake\n~~~\n", "\tmake\n"} {
		if got, err := steps(other); err == nil {
			t.Errorf("%q was read as %+v", other, got)
		}
	}
}
