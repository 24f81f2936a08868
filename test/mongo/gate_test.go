package mongo_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// gate stands between a client and the server. It can fail as networks do, and
// it takes bulk writes apart, for two reasons: a test can stop one between any
// two of its statements; and FerretDB does not do what MongoDB documents. There
// an error of one statement names its place, an unordered bulk goes on behind
// it, and a statement finds and changes its document in one step.
type gate struct {
	listener net.Listener
	upstream string

	mu    sync.Mutex
	conns map[net.Conn]bool
	down  bool
	delay time.Duration
	large bool // the collection will be; see write
	watch func(statement) verdict
	wg    sync.WaitGroup
}

// statement is one of an update command's.
type statement struct {
	Collection string   `bson:"-"`
	Q          bson.Raw `bson:"q"`
	U          bson.Raw `bson:"u"`
	Upsert     bool     `bson:"upsert"`
}

type verdict int

const (
	pass      verdict = iota
	cutBefore         // the connection breaks, and the statement is not done
	cutAfter          // it is done, and the connection breaks before the answer
	collide           // as if another client inserted the document in this moment
)

func newGate(t *testing.T) *gate {
	t.Helper()
	u, err := url.Parse(there.uri)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{listener: l, upstream: u.Host, conns: map[net.Conn]bool{}}
	g.wg.Go(g.serve)
	t.Cleanup(func() {
		l.Close()
		g.set(func() { g.down = true })
		g.wg.Wait()
	})
	return g
}

// set changes how the gate behaves. One that is down breaks all connections.
func (g *gate) set(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f()
	if g.down {
		for c := range g.conns {
			c.Close()
		}
	}
}

func (g *gate) serve() {
	for {
		c, err := g.listener.Accept()
		if err != nil {
			return
		}
		g.mu.Lock()
		if g.down {
			c.Close()
		} else {
			g.conns[c] = true
			g.wg.Go(func() { g.pipe(c) })
		}
		g.mu.Unlock()
	}
}

func (g *gate) pipe(client net.Conn) {
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.conns, client)
		client.Close()
	}()
	server, err := net.Dial("tcp", g.upstream)
	if err != nil {
		return
	}
	defer server.Close()
	for {
		m, err := receive(client)
		if err != nil {
			return
		}
		g.mu.Lock()
		delay := g.delay
		g.mu.Unlock()
		time.Sleep(delay)
		answer, err := g.answer(server, m)
		if err != nil {
			return
		}
		if _, err := client.Write(answer); err != nil {
			return
		}
	}
}

func (g *gate) answer(server net.Conn, m message) ([]byte, error) {
	if body, updates, ok := m.bulk(); ok {
		return g.bulk(server, m, body, updates)
	}
	return ask(server, m)
}

// bulk does one statement after another.
func (g *gate) bulk(server net.Conn, m message, body bson.Raw, updates []bson.Raw) ([]byte, error) {
	var total struct {
		N         int32    `bson:"n"`
		NModified int32    `bson:"nModified"`
		Upserted  []bson.M `bson:"upserted,omitempty"`
		Errors    []bson.M `bson:"writeErrors,omitempty"`
		OK        float64  `bson:"ok"`
	}
	total.OK = 1
	ordered, given := body.Lookup("ordered").BooleanOK()
	for i, u := range updates {
		s := statement{Collection: body.Lookup("update").StringValue()}
		if err := bson.Unmarshal(u, &s); err != nil {
			return nil, err
		}
		v := g.judge(s)
		if v == cutBefore {
			return nil, io.ErrUnexpectedEOF
		}
		one := total
		one.Upserted, one.Errors = nil, nil
		if v == collide {
			one.N, one.Errors = 0, []bson.M{{"code": int32(11000), "errmsg": "E11000 duplicate key error"}}
		} else {
			answer, err := g.write(server, m, body, s, u)
			if err != nil {
				return nil, err
			}
			one.N, one.NModified, one.OK = 0, 0, 0
			if err := bson.Unmarshal(message(answer).document(), &one); err != nil {
				return nil, err
			}
			if one.OK != 1 {
				return answer, nil
			}
		}
		if v == cutAfter {
			return nil, io.ErrUnexpectedEOF
		}
		for _, e := range append(one.Upserted, one.Errors...) {
			e["index"] = int32(i)
		}
		total.Upserted, total.Errors = append(total.Upserted, one.Upserted...), append(total.Errors, one.Errors...)
		if len(one.Errors) == 0 {
			total.N, total.NModified = total.N+one.N, total.NModified+one.NModified
		} else if ordered || !given {
			break
		}
	}
	return m.reply(total)
}

