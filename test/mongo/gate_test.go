package mongo_test

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"kith/test/mongo/wire"
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
	large bool   // the collection will be; see write
	deny  string // a command that the user may not give
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
		m, err := wire.Receive(client)
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

func (g *gate) answer(server net.Conn, m wire.Message) ([]byte, error) {
	if body, updates, ok := m.Bulk(); ok {
		return g.bulk(server, m, body, updates)
	}
	g.mu.Lock()
	deny := g.deny
	g.mu.Unlock()
	if deny != "" && m.Command() == deny {
		return m.Reply(bson.M{"ok": 0.0, "code": int32(13), "codeName": "Unauthorized", "errmsg": "not authorized to execute " + deny})
	}
	if there.ferret {
		var err error
		if m, err = m.WithoutValidator(); err != nil {
			return nil, err
		}
	}
	return wire.Ask(server, m)
}

// bulk does one statement after another.
func (g *gate) bulk(server net.Conn, m wire.Message, body bson.Raw, updates []bson.Raw) ([]byte, error) {
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
		} else if !valid(s) {
			one.N, one.Errors = 0, []bson.M{{"code": int32(121), "errmsg": "Document failed validation"}}
		} else {
			answer, err := g.write(server, m, body, s, u)
			if err != nil {
				return nil, err
			}
			one.N, one.NModified, one.OK = 0, 0, 0
			if err := bson.Unmarshal(wire.Message(answer).Document(), &one); err != nil {
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
	return m.Reply(total)
}

// write does one statement. FerretDB scans the collection for every filter but
// one on the key alone, so in a large one it is asked for that first: where
// there is no such document the rest of the filter says nothing.
func (g *gate) write(server net.Conn, m wire.Message, body bson.Raw, s statement, u bson.Raw) ([]byte, error) {
	if !there.ferret {
		return wire.Ask(server, m.With(body, u))
	}
	there.writes.Lock()
	defer there.writes.Unlock()
	if !g.large {
		return wire.Ask(server, m.With(body, u))
	}
	key := bson.D{{Key: "_id", Value: s.Q.Lookup("_id")}}
	find, err := m.Request(bson.D{{Key: "find", Value: s.Collection}, {Key: "filter", Value: key}, {Key: "$db", Value: body.Lookup("$db")}})
	if err != nil {
		return nil, err
	}
	answer, err := wire.Ask(server, find)
	if err != nil {
		return nil, err
	}
	var found struct {
		Cursor struct {
			FirstBatch []bson.Raw `bson:"firstBatch"`
		} `bson:"cursor"`
	}
	if err := bson.Unmarshal(wire.Message(answer).Document(), &found); err != nil {
		return nil, err
	}
	if len(found.Cursor.FirstBatch) == 0 {
		if u, err = bson.Marshal(bson.D{{Key: "q", Value: key}, {Key: "u", Value: s.U}, {Key: "upsert", Value: s.Upsert}}); err != nil {
			return nil, err
		}
	}
	return wire.Ask(server, m.With(body, u))
}

func (g *gate) judge(s statement) verdict {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.watch == nil {
		return pass
	}
	return g.watch(s)
}
