package host

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

// LoadFile makes a resolver of a YAML file. Its keys are the names of the flags
// of the command serve; those with a common beginning may be nested: oidc:
// {issuer: …} is oidc-issuer. A key that is no flag is an error, so that a
// misspelt setting is never silently without effect.
func LoadFile(r io.Reader) (kong.Resolver, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("the configuration file is larger than %d bytes", maxFile)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(data, &tree); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the configuration file is not valid YAML: %w", err)
	}
	values := map[string]any{}
	flatten("", tree, values)
	return file{values, map[string]bool{}}, nil
}

const maxFile = 1 << 20 // bytes

func flatten(prefix string, tree map[string]any, into map[string]any) {
	for k, v := range tree {
		if sub, ok := v.(map[string]any); ok {
			flatten(prefix+k+"-", sub, into)
			continue
		}
		into[prefix+k] = v
	}
}

type file struct {
	values map[string]any
	known  map[string]bool
}

// Validate refuses keys that no flag of the application has.
func (f file) Validate(app *kong.Application) error {
	f.collect(app.Node)
	var unknown []string
	for k := range f.values {
		if !f.known[k] {
			unknown = append(unknown, k)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	sort.Strings(unknown)
	return fmt.Errorf("the configuration file has unknown settings: %s (serve --help lists the known ones)", strings.Join(unknown, ", "))
}

// collect learns the names of the flags that a file may set.
func (f file) collect(n *kong.Node) {
	if n.Name == "serve" {
		for _, flag := range n.Flags {
			f.known[flag.Name] = flag.Name != "config" && flag.Name != "help"
		}
	}
	for _, c := range n.Children {
		f.collect(c)
	}
}

// Resolve returns the file's value of a flag, unless the environment has one.
func (f file) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		if _, ok := os.LookupEnv(env); ok {
			return nil, nil
		}
	}
	v, ok := f.values[flag.Name]
	if !ok {
		return nil, nil
	}
	if list, ok := v.([]any); ok {
		parts := make([]string, len(list))
		for i, e := range list {
			parts[i] = fmt.Sprint(e)
		}
		return strings.Join(parts, ","), nil
	}
	return fmt.Sprint(v), nil
}
