package vault

import (
	"bytes"
	"context"
	"errors"
	"sync"
)

// MemoryKeys are keys that end with the process, for tests and simulations.
type MemoryKeys struct {
	mu      sync.Mutex
	records map[ID]Record
	log     []change      // in order, for followers; erased keys are blanked
	grown   chan struct{} // closed and replaced whenever log grows
}

type change struct {
	id  ID
	rec Record
}

// NewMemoryKeys returns an empty store.
func NewMemoryKeys() *MemoryKeys {
	return &MemoryKeys{records: map[ID]Record{}, grown: make(chan struct{})}
}

// Create implements Keys.
func (k *MemoryKeys) Create(_ context.Context, id ID, wrapped []byte) (Record, error) {
	if err := id.valid(); err != nil {
		return Record{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if rec, ok := k.records[id]; ok {
		return rec, nil
	}
	rec := Record{Wrapped: bytes.Clone(wrapped)}
	k.put(id, rec)
	return rec, nil
}

// Get implements Keys.
func (k *MemoryKeys) Get(_ context.Context, id ID) (Record, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if rec, ok := k.records[id]; ok {
		return rec, nil
	}
	return Record{}, ErrNoKey
}

// Erase implements Keys.
func (k *MemoryKeys) Erase(_ context.Context, id ID, erasure string) error {
	if err := erasable(id, erasure); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.records[id].Erasure != "" {
		return nil
	}
	for i := range k.log {
		if k.log[i].id == id {
			k.log[i].rec = Record{}
		}
	}
	k.put(id, Record{Erasure: erasure})
	return nil
}

// Follow implements Keys.
func (k *MemoryKeys) Follow(ctx context.Context, apply func(ID, Record) error, caughtUp func()) error {
	at, told := 0, false
	for {
		k.mu.Lock()
		news, grown := append([]change(nil), k.log[at:]...), k.grown
		k.mu.Unlock()
		at += len(news)
		for _, c := range news {
			if c.rec.Wrapped == nil && c.rec.Erasure == "" {
				continue // its marker follows
			}
			if err := apply(c.id, c.rec); err != nil {
				return err
			}
		}
		if !told {
			caughtUp()
			told = true
		}
		select {
		case <-ctx.Done():
			return nil
		case <-grown:
		}
	}
}

// put stores rec and wakes the followers; k.mu is held.
func (k *MemoryKeys) put(id ID, rec Record) {
	k.records[id] = rec
	k.log = append(k.log, change{id, rec})
	close(k.grown)
	k.grown = make(chan struct{})
}

func erasable(id ID, erasure string) error {
	if erasure == "" {
		return errors.New("vault: an erasure needs the id of the event that ordered it")
	}
	return id.valid()
}
