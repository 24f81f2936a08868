// Package sessions keeps who is signed in at the portal, so that any number of
// its processes serve one person and a session ends in all of them at once.
//
// The bucket "sessions" has the form of a NATS key-value bucket: one message a
// session on $KV.sessions.<key>. It is spoken to as a stream, because the
// client's bucket sets no lifetime when it overwrites a value, and watches with
// a consumer that pushes, which cannot cross the border of a service's account
// (docs/adr/0014).
//
// A session has an id that only its browser knows. The key is the id's hash,
// and what the session holds is encrypted with a key made of the deployment's
// secret and the id: neither the bucket nor the secret opens it alone.
package sessions

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"kith/pkg/fault"
)

// Stream is the name of the bucket's stream, and Subjects what it stores.
const (
	Stream   = "KV_sessions"
	Subjects = prefix + "*"
	prefix   = "$KV.sessions."
)

// Limits of a session.
const (
	// MaxLife is the longest that the bucket keeps anything.
	MaxLife = 7 * 24 * time.Hour
	// MaxValue is the size in bytes of what a session can hold.
	MaxValue = 128 << 10
	// endedFor is how long an end is remembered, for whoever has not seen it.
	endedFor = 10 * time.Minute
)

// Provision creates the bucket, or brings its settings up to date. Replicas is
// 1, 3 or 5. A value is read from the stream's leader: a copy that lags would
// not know a session that was begun a moment ago.
func Provision(ctx context.Context, js jetstream.JetStream, replicas int) error {
	_, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: Stream, Subjects: []string{Subjects},
		Description: "Sessions of the portal; no part of a backup",
		Storage:     jetstream.FileStorage, Replicas: replicas, Compression: jetstream.NoCompression,
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxMsgsPerSubject: 1, MaxAge: MaxLife, MaxMsgSize: MaxValue + 1<<10, MaxMsgs: -1, MaxBytes: -1,
		AllowRollup: true, DenyDelete: true, AllowDirect: false,
		AllowMsgTTL: true, SubjectDeleteMarkerTTL: endedFor,
	})
	if err != nil {
		return fmt.Errorf("sessions: provision stream %s: %w", Stream, err)
	}
	return nil
}

// Errors of sessions.
var (
	// ErrNone: there is no such session, or it has ended.
	ErrNone = errors.New("sessions: there is no such session")
	// ErrChanged: somebody else has changed the session since it was read.
	ErrChanged = errors.New("sessions: the session was changed meanwhile")
)

// Session is one, as it was read or written.
type Session struct {
	Key    string // what the session is called where it must not be usable
	Person string
	Began  time.Time
	Value  []byte // what its holder keeps in it

	id       string
	revision uint64
}

// Store is the bucket. It is safe for concurrent use.
type Store struct {
	js     jetstream.JetStream
	secret []byte
	random io.Reader
	index  index

	mu     sync.Mutex
	stream jetstream.Stream // found at first use
}

// New returns the bucket that Provision made. secret is the deployment's for
// this purpose. It does not talk to the server yet.
func New(js jetstream.JetStream, secret []byte, random io.Reader) *Store {
	return &Store{js: js, secret: secret, random: random, index: newIndex()}
}

const idBytes = 32

// ValidID reports whether id has the form of a session's.
func ValidID(id string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(id)
	return err == nil && len(b) == idBytes
}

// keyOf is the hash under which a session is kept.
func keyOf(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// Create begins a session of a person with a new id, for life unless it is
// written again. began is now.
func (s *Store) Create(ctx context.Context, person string, began time.Time, value []byte, life time.Duration) (Session, string, error) {
	raw := make([]byte, idBytes)
	if _, err := io.ReadFull(s.random, raw); err != nil {
		return Session{}, "", fmt.Errorf("sessions: read randomness: %w", err)
	}
	id := base64.RawURLEncoding.EncodeToString(raw)
	n := Session{Key: keyOf(id), Person: person, Began: began, Value: value, id: id}
	n, err := s.put(ctx, n, life)
	return n, id, err
}

// Get returns the session with this id. Returns ErrNone, or Unavailable if the
// bucket cannot be reached.
func (s *Store) Get(ctx context.Context, id string) (Session, error) {
	if !ValidID(id) {
		return Session{}, ErrNone
	}
	st, err := s.bucket(ctx)
	if err != nil {
		return Session{}, err
	}
	n := Session{Key: keyOf(id), id: id}
	m, err := st.GetLastMsgForSubject(ctx, prefix+n.Key)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return Session{}, ErrNone
	case err != nil:
		return Session{}, unavailable(err)
	case ended(m.Header):
		return Session{}, ErrNone
	}
	n.Person, n.Began = entryOf(m.Header)
	n.revision = m.Sequence
	if n.Value, err = s.open(n, m.Data); err != nil {
		return Session{}, err
	}
	return n, nil
}

