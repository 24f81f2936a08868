// Package natsd runs a NATS server with JetStream inside the process, for the
// all-in-one and for tests.
package natsd

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// startLimit is how long a server may take to be ready.
const startLimit = 10 * time.Second

// RandomPort asks for any free port.
const RandomPort = -1

// Config says where the server keeps its data and where it listens.
type Config struct {
	Dir  string // of the JetStream store; created if missing; required
	Name string // of the server; empty: a random one

	// Sync is how long an acknowledged message may stay off the disk. 0, the
	// default, flushes before every acknowledgement: nothing acknowledged is
	// lost in a power cut. Anything above is loud in the log.
	Sync time.Duration

	Host       string // default 127.0.0.1
	Port       int    // RandomPort, or 1 to 65535; 0: the default port 4222
	DontListen bool   // no listener at all: in-process connections only

	MaxStore int64        // bytes of disk JetStream may use; 0: three quarters of what is free
	Logger   *slog.Logger // nil: silent
}

// Server is a running server. It is safe for concurrent use.
type Server struct {
	ns    *server.Server
	store *dirLock
}

// Start runs a server and returns when it accepts connections. It returns an
// error within ten seconds if the store directory is in use or not writable,
// or the address cannot be bound.
func Start(c Config) (*Server, error) {
	opts, err := c.options()
	if err != nil {
		return nil, err
	}
	store, err := lockDir(c.Dir)
	if err != nil {
		return nil, err
	}
	s, err := start(c, opts)
	if err != nil {
		return nil, errors.Join(err, store.release())
	}
	s.store = store
	return s, nil
}

func start(c Config, opts *server.Options) (*Server, error) {
	ns, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("natsd: configure: %w", err)
	}
	log := c.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if c.Sync > 0 {
		log.Warn("nats: acknowledged events can be lost in a power cut", "sync_interval", c.Sync)
	}
	fatal := make(chan error, 1)
	ns.SetLoggerV2(logger{log, fatal}, false, false, false)
	ready := make(chan bool, 1)
	go ns.Start()
	go func() { ready <- ns.ReadyForConnections(startLimit) }()
	select {
	case err = <-fatal:
	case ok := <-ready:
		// JetStream comes up before the listener; what stopped it is the better message.
		select {
		case err = <-fatal:
		default:
			if !ok {
				err = fmt.Errorf("not ready after %s", startLimit)
			} else if !ns.JetStreamEnabled() {
				err = errors.New("JetStream did not start")
			}
		}
	}
	if err != nil {
		ns.Shutdown()
		ns.WaitForShutdown()
		return nil, fmt.Errorf("natsd: start with store %s: %w", c.Dir, err)
	}
	return &Server{ns: ns}, nil
}

func (c Config) options() (*server.Options, error) {
	if c.Dir == "" {
		return nil, errors.New("natsd: no store directory")
	}
	if c.Port < RandomPort || c.Port > math.MaxUint16 {
		return nil, fmt.Errorf("natsd: port %d is out of range", c.Port)
	}
	if c.Sync < 0 || c.MaxStore < 0 {
		return nil, errors.New("natsd: sync and store size cannot be negative")
	}
	host := c.Host
	if host == "" {
		host = "127.0.0.1"
	}
	if !c.DontListen && c.Port > 0 {
		// The server retries a taken port for ever; it is ours to notice.
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(c.Port)))
		if err != nil {
			return nil, fmt.Errorf("natsd: listen: %w", err)
		}
		_ = l.Close()
	}
	return &server.Options{
		ServerName: c.Name, Host: host, Port: c.Port, DontListen: c.DontListen,
		JetStream: true, StoreDir: c.Dir, JetStreamMaxStore: c.MaxStore,
		SyncAlways: c.Sync == 0, SyncInterval: c.Sync,
		NoSigs: true, NoLog: true,
	}, nil
}

// Conn opens a connection inside the process. It reconnects for ever unless
// opts say otherwise. The caller closes it.
func (s *Server) Conn(opts ...nats.Option) (*nats.Conn, error) {
	all := append([]nats.Option{nats.InProcessServer(s.ns), nats.MaxReconnects(-1)}, opts...)
	nc, err := nats.Connect("", all...)
	if err != nil {
		return nil, fmt.Errorf("natsd: connect in process: %w", err)
	}
	return nc, nil
}

// ClientURL is the address for clients, empty without a listener.
func (s *Server) ClientURL() string {
	if s.ns.Addr() == nil {
		return ""
	}
	return s.ns.ClientURL()
}

// Shutdown stops the server and returns when its files are closed. Calling it
// again does nothing.
func (s *Server) Shutdown() {
	s.ns.Shutdown()
	s.ns.WaitForShutdown()
	_ = s.store.release() // the process's end releases it at the latest
}
