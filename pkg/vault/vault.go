// Package vault keeps the keys that seal personal texts, seals and opens with
// them, and makes people forgettable by destroying them.
//
// Every person has two data keys (AES-256-GCM), one for who they are and one
// for what they wrote. A master key from a file wraps them. Erasing a person
// overwrites their keys; the log with its ciphertexts stays as it is.
package vault

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"sync"

	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// Vault seals and opens. It keeps every unwrapped key it has met in memory,
// ready for use (about 1 KB each), until the key is shredded, here or elsewhere.
// It is safe for concurrent use.
type Vault struct {
	master *Master
	keys   Keys

	source sync.Mutex // a seeded source of randomness is not safe by itself
	random io.Reader

	mu    sync.RWMutex
	known map[ID]state

	ready chan struct{}
	once  sync.Once
}

// state is what a vault knows of a key. Erased is final.
type state struct {
	key    cipher.AEAD // nil once it is erased
	erased bool
}

// New returns a vault on keys. Random gives data keys and nonces: crypto/rand's
// Reader, or a seeded source in a simulation whose data nobody needs to protect.
func New(master *Master, keys Keys, random io.Reader) *Vault {
	return &Vault{master: master, keys: keys, random: random, known: map[ID]state{}, ready: make(chan struct{})}
}

// Run loads all keys, closes Ready, and keeps following, so that a key
// shredded by another process is dropped here too. It returns nil when ctx
// ends, and an error if keys cannot be followed or belong to another master.
func (v *Vault) Run(ctx context.Context) error {
	learn := func(id ID, rec Record) error {
		err := v.learn(id, rec)
		if errors.Is(err, ErrTampered) {
			return nil // one damaged key is met where it is needed
		}
		return err
	}
	return v.keys.Follow(ctx, learn, func() { v.once.Do(func() { close(v.ready) }) })
}

// Ready is closed when Run has loaded all keys. Before that a vault works too,
// but asks the store once for every key.
func (v *Vault) Ready() <-chan struct{} { return v.ready }

// Create makes the keys of person; those that exist are left alone, so it may
// be repeated and raced. Returns ErrErased for an erased person: an id is
// never used again.
//
// It MUST NOT be called for a person whose erasure is under way: between the
// end of a key and its marker a new key would be made, for the erasure to
// destroy.
func (v *Vault) Create(ctx context.Context, person string) error {
	for _, class := range classes {
		id := ID{person, class}
		v.mu.RLock()
		s, ok := v.known[id]
		v.mu.RUnlock()
		if !ok {
			var err error
			if s, err = v.create(ctx, id); err != nil {
				return err
			}
		}
		if s.erased {
			return erased(id)
		}
	}
	return nil
}

func (v *Vault) create(ctx context.Context, id ID) (state, error) {
	if err := id.valid(); err != nil {
		return state{}, err
	}
	var key [keyBytes]byte
	nonce := make([]byte, nonceBytes)
	if err := v.read(key[:], nonce); err != nil {
		return state{}, err
	}
	rec, err := v.keys.Create(ctx, id, v.master.wrapKey(id, key, nonce))
	if err != nil {
		return state{}, err
	}
	return v.remember(id, rec)
}

// Seal returns e with its plain texts sealed for the event that will have the
// id eventID. It implements es.Sealer; on error it returns e as it came.
//
// Texts sealed for this very place stay. One that was sealed for another event
// is refused: taken over, it would show its author's words where they did not
// write them. Returns ErrErased or ErrNoKey where the person's key is gone.
func (v *Vault) Seal(ctx context.Context, eventID string, e es.Event) (es.Event, error) {
	out, err := sealed.Map(e, func(path string, t sealed.Text) (sealed.Text, error) {
		person, class, plain, ok := t.Plain()
		if !ok {
			return t, inPlace(t, eventID, path)
		}
		id := ID{person, class}
		key, err := v.key(ctx, id)
		if err != nil {
			return t, fmt.Errorf("vault: seal %s: %w", path, err)
		}
		nonce := make([]byte, nonceBytes, nonceBytes+len(plain)+16)
		if err := v.read(nonce); err != nil {
			return t, err
		}
		return sealText(key, id, eventID, path, nonce, plain)
	})
	if err != nil {
		return e, err
	}
	return out.(es.Event), nil
}

