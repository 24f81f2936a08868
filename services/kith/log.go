package kith

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/natsd"
)

// ownLog is the log in a data folder, run inside this process.
type ownLog struct {
	js     jetstream.JetStream
	conn   *nats.Conn
	server *natsd.Server
}

// openLog starts the log of a data folder. sync is how long an acknowledged
// event may stay off the disk, log is where the server's messages go; nil: nowhere.
func openLog(data string, sync time.Duration, log *slog.Logger) (*ownLog, error) {
	server, err := natsd.Start(natsd.Config{Dir: filepath.Join(data, "log"), Name: "kith", Sync: sync, DontListen: true, Logger: log})
	if err != nil {
		return nil, err
	}
	l := &ownLog{server: server}
	if l.conn, err = server.Conn(nats.Name("kith")); err == nil {
		l.js, err = jetstream.New(l.conn)
	}
	if err != nil {
		l.close()
		return nil, fmt.Errorf("connect to the log: %w", err)
	}
	return l, nil
}

func (l *ownLog) close() {
	if l.conn != nil {
		l.conn.Close()
	}
	l.server.Shutdown()
}
