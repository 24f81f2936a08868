package audit

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"time"

	events "kith/api/events/audit"
	api "kith/api/openapi/auditapi"
	"kith/pkg/es"
	"kith/services/audit/merkle"
)

const (
	maxProblems   = 20
	progressEvery = 4096 // events
)

// Verify reads the log up to its present end and compares every event with
// what was hashed of it, and the heads of all signed checkpoints with those of
// the log as it is. It needs no running service, only the log and the tree's
// folder, and changes neither. What is wrong with the log is in the result; an
// error means that it could not be read.
func Verify(ctx context.Context, log es.Store, tree *merkle.Tree, now func() time.Time, progress func(done, total uint64)) (api.Verification, error) {
	ranger, ok := log.(es.Ranger)
	if !ok {
		return api.Verification{}, errors.New("audit: this log cannot be read by position")
	}
	v := &verification{tree: tree, intact: true, kept: true, next: 1, hashed: tree.Size()}
	v.out.Started = now()
	v.newest, _ = tree.Newest()
	var err error
	if v.sizes, err = tree.Sizes(); err != nil {
		return v.out, err
	}
	// Last: nothing was signed or hashed that the log did not hold before.
	if v.out.End, err = log.Last(ctx); err != nil {
		return v.out, err
	}
	for r, err := range ranger.Range(ctx, 0, v.out.End) {
		if err == nil {
			err = v.event(r)
		}
		if err != nil {
			return v.out, fmt.Errorf("audit: verify at %d: %w", v.next, err)
		}
		if progress != nil && r.Seq%progressEvery == 0 {
			progress(r.Seq, v.out.End)
		}
	}
	if err := v.finish(); err != nil {
		return v.out, err
	}
	v.out.Ended = now()
	return v.out, nil
}

// VerifyFolder is Verify without a service, for a log that no process can be
// started on any more: it takes checkpoints, key and hashes from the audit's
// files in the data folder and changes nothing there.
func VerifyFolder(ctx context.Context, log es.Store, data string, now func() time.Time, progress func(done, total uint64)) (api.Verification, error) {
	tree, err := merkle.Open(Folder(data), merkle.Options{ReadOnly: true})
	if err != nil {
		return api.Verification{}, fmt.Errorf("audit: %w", err)
	}
	defer func() { _ = tree.Close() }() // nothing was written
	return Verify(ctx, log, tree, now, progress)
}

// verification is a walk over the log. Two trees grow beside each other: one
// of the events as they are read, one of the hashes that were kept of them. A
// signed head that only the second one gives proves the kept hashes, and so
// names exactly the events that have changed.
type verification struct {
	tree   *merkle.Tree
	out    api.Verification
	hasher merkle.Hasher
	next   uint64 // position due
	hashed uint64 // of which hashes are kept
	newest merkle.Signed

	asRead, asKept merkle.Frontier
	intact, kept   bool // whether the frontiers can still give a signed head
	room           []merkle.Hash
	suspects       []uint64 // positions since the last good head that differ from their kept hashes

	sizes  []uint64 // of the checkpoints to come
	proven uint64   // size of the last checkpoint whose head was right
}

func (v *verification) event(r es.Recorded) error {
	if err := v.missingUntil(r.Seq); err != nil {
		return err
	}
	v.out.Events++
	v.identity(r)
	leaf := v.hasher.Hash(leafOf(r))
	return v.position(&leaf)
}

// missingUntil goes over positions that the log did not give.
func (v *verification) missingUntil(seq uint64) error {
	for v.next < seq {
		v.damage(v.next, v.next, "The log does not have these events any more.",
			"The server leaves out what it cannot read: look for a damaged disk or block file, and restore the log from a replica or a backup.")
		if err := v.position(nil); err != nil {
			return err
		}
	}
	return nil
}

// position takes in the leaf of the position due, nil if it is missing.
func (v *verification) position(leaf *merkle.Hash) error {
	seq := v.next
	v.next++
	keptLeaf := leaf
	if seq <= v.hashed {
		h, err := v.tree.Leaf(seq)
		if err != nil {
			return err
		}
		keptLeaf = &h
		if leaf != nil && *leaf != h {
			v.suspects = append(v.suspects, seq)
		}
	}
	if leaf == nil {
		v.intact = false
		leaf = keptLeaf
	}
	if leaf == nil { // neither read nor hashed
		v.kept = false
		leaf, keptLeaf = new(merkle.Hash), new(merkle.Hash)
	}
	v.room = v.asRead.Append(*leaf, v.room[:0])
	v.room = v.asKept.Append(*keptLeaf, v.room[:0])
	for len(v.sizes) > 0 && v.sizes[0] <= seq {
		if err := v.checkpoint(v.sizes[0]); err != nil {
			return err
		}
		v.sizes = v.sizes[1:]
	}
	return nil
}

