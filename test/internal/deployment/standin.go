package deployment

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// MongoURI is a variable with the connection string of a MongoDB server. Without
// it a stand-in is run.
const MongoURI = "KITH_TEST_MONGO_URI"

// Mongo is a MongoDB server, or what stands in for it.
type Mongo struct {
	URI     string
	StandIn bool

	process *exec.Cmd // nil where the server was given
}

// StartMongo takes the server that the environment names, or runs the program
// standin in bin with its files in dir. The caller stops it.
func StartMongo(ctx context.Context, bin, dir string) (*Mongo, error) {
	if uri := os.Getenv(MongoURI); uri != "" {
		return &Mongo{URI: uri}, nil
	}
	data := filepath.Join(dir, "mongo")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "standin"), data)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the stand-in of MongoDB: %w", err)
	}
	m := &Mongo{StandIn: true, process: cmd}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the stand-in of MongoDB does not say where it listens: %w", err), m.Stop())
	}
	m.URI = strings.TrimSpace(line)
	return m, nil
}

// Stop ends what StartMongo has started.
func (m *Mongo) Stop() error {
	if m.process == nil {
		return nil
	}
	err := m.process.Process.Signal(os.Interrupt)
	_ = m.process.Wait() // ended by a signal
	return err
}