func inPlace(t sealed.Text, event, path string) error {
	b, err := t.Box()
	if err != nil {
		return fmt.Errorf("vault: seal %s: %w", path, err)
	}
	if b.Event != event || b.Field != path {
		return fmt.Errorf("vault: seal %s: the text was sealed for another place: %w", path, ErrTampered)
	}
	return nil
}

// Open returns the text. An absent text is "". Returns ErrErased, ErrNoKey
// (worth a retry), ErrTampered, or sealed.ErrUnsealed for a plain text.
func (v *Vault) Open(ctx context.Context, t sealed.Text) (string, error) {
	if t.IsZero() {
		return "", nil
	}
	b, err := t.Box()
	if errors.Is(err, sealed.ErrUnsealed) {
		return "", err
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrTampered, err)
	}
	id := ID{b.Person, b.Class}
	if err := id.valid(); err != nil {
		return "", tampered(b, err)
	}
	key, err := v.key(ctx, id)
	if err != nil {
		return "", err
	}
	return openText(key, b)
}

// Reveal is Open for views: ok is false, without an error, where there is no
// text or its key was erased. Every other failure is an error.
func (v *Vault) Reveal(ctx context.Context, t sealed.Text) (text string, ok bool, err error) {
	text, err = v.Open(ctx, t)
	switch {
	case errors.Is(err, ErrErased):
		return "", false, nil
	case err != nil:
		return "", false, err
	}
	return text, !t.IsZero(), nil
}

// Erased reports whether the key of a text is known to have been destroyed, without
// opening the text: false also where that cannot be told at the moment.
func (v *Vault) Erased(ctx context.Context, t sealed.Text) bool {
	b, err := t.Box()
	if err != nil {
		return false
	}
	_, err = v.key(ctx, ID{b.Person, b.Class})
	return errors.Is(err, ErrErased)
}

// Shred destroys person's key of class for good and records the id of the
// erasure's event in its place. It may be repeated and completes a shred that
// was interrupted. When it returns nil, no file of the store holds the key.
func (v *Vault) Shred(ctx context.Context, person string, class sealed.Class, erasure string) error {
	id := ID{person, class}
	if err := v.keys.Erase(ctx, id, erasure); err != nil {
		return fmt.Errorf("vault: shred %s: %w", id, err)
	}
	return v.learn(id, Record{Erasure: erasure})
}

// key returns the data key of id, from memory or from the store.
func (v *Vault) key(ctx context.Context, id ID) (cipher.AEAD, error) {
	v.mu.RLock()
	s, ok := v.known[id]
	v.mu.RUnlock()
	if !ok {
		rec, err := v.keys.Get(ctx, id)
		if errors.Is(err, ErrNoKey) {
			return nil, &fault.Error{
				Code: fault.Unavailable, Detail: "A key that is needed to read or write this is missing. Try again shortly.",
				Err: fmt.Errorf("%w: %s", ErrNoKey, id),
			}
		}
		if err != nil {
			return nil, err
		}
		if s, err = v.remember(id, rec); err != nil {
			return nil, err
		}
	}
	if s.erased {
		return nil, erased(id)
	}
	return s.key, nil
}

func erased(id ID) error {
	return &fault.Error{
		Code: fault.Conflict, Detail: "The person has been erased, and with them the key to this text.",
		Err: fmt.Errorf("%w: %s", ErrErased, id),
	}
}

func (v *Vault) learn(id ID, rec Record) error {
	_, err := v.remember(id, rec)
	return err
}

// remember takes in a record and returns what is known then. An erasure is
// final: a slow read must not bring back a key that the follower has dropped.
func (v *Vault) remember(id ID, rec Record) (state, error) {
	next := state{erased: rec.Erasure != ""}
	if !next.erased {
		key, err := v.master.unwrapKey(id, rec.Wrapped)
		if err != nil {
			return state{}, err
		}
		if next.key, err = aead(key); err != nil {
			return state{}, err
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if s := v.known[id]; s.erased {
		return s, nil
	}
	v.known[id] = next
	return next, nil
}

func (v *Vault) read(into ...[]byte) error {
	v.source.Lock()
	defer v.source.Unlock()
	for _, b := range into {
		if _, err := io.ReadFull(v.random, b); err != nil {
			return fmt.Errorf("vault: read randomness: %w", err)
		}
	}
	return nil
}
