package esjs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/es"
)

// Answers of the server that package jetstream has no names for.
const (
	codeNoPeers   jetstream.ErrorCode = 10005 // for as many copies as a stream is to have
	codeNoLeader  jetstream.ErrorCode = 10008 // "JetStream system temporarily unavailable"
	codeNotLeader jetstream.ErrorCode = 10009 // whoever was asked is it no more
	codeTooLarge  jetstream.ErrorCode = 10054
	codeOffline   jetstream.ErrorCode = 10118 // every server with a copy of the stream
)

// conflict reports that the expectation did not hold: a stream with one
// replica says 10071, one with several may say 10164.
func conflict(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

func tooLarge(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return errors.Is(err, nats.ErrMaxPayload) || ok && api.ErrorCode == codeTooLarge
}

// unavailable makes err an es.ErrUnavailable if it means that the log could
// not be reached or did not answer; any other error stays as it is.
func unavailable(err error) error {
	for _, e := range []error{
		nats.ErrTimeout, context.DeadlineExceeded, nats.ErrNoResponders, jetstream.ErrNoStreamResponse,
		nats.ErrConnectionClosed, jetstream.ErrConnectionClosed, nats.ErrDisconnected, nats.ErrConnectionReconnecting,
		nats.ErrConnectionDraining, nats.ErrReconnectBufExceeded, nats.ErrStaleConnection, nats.ErrNoServers,
		nats.ErrBadSubscription, jetstream.ErrInvalidJSAck,
	} {
		if errors.Is(err, e) {
			return fmt.Errorf("%w: %w", es.ErrUnavailable, err)
		}
	}
	if api, ok := errors.AsType[*jetstream.APIError](err); ok && api.Code >= http.StatusInternalServerError {
		return fmt.Errorf("%w: %w", es.ErrUnavailable, err)
	}
	return err
}

// NotReady reports whether err is what servers answer that are starting: nobody
// can be reached, no leader is elected, or the leader has not heard of enough
// others for the copies of a stream. It passes when all of them run, and stays
// if they never will.
func NotReady(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	if !ok {
		return errors.Is(unavailable(err), es.ErrUnavailable)
	}
	return slices.Contains([]jetstream.ErrorCode{codeNoPeers, codeNoLeader, codeNotLeader, codeOffline}, api.ErrorCode)
}

// ErrRefused says that the server does not let this connection publish on the
// subject. It stays so until somebody changes the server's configuration.
var ErrRefused = errors.New("esjs: the NATS server refuses to let this service append: run kith provision and reload the server's configuration")

// refused returns an ErrRefused if the server has refused a publish on subject
// since the connection's last error was before. The server tells nobody which
// request it refuses, and never answers it.
func refused(nc *nats.Conn, before error, subject string) error {
	last := nc.LastError()
	if !errors.Is(last, nats.ErrPermissionViolation) || errors.Is(last, before) ||
		!strings.Contains(last.Error(), fmt.Sprintf("Publish to %q", subject)) {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrRefused, last)
}
