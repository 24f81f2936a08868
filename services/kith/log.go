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
	door   *natsd.Door // nil: nobody else comes in
}

// doorPath is where a running Kith lets a backup of its log in.
func doorPath(data string) string { return filepath.Join(data, "log", "door") }

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

// open lets other programs of the same user at the log while this one runs.
func (l *ownLog) open(data string, log *slog.Logger) {
	door, err := l.server.OpenDoor(doorPath(data))
	if err != nil {
		log.Warn("no backup can be made while Kith runs: the socket for it cannot be opened", "error", err)
		return
	}
	l.door = door
}

// visitLog connects to the log of a Kith that runs on a data folder.
func visitLog(data string) (*nats.Conn, error) {
	return natsd.Through(doorPath(data), nats.Name("kith-backup"))
}

func (l *ownLog) close() {
	if l.door != nil {
		_ = l.door.Close()
	}
	if l.conn != nil {
		l.conn.Close()
	}
	l.server.Shutdown()
}
