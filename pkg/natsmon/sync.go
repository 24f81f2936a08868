// Package natsmon asks a NATS server's monitoring address what the server does
// not tell its clients.
package natsmon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Mode is when a server flushes what it has acknowledged.
type Mode int

// Unknown is what every doubt reads as: it is never taken for safe.
const (
	Unknown  Mode = iota
	Interval      // some time after the acknowledgement
	Always        // before the acknowledgement
)

// Sync is a server's setting. The zero value is unknown.
type Sync struct {
	Mode  Mode
	Every time.Duration // with Interval: what a power cut may take
}

// String is "always", "up to 2m0s late" or "unknown".
func (s Sync) String() string {
	switch s.Mode {
	case Always:
		return "always"
	case Interval:
		return "up to " + s.Every.String() + " late"
	}
	return "unknown"
}

// OfOwn is the setting of a server that is told how long an acknowledged
// message may stay off the disk.
func OfOwn(every time.Duration) Sync {
	if every == 0 {
		return Sync{Mode: Always}
	}
	return Sync{Mode: Interval, Every: every}
}

const (
	answerLimit = 5 * time.Second
	maxAnswer   = 4 << 20
)

// SyncSetting reads the setting of the one server at monitoringURL
// ("http://nats-0:8222"); in a cluster every server has its own. It returns
// Unknown and the reason if the server cannot be asked within 5 s, has no
// JetStream, or does not say.
//
// The server (2.15) shows it under jetstream.config of /varz and under config
// of /jsz. There, sync_always is left out when it is off, and sync_interval
// has a value either way.
func SyncSetting(ctx context.Context, monitoringURL string) (Sync, error) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	at, err := url.JoinPath(monitoringURL, "varz")
	if err != nil {
		return Sync{}, fmt.Errorf("natsmon: monitoring URL: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return Sync{}, fmt.Errorf("natsmon: monitoring URL: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return Sync{}, fmt.Errorf("natsmon: ask for the sync setting: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Sync{}, fmt.Errorf("natsmon: %s answers %s", at, resp.Status)
	}
	var varz struct {
		JetStream struct {
			Config *struct {
				Always   bool          `json:"sync_always"`
				Interval time.Duration `json:"sync_interval"`
			} `json:"config"`
		} `json:"jetstream"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&varz); err != nil {
		return Sync{}, fmt.Errorf("natsmon: answer of %s: %w", at, err)
	}
	switch c := varz.JetStream.Config; {
	case c == nil:
		return Sync{}, errors.New("natsmon: the server has no JetStream")
	case c.Always:
		return Sync{Mode: Always}, nil
	case c.Interval > 0:
		return Sync{Mode: Interval, Every: c.Interval}, nil
	}
	return Sync{}, errors.New("natsmon: the server does not say when it flushes")
}
