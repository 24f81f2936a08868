package es

import (
	"encoding/binary"
	"slices"
)

// Append appends the encoding of what is stored on subject to b, of which hashes
// and backups are made. Integers are big-endian:
//
//	4 bytes  length of the subject, then the subject
//	4 bytes  number of header values
//	         for each, by name (bytewise), values of one name in stored order:
//	4 bytes  length of the name, then the name as stored
//	4 bytes  length of the value, then the value
//	4 bytes  length of the data, then the data as stored
//
// Every part has its length, so that no two events have the same encoding.
func (st Stored) Append(b []byte, subject string) []byte {
	b = appendSized(b, subject)
	var room [32]string
	names, values := room[:0], 0
	for name, v := range st.Header {
		names = append(names, name)
		values += len(v)
	}
	slices.Sort(names)
	b = binary.BigEndian.AppendUint32(b, uint32(values))
	for _, name := range names {
		for _, value := range st.Header[name] {
			b = appendSized(appendSized(b, name), value)
		}
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(st.Data)))
	return append(b, st.Data...)
}

func appendSized(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}