// bucket finds the stream once.
func (s *Store) bucket(ctx context.Context) (jetstream.Stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stream == nil {
		st, err := s.js.Stream(ctx, Stream)
		if err != nil {
			return nil, unavailable(err)
		}
		s.stream = st
	}
	return s.stream, nil
}

// Update writes what n holds now, and returns it as it is then. life counts
// from now. Returns ErrChanged if n is not the newest, or has ended.
func (s *Store) Update(ctx context.Context, n Session, life time.Duration) (Session, error) {
	return s.put(ctx, n, life)
}

// Headers beside those of NATS.
const (
	headerPerson = "Kith-Person"
	headerBegan  = "Kith-Began" // Unix milliseconds
)

func (s *Store) put(ctx context.Context, n Session, life time.Duration) (Session, error) {
	if len(n.Value) > MaxValue {
		return n, fmt.Errorf("sessions: %d bytes are more than a session can hold", len(n.Value))
	}
	data, err := s.seal(n)
	if err != nil {
		return n, err
	}
	m := nats.NewMsg(prefix + n.Key)
	m.Data = data
	m.Header.Set(headerPerson, n.Person)
	m.Header.Set(headerBegan, strconv.FormatInt(n.Began.UnixMilli(), 10))
	ack, err := s.js.PublishMsg(ctx, m, jetstream.WithExpectStream(Stream), jetstream.WithExpectLastSequencePerSubject(n.revision),
		jetstream.WithMsgTTL(max(life.Truncate(time.Second), time.Second)))
	if conflict(err) {
		return n, ErrChanged
	}
	if err != nil {
		return n, unavailable(err)
	}
	n.revision = ack.Sequence
	return n, nil
}

// End ends a session; it may have ended already.
func (s *Store) End(ctx context.Context, key string) error {
	_, err := s.end(ctx, key)
	return err
}

// end returns the position of the end in the stream.
func (s *Store) end(ctx context.Context, key string) (uint64, error) {
	m := nats.NewMsg(prefix + key)
	m.Header.Set("KV-Operation", "PURGE")
	m.Header.Set("Nats-Rollup", "sub")
	ack, err := s.js.PublishMsg(ctx, m, jetstream.WithExpectStream(Stream), jetstream.WithMsgTTL(endedFor))
	if err != nil {
		return 0, unavailable(err)
	}
	return ack.Sequence, nil
}

// ended reports whether a message says that its session has ended: somebody
// did so, or its life was over.
func ended(h nats.Header) bool {
	return h.Get("KV-Operation") != "" || h.Get("Nats-Marker-Reason") != ""
}

func entryOf(h nats.Header) (person string, began time.Time) {
	ms, err := strconv.ParseInt(h.Get(headerBegan), 10, 64)
	if err != nil {
		return h.Get(headerPerson), time.Time{} // as if it had begun long ago
	}
	return h.Get(headerPerson), time.UnixMilli(ms).UTC()
}

// conflict reports whether the server refused a write because of the revision.
func conflict(err error) bool {
	const one, many = 10071, 10164 // by the number of replicas
	e, ok := errors.AsType[*jetstream.APIError](err)
	return ok && (e.ErrorCode == one || e.ErrorCode == many)
}

func unavailable(err error) error {
	if errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, jetstream.ErrNoStreamResponse) {
		err = fmt.Errorf("%w: run kith provision, which makes it", err)
	}
	return &fault.Error{Code: fault.Unavailable, Detail: "It cannot be told at the moment who is signed in. Try again shortly.", Err: fmt.Errorf("sessions: %w", err)}
}

// cipher of one session.
func (s *Store) cipher(id string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, s.secret, []byte(id), "kith/session/v1", 32)
	if err != nil {
		return nil, fmt.Errorf("sessions: derive: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("sessions: cipher: %w", err)
	}
	return cipher.NewGCM(block)
}

// bound is what a value is tied to.
func (n Session) bound() []byte {
	return []byte(n.Key + "\x00" + n.Person + "\x00" + strconv.FormatInt(n.Began.UnixMilli(), 10))
}

func (s *Store) seal(n Session) ([]byte, error) {
	c, err := s.cipher(n.id)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, c.NonceSize())
	if _, err := io.ReadFull(s.random, nonce); err != nil {
		return nil, fmt.Errorf("sessions: read randomness: %w", err)
	}
	return c.Seal(nonce, nonce, n.Value, n.bound()), nil
}

func (s *Store) open(n Session, data []byte) ([]byte, error) {
	c, err := s.cipher(n.id)
	if err != nil {
		return nil, err
	}
	if len(data) < c.NonceSize() {
		return nil, ErrNone
	}
	value, err := c.Open(nil, data[:c.NonceSize()], data[c.NonceSize():], n.bound())
	if err != nil {
		return nil, ErrNone // of another deployment, or changed: nobody's
	}
	return value, nil
}