func (v *verification) checkpoint(size uint64) error {
	s, err := v.open(size)
	if err != nil || s.Size == 0 {
		return err
	}
	switch {
	case v.intact && v.asRead.Root() == s.Root:
		if len(v.suspects) > 0 {
			v.damageAll("The hash kept of this event is wrong, while the log is what was signed.",
				"The audit's file of hashes is damaged. Stop the service, remove the file, and start again: it is derived from the log anew.", false)
		}
		v.asKept = v.asRead.Clone()
	case v.kept && v.asKept.Root() == s.Root:
		v.damageAll("The stored bytes are not those that were signed.",
			"Somebody or something changed the log. Restore it from a replica or a backup, and keep the damaged files for examination.", true)
		v.asRead, v.intact = v.asKept.Clone(), true
	default:
		if v.intact || v.kept {
			v.damage(v.proven+1, size, "The events in this range are not those that were signed.",
				"Neither the log nor the kept hashes give the signed head; checkpoints after it cannot be checked. Restore log and audit folder from a backup.")
		}
		v.intact, v.kept, v.suspects = false, false, nil
		return nil
	}
	v.suspects, v.proven = nil, size
	v.out.Checkpoints++
	return nil
}

// open reads a checkpoint; one that is not of this log is damage, and zero.
func (v *verification) open(size uint64) (merkle.Signed, error) {
	s, err := v.tree.Checkpoint(size)
	switch {
	case errors.Is(err, merkle.ErrCheckpoint):
		v.damage(size, size, "The file of this checkpoint is not signed with the log's key, or was changed.",
			"Remove the file if it does not belong there; if it does, restore it from a backup.")
		return merkle.Signed{}, nil
	case errors.Is(err, fs.ErrNotExist):
		return merkle.Signed{}, nil // removed since the walk began; its event tells
	}
	return s, err
}

// identity checks what an event says of itself.
func (v *verification) identity(r es.Recorded) {
	if r.Stream.Valid() != nil || r.ID != es.EventID(r.Stream, r.Meta.Command) {
		v.damage(r.Seq, r.Seq, "The event's id does not follow from its stream and command.",
			"No service of Kith wrote it. Find out who else may write to the log.")
	}
	if r.Stream != checkpoints() {
		return
	}
	e, ok := r.Data.(events.CheckpointSigned)
	if !ok {
		return
	}
	c, err := merkle.OpenCheckpoint([]byte(e.Note), v.tree.Verifier())
	if err != nil || c.Size != e.Size || base64.StdEncoding.EncodeToString(c.Root[:]) != e.Root {
		v.damage(r.Seq, r.Seq, "The event tells of a checkpoint that was not signed with the log's key.",
			"It is forged, or the audit's folder with its key was replaced. Compare the verifier key with the copy kept elsewhere.")
		return
	}
	kept, err := v.tree.Checkpoint(c.Size)
	if err != nil || kept.Root != c.Root {
		v.damage(r.Seq, r.Seq, "The event tells of a checkpoint whose file is missing or says something else.",
			"Restore the audit's folder of checkpoints from a backup; the event holds the signed note.")
	}
}

func (v *verification) finish() error {
	end := v.out.End
	if err := v.missingUntil(end + 1); err != nil {
		return err
	}
	if len(v.suspects) > 0 {
		v.damageAll("The event is not the one that was hashed; no checkpoint covers it yet.",
			"Log or hashes changed after the newest checkpoint. Restore the log from a replica or a backup.", true)
	}
	if had := max(v.hashed, v.newest.Size); had > end {
		v.damage(end+1, had, fmt.Sprintf("The log ends at %d, though it held %d events.", end, had),
			"It was cut off or replaced by an older copy. Restore the newest copy.")
	}
	for _, size := range v.sizes {
		if _, err := v.open(size); err != nil {
			return err
		}
	}
	if err := v.tree.Broken(); err != nil && len(v.out.Problems) == 0 {
		v.damage(1, v.newest.Size, "The log is not the one that was signed.", "Restore log and audit folder from one backup.")
	}
	if end > v.newest.Size {
		v.out.Unsigned = end - v.newest.Size
	}
	v.out.Ok = len(v.out.Problems) == 0
	if !v.out.Ok {
		first := v.out.Problems[0]
		for _, p := range v.out.Problems {
			if p.Seq < first.Seq {
				first = p
			}
		}
		v.out.Problem = &first
	}
	return nil
}

// damageAll reports the suspects, in ranges.
func (v *verification) damageAll(what, hint string, ofLog bool) {
	before := v.out.Damaged
	for _, seq := range v.suspects {
		v.damage(seq, seq, what, hint)
	}
	if !ofLog {
		v.out.Damaged = before
	}
}

func (v *verification) damage(seq, to uint64, what, hint string) {
	v.out.Damaged += to - seq + 1
	if n := len(v.out.Problems); n > 0 {
		last := &v.out.Problems[n-1]
		if last.What == what && last.To+1 == seq {
			last.To = to
			return
		}
		if n == maxProblems {
			return
		}
	}
	v.out.Problems = append(v.out.Problems, api.Damage{Seq: seq, To: to, What: what, Hint: hint})
}
