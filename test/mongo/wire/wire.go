// Package wire takes messages of MongoDB's wire protocol apart, for what stands
// between a client and a server.
package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"

	"go.mongodb.org/mongo-driver/bson"
)

// Message is one of the wire protocol's, with its header.
type Message []byte

const (
	opMsg      = 2013
	headerSize = 16
)

// Receive reads one.
func Receive(c net.Conn) (Message, error) {
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(c, header); err != nil {
		return nil, err
	}
	m := make(Message, binary.LittleEndian.Uint32(header))
	copy(m, header)
	_, err := io.ReadFull(c, m[headerSize:])
	return m, err
}

// Ask sends m to a server and reads its answer.
func Ask(server net.Conn, m Message) ([]byte, error) {
	if _, err := server.Write(m); err != nil {
		return nil, err
	}
	return Receive(server)
}

// Document is the body of an answer.
func (m Message) Document() bson.Raw { return bson.Raw(m[headerSize+5:]) }

// Bulk takes an update command apart.
func (m Message) Bulk() (body bson.Raw, updates []bson.Raw, ok bool) {
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

// With is the command with one of its statements.
func (m Message) With(body, update bson.Raw) Message {
	out := append(Message{}, m[:headerSize]...)
	out = append(append(append(out, 0, 0, 0, 0, 0), body...), 1)
	out = binary.LittleEndian.AppendUint32(out, uint32(4+len("updates")+1+len(update)))
	out = append(append(out, "updates\x00"...), update...)
	binary.LittleEndian.PutUint32(out, uint32(len(out)))
	return out
}

// Reply answers m.
func (m Message) Reply(body any) (Message, error) {
	out, err := m.Request(body)
	if err == nil {
		copy(out[8:], m[4:8])
	}
	return out, err
}

// Request is another one in the place of m.
func (m Message) Request(body any) (Message, error) {
	raw, err := bson.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("write a message: %w", err)
	}
	out := make(Message, headerSize+5, headerSize+5+len(raw))
	copy(out[4:], m[4:8])
	binary.LittleEndian.PutUint32(out[12:], opMsg)
	out = append(out, raw...)
	binary.LittleEndian.PutUint32(out, uint32(len(out)))
	return out, nil
}

// Command is the name of the command that m is; "" if it is none.
func (m Message) Command() string {
	if binary.LittleEndian.Uint32(m[12:]) != opMsg || m[headerSize+4] != 0 {
		return ""
	}
	first, err := m.Document().IndexErr(0)
	if err != nil {
		return ""
	}
	return first.Key()
}

// WithoutValidator is m without the rules for documents that a command which
// makes a collection may have: FerretDB refuses them.
func (m Message) WithoutValidator() (Message, error) {
	if m.Command() != "create" {
		return m, nil
	}
	var command bson.D
	if err := bson.Unmarshal(m.Document(), &command); err != nil {
		return nil, fmt.Errorf("read a command: %w", err)
	}
	return m.Request(slices.DeleteFunc(command, func(e bson.E) bool { return e.Key == "validator" }))
}
