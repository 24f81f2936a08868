package natsauth

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// InboxPrefix of a user, "_INBOX_membership": answers to it come on subjects
// below, which nobody else may subscribe to.
func InboxPrefix(user string) string { return "_INBOX_" + user }

// Options connect as a user of the manifest with the secret key in seedFile:
// the key, the user's inbox, its name for the server's lists of connections,
// and an error handler that explains what the server refuses. The key is read
// again at every reconnect. It returns an error if there is no such user or
// the file holds no key of a user.
func Options(user, seedFile string, log *slog.Logger) ([]nats.Option, error) {
	if _, err := find(user); err != nil {
		return nil, err
	}
	key, err := readSeed(seedFile)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	public, err := key.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("natsauth: public key of %s: %w", seedFile, err)
	}
	sign := func(nonce []byte) ([]byte, error) {
		key, err := readSeed(seedFile)
		if err != nil {
			return nil, err
		}
		defer key.Wipe()
		return key.Sign(nonce)
	}
	return []nats.Option{
		nats.Nkey(public, sign), nats.CustomInboxPrefix(InboxPrefix(user)), nats.Name("kith-" + user),
		nats.ErrorHandler(ErrorHandler(user, log)),
	}, nil
}

// JetStream is what a user of the manifest speaks with the log through: a
// service through what its account imports.
func JetStream(nc *nats.Conn, user string, opts ...jetstream.JetStreamOpt) (jetstream.JetStream, error) {
	if !service(user) {
		return jetstream.New(nc, opts...)
	}
	return jetstream.NewWithAPIPrefix(nc, imported, opts...)
}

// wayOut is what an operator does about a refusal.
const wayOut = "run kith provision and reload the server's configuration"

var refusal = regexp.MustCompile(`(Publish|Subscription) to "([^"]+)"`)

// Refusal takes a permissions violation apart: what was refused, "publish" or
// "subscribe", and the subject. ok is false for any other error.
func Refusal(err error) (action, subject string, ok bool) {
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return "", "", false
	}
	m := refusal.FindStringSubmatch(err.Error())
	if m == nil {
		return "", "", false
	}
	if m[1] == "Publish" {
		return "publish", m[2], true
	}
	return "subscribe", m[2], true
}

// ErrorHandler logs what goes wrong on a connection outside of any call. A
// refusal names the service, the subject and the way out.
func ErrorHandler(user string, log *slog.Logger) nats.ErrHandler {
	return func(_ *nats.Conn, sub *nats.Subscription, err error) {
		if action, subject, ok := Refusal(err); ok {
			log.Error("nats: the server refuses what this service must do", "service", user,
				"action", action, "subject", subject, "what_to_do", wayOut)
			return
		}
		subject := ""
		if sub != nil {
			subject = sub.Subject
		}
		log.Warn("nats: an error on the connection", "service", user, "subject", subject, "error", err)
	}
}
