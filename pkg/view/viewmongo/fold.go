package viewmongo

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"kith/pkg/es"
)

const (
	// maxTouched bounds the documents of one read and one write, and so the
	// time that they take.
	maxTouched = 500
	// A checkpoint that says only that nothing was touched is saved after so
	// many events or so long. To fold them again costs less than saving each.
	saveEvents = 10_000
	saveAfter  = 10 * time.Second
)

// step is what is folded with one read and one write.
type step struct {
	last   uint64
	events []touch
	keys   []string // all that are touched, in the order in which they are first
	states map[string]*state
}

// touch is an event and the documents that it changes.
type touch struct {
	event *es.Recorded
	keys  []string
}

func newStep() *step { return &step{states: map[string]*state{}} }

func (s *step) add(r *es.Recorded, keys []string) {
	s.last = r.Seq
	if len(keys) == 0 {
		return
	}
	s.events = append(s.events, touch{r, keys})
	for _, key := range keys {
		if s.states[key] == nil {
			s.states[key] = &state{}
			s.keys = append(s.keys, key)
		}
	}
}

// Apply folds a batch. It can be repeated after any error, and after a crash at
// any time: what was written is passed over. Returns fault.Unavailable if the
// database cannot be used, ErrTooLarge or ErrStale.
func (t *table) Apply(ctx context.Context, batch []es.Recorded) error {
	if err := t.hold(ctx); err != nil {
		return err
	}
	defer t.release()
	s := newStep()
	for i := range batch {
		r := &batch[i]
		// In each round: the table may become ready, and its position known.
		if r.Seq <= t.position.Load() || r.Seq <= s.last {
			continue
		}
		if err := t.look(ctx); err != nil {
			return err
		}
		if r.Seq <= t.position.Load() {
			continue
		}
		s.add(r, t.def.Keys(*r))
		if len(s.keys) >= maxTouched {
			if err := t.apply(ctx, s); err != nil {
				return err
			}
			s = newStep()
		}
	}
	return t.apply(ctx, s)
}

// apply reads, folds and writes what a step touches.
func (t *table) apply(ctx context.Context, s *step) error {
	if s.last == 0 {
		return nil
	}
	if err := t.load(ctx, s); err != nil {
		return err
	}
	t.fold(s)
	documents, err := t.models(s)
	if err != nil {
		return err
	}
	if len(documents) > 0 {
		if err := t.write(ctx, documents, s.last); err != nil {
			return err
		}
		t.saved, t.savedAt = s.last, time.Now()
	}
	t.position.Store(s.last)
	now := time.Now()
	if s.last-min(t.saved, s.last) >= saveEvents || now.Sub(t.savedAt) >= saveAfter || now.Before(t.eager) {
		return t.save(ctx)
	}
	return nil
}

// load reads the touched documents.
func (t *table) load(ctx context.Context, s *step) error {
	if len(s.keys) == 0 {
		return nil
	}
	found, err := t.find(ctx, t.place.Load().at, bson.D{{Key: keyField, Value: bson.D{{Key: "$in", Value: s.keys}}}},
		options.Find().SetProjection(content()).SetBatchSize(maxTouched))
	if err != nil {
		return err
	}
	for _, raw := range found {
		var d stored
		if err := bson.Unmarshal(raw, &d); err != nil {
			return err
		}
		st, err := t.decode(d)
		if err != nil {
			return err
		}
		s.states[d.Key] = &st
	}
	return nil
}

// fold changes the documents in memory. What another process has folded
// further is left alone.
func (t *table) fold(s *step) {
	for _, e := range s.events {
		for _, key := range e.keys {
			st := s.states[key]
			if e.event.Seq <= st.seq {
				continue
			}
			doc := t.def.New()
			if st.doc != nil {
				doc = t.def.Copy(st.doc)
			}
			switch keep := t.def.Fold(key, doc, *e.event); {
			case keep:
				st.doc = doc
			case st.doc != nil:
				st.doc = nil
			default:
				continue // there was none, and there is none
			}
			st.seq, st.dirty = e.event.Seq, true
		}
	}
}

