// Command standin speaks MongoDB's wire protocol in place of a MongoDB server,
// for tests on machines that have none. It prints its connection string on
// standard output and keeps its data in the folder that is its argument. It takes
// collections with validators, and validates nothing.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"

	"kith/test/mongo/wire"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return errors.New("name the folder of the data")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	db, err := ferretdb.New(&ferretdb.Config{
		Listener: ferretdb.ListenerConfig{TCP: "127.0.0.1:0"}, Logger: slog.New(slog.DiscardHandler),
		Handler: "sqlite", SQLiteURL: "file:" + os.Args[1] + "/?_pragma=synchronous(off)",
	})
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- db.Run(ctx) }()
	uri, err := lead(ctx, db.MongoDBURI())
	if err != nil {
		return err
	}
	fmt.Println(uri)
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// lead opens a way to the server at uri, without what it refuses, and returns
// its connection string.
func lead(ctx context.Context, uri string) (string, error) {
	server, err := url.Parse(uri)
	if err != nil {
		return "", err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	to := server.Host
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // the process ends
			}
			go pass(c, to)
		}
	}()
	server.Host = l.Addr().String()
	return server.String(), nil
}

// pass hands the messages of a client on, until one side hangs up.
func pass(client net.Conn, to string) {
	defer client.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	for {
		m, err := wire.Receive(client)
		if err != nil {
			return
		}
		if m, err = m.WithoutValidator(); err != nil {
			return
		}
		answer, err := wire.Ask(server, m)
		if err != nil {
			return
		}
		if _, err := client.Write(answer); err != nil {
			return
		}
	}
}