// write does one statement. FerretDB scans the collection for every filter but
// one on the key alone, so in a large one it is asked for that first: where
// there is no such document the rest of the filter says nothing.
func (g *gate) write(server net.Conn, m message, body bson.Raw, s statement, u bson.Raw) ([]byte, error) {
	if !there.ferret {
		return ask(server, m.with(body, u))
	}
	there.writes.Lock()
	defer there.writes.Unlock()
	if !g.large {
		return ask(server, m.with(body, u))
	}
	key := bson.D{{Key: "_id", Value: s.Q.Lookup("_id")}}
	find, err := m.request(bson.D{{Key: "find", Value: s.Collection}, {Key: "filter", Value: key}, {Key: "$db", Value: body.Lookup("$db")}})
	if err != nil {
		return nil, err
	}
	answer, err := ask(server, find)
	if err != nil {
		return nil, err
	}
	var found struct {
		Cursor struct {
			FirstBatch []bson.Raw `bson:"firstBatch"`
		} `bson:"cursor"`
	}
	if err := bson.Unmarshal(message(answer).document(), &found); err != nil {
		return nil, err
	}
	if len(found.Cursor.FirstBatch) == 0 {
		if u, err = bson.Marshal(bson.D{{Key: "q", Value: key}, {Key: "u", Value: s.U}, {Key: "upsert", Value: s.Upsert}}); err != nil {
			return nil, err
		}
	}
	return ask(server, m.with(body, u))
}

func (g *gate) judge(s statement) verdict {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.watch == nil {
		return pass
	}
	return g.watch(s)
}

// message is one of the wire protocol's, with its header.
type message []byte

const (
	opMsg      = 2013
	headerSize = 16
)

func receive(c net.Conn) (message, error) {
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(c, header); err != nil {
		return nil, err
	}
	m := make(message, binary.LittleEndian.Uint32(header))
	copy(m, header)
	_, err := io.ReadFull(c, m[headerSize:])
	return m, err
}

func ask(server net.Conn, m message) ([]byte, error) {
	if _, err := server.Write(m); err != nil {
		return nil, err
	}
	return receive(server)
}

// document is the body of an answer.
func (m message) document() bson.Raw { return bson.Raw(m[headerSize+5:]) }

// bulk takes an update command apart.
func (m message) bulk() (body bson.Raw, updates []bson.Raw, ok bool) {
	if binary.LittleEndian.Uint32(m[12:]) != opMsg {
		return nil, nil, false
	}
	for rest := m[headerSize+4:]; len(rest) > 5; {
		size := binary.LittleEndian.Uint32(rest[1:])
		section := rest[1 : 1+size]
		if rest[0] == 0 {
			body = bson.Raw(section)
		} else if name, docs, found := bytes.Cut(section[4:], []byte{0}); found && string(name) == "updates" {
			for len(docs) > 0 {
				n := binary.LittleEndian.Uint32(docs)
				updates, docs = append(updates, bson.Raw(docs[:n])), docs[n:]
			}
		}
		rest = rest[1+size:]
	}
	return body, updates, len(updates) > 0
}

// with is the command with one of its statements.
func (m message) with(body, update bson.Raw) message {
	out := append(message{}, m[:headerSize]...)
	out = append(append(append(out, 0, 0, 0, 0, 0), body...), 1)
	out = binary.LittleEndian.AppendUint32(out, uint32(4+len("updates")+1+len(update)))
	out = append(append(out, "updates\x00"...), update...)
	binary.LittleEndian.PutUint32(out, uint32(len(out)))
	return out
}

// reply answers m.
func (m message) reply(body any) (message, error) {
	out, err := m.request(body)
	if err == nil {
		copy(out[8:], m[4:8])
	}
	return out, err
}

// request is another one in the place of m.
func (m message) request(body any) (message, error) {
	raw, err := bson.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("write a message: %w", err)
	}
	out := make(message, headerSize+5, headerSize+5+len(raw))
	copy(out[4:], m[4:8])
	binary.LittleEndian.PutUint32(out[12:], opMsg)
	out = append(out, raw...)
	binary.LittleEndian.PutUint32(out, uint32(len(out)))
	return out, nil
}
