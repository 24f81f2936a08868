package audit

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"time"

	events "kith/api/events/audit"
	"kith/pkg/es"
	"kith/services/audit/merkle"
)

// signDue signs a checkpoint if enough has happened or enough time has passed.
func (s *service) signDue(ctx context.Context, now time.Time) error {
	newest, ok := s.tree.Newest()
	size := s.tree.Size()
	due := s.folder.worth.Load() > newest.Size &&
		(!ok || size >= newest.Size+s.cfg.Events || now.Sub(newest.Time) >= s.cfg.Every)
	if !due {
		return s.announce(ctx, newest, ok)
	}
	_, err := s.sign(ctx)
	return err
}

// sign signs all that is hashed, and tells of it in the log. Only the file
// makes a checkpoint; should the process end before the event, a later start
// makes up for it.
func (s *service) sign(ctx context.Context) (merkle.Signed, error) {
	signed, _, err := s.tree.Sign(s.core.Now())
	if err != nil {
		return merkle.Signed{}, err
	}
	return signed, s.announce(ctx, signed, true)
}

// announce brings the event of a checkpoint about, once.
func (s *service) announce(ctx context.Context, signed merkle.Signed, any bool) error {
	s.announcing.Lock()
	defer s.announcing.Unlock()
	if !any || s.told >= signed.Size {
		return nil
	}
	e := events.CheckpointSigned{Size: signed.Size, Root: base64.StdEncoding.EncodeToString(signed.Root[:]), Note: string(signed.Note)}
	command := es.ID("checkpoint", strconv.FormatUint(e.Size, 10), e.Root)
	m := es.Meta{Command: command, Actor: "reactor:audit", Access: s.core.Access.Position()}
	_, err := s.append(ctx, checkpoints(), m, func(last uint64) (es.Event, error) {
		var a announced
		if last > 0 {
			for r, err := range s.core.Events.Load(ctx, checkpoints(), last-1) {
				if err != nil {
					return nil, err
				}
				a.fold(r)
			}
		}
		return a.announce(e), nil
	})
	if err != nil {
		return fmt.Errorf("audit: tell of the checkpoint of %d: %w", signed.Size, err)
	}
	s.told = signed.Size
	return nil
}