// models are the writes of a step. A document that begins and ends within it
// leaves its position too: who lags may be about to write the beginning.
func (t *table) models(s *step) ([]*mongo.ReplaceOneModel, error) {
	var all []*mongo.ReplaceOneModel
	for _, key := range s.keys {
		st := s.states[key]
		if !st.dirty {
			continue
		}
		raw, err := t.encode(key, st)
		if err != nil {
			return nil, err
		}
		all = append(all, replace(key, st.seq, raw))
	}
	return all, nil
}

// replace writes a document unless the stored one is as new. If it is, the
// filter finds nothing, and the upsert collides with it.
func replace(key any, seq uint64, raw bson.Raw) *mongo.ReplaceOneModel {
	return mongo.NewReplaceOneModel().SetUpsert(true).SetReplacement(raw).
		SetFilter(bson.D{{Key: keyField, Value: key}, {Key: seqField, Value: bson.D{{Key: "$lt", Value: int64(seq)}}}})
}

func checkpoint(seq uint64) *mongo.ReplaceOneModel {
	raw, err := bson.Marshal(bson.D{{Key: keyField, Value: checkpointID}, {Key: seqField, Value: int64(seq)}})
	if err != nil {
		panic(err) // two numbers
	}
	return replace(checkpointID, seq, raw)
}

// save writes the checkpoint alone.
func (t *table) save(ctx context.Context) error {
	at := t.position.Load()
	if at > t.saved {
		if err := t.write(ctx, nil, at); err != nil {
			return err
		}
	}
	t.saved, t.savedAt = max(at, t.saved), time.Now()
	return nil
}

// write stores documents, and then the checkpoint, in one ordered bulk. That
// stops at the first that collides, which has one of two reasons: the stored
// document is newer, and all is well; or another process has inserted an older
// one in this very moment. So all that collide are written once more, without
// the upsert: documents are never removed, so now the filter decides.
func (t *table) write(ctx context.Context, documents []*mongo.ReplaceOneModel, seq uint64) error {
	all := append(slices.Clip(documents), checkpoint(seq))
	collided, err := t.bulk(ctx, true, all)
	if err != nil || len(collided) == 0 {
		return err
	}
	// Where one collides many do: the others meet the same process. In any
	// order, so that one round finds them all; the checkpoint waits for them.
	if rest := all[collided[0]+1:]; len(rest) > 1 {
		more, err := t.bulk(ctx, false, rest[:len(rest)-1])
		if err != nil {
			return err
		}
		for _, i := range more {
			collided = append(collided, collided[0]+1+i)
		}
	}
	var again []*mongo.ReplaceOneModel
	for _, i := range collided {
		again = append(again, all[i].SetUpsert(false))
	}
	if collided[0] < len(documents) {
		again = append(again, all[len(documents)])
	}
	collided, err = t.bulk(ctx, true, again)
	if err != nil || len(collided) == 0 {
		return err
	}
	// Only the checkpoint can collide here.
	_, err = t.bulk(ctx, true, []*mongo.ReplaceOneModel{again[collided[0]].SetUpsert(false)})
	return err
}

// bulk writes and returns which models have collided with a stored document.
func (t *table) bulk(ctx context.Context, ordered bool, models []*mongo.ReplaceOneModel) (collided []int, err error) {
	c := t.place.Load().at
	writes := make([]mongo.WriteModel, len(models))
	for i, m := range models {
		writes[i] = m
	}
	err = t.b.within(ctx, "write to "+c.Name(), func(ctx context.Context) error {
		_, err := c.BulkWrite(ctx, writes, options.BulkWrite().SetOrdered(ordered))
		failed, ok := errors.AsType[mongo.BulkWriteException](err)
		if !ok || failed.WriteConcernError != nil {
			return err
		}
		collided = nil
		for _, e := range failed.WriteErrors {
			if e.Code != duplicateKey {
				return err
			}
			collided = append(collided, e.Index)
		}
		return nil
	})
	return collided, err
}
