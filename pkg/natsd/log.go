package natsd

import (
	"fmt"
	"log/slog"
)

// logger hands the server's log to slog. The server's own logger ends the
// process on a fatal error; this one hands the first of them to Start.
type logger struct {
	log   *slog.Logger
	fatal chan<- error
}

func (l logger) Noticef(f string, v ...any) { l.log.Debug("nats", "message", fmt.Sprintf(f, v...)) }
func (l logger) Debugf(f string, v ...any)  { l.log.Debug("nats", "message", fmt.Sprintf(f, v...)) }
func (l logger) Tracef(f string, v ...any)  { l.log.Debug("nats", "message", fmt.Sprintf(f, v...)) }
func (l logger) Warnf(f string, v ...any)   { l.log.Warn("nats", "message", fmt.Sprintf(f, v...)) }
func (l logger) Errorf(f string, v ...any)  { l.log.Error("nats", "message", fmt.Sprintf(f, v...)) }

func (l logger) Fatalf(f string, v ...any) {
	err := fmt.Errorf(f, v...)
	l.log.Error("nats: fatal", "error", err)
	select {
	case l.fatal <- err:
	default: // the first one is the cause
	}
}
