package backup

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
)

const (
	// magic begins every segment; then records follow, each behind its length
	// in 4 bytes.
	magic        = "kith-segment-v1\n"
	segmentBytes = 64 << 20 // a segment that has reached it is closed
	maxRecord    = 64 << 20
)

// segmentWriter writes a file of records under a passing name.
type segmentWriter struct {
	f        *os.File
	w        *bufio.Writer
	sum      hash.Hash
	from, to uint64
	records  uint64
	bytes    int64
	buf      []byte
}

func newSegment(dir string) (*segmentWriter, error) {
	f, err := os.CreateTemp(dir, "*"+partSuffix) // mode 0600
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	s := &segmentWriter{f: f, sum: sha256.New()}
	s.w = bufio.NewWriterSize(io.MultiWriter(f, s.sum), 256<<10)
	return s, s.write([]byte(magic))
}

func (s *segmentWriter) write(b []byte) error {
	s.bytes += int64(len(b))
	if _, err := s.w.Write(b); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

func (s *segmentWriter) add(r Record) error {
	if s.records == 0 {
		s.from = r.Seq
	}
	s.to = r.Seq
	s.records++
	s.buf = r.append(append(s.buf[:0], 0, 0, 0, 0))
	binary.BigEndian.PutUint32(s.buf, uint32(len(s.buf)-4))
	return s.write(s.buf)
}

// finish puts the segment on disk under the name that is made of its checksum.
func (s *segmentWriter) finish(name func(sum string) string) (File, error) {
	err := s.w.Flush()
	f := File{From: s.from, To: s.to, Records: s.records, Bytes: s.bytes, SHA256: hex.EncodeToString(s.sum.Sum(nil))}
	f.Name = name(f.SHA256)
	return f, place(s.f, filepath.Join(filepath.Dir(s.f.Name()), f.Name), err)
}

// grown is the name of a segment that is only added.
func (s *segmentWriter) grown(kind string) func(string) string {
	return func(string) string { return fmt.Sprintf("%s-%012d-%012d.seg", kind, s.from, s.to) }
}

func (s *segmentWriter) abort() {
	_ = s.f.Close()
	_ = os.Remove(s.f.Name()) // the next run's sweep does it too
}

// writeState writes a file whose name depends on its content, so that it never
// takes the place of one that the manifest still names.
func writeState(dir, name string, records []Record) (File, error) {
	s, err := newSegment(dir)
	if err != nil {
		return File{}, err
	}
	for _, r := range records {
		if err := s.add(r); err != nil {
			s.abort()
			return File{}, err
		}
	}
	return s.finish(func(sum string) string { return name + "-" + sum[:16] + ".seg" })
}

// readSegment calls each for every record of f, and returns ErrDamaged with
// the file's name unless it is what was written. Only with the return of nil
// it is known that the records were right.
func readSegment(dir string, f File, each func(Record) error) error {
	bad := func(what string) error { return fmt.Errorf("backup: %w: %s: %s", ErrDamaged, f.Name, what) }
	file, err := os.Open(filepath.Join(dir, f.Name))
	if errors.Is(err, os.ErrNotExist) {
		return bad("it is missing")
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer file.Close()
	sum := sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(file, sum), 256<<10)
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(in, head); err != nil || string(head) != magic {
		return bad("it is no segment")
	}
	var records, last uint64
	var size [4]byte
	var buf []byte
	for {
		if _, err := io.ReadFull(in, size[:]); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return bad("it is cut off")
		}
		n := binary.BigEndian.Uint32(size[:])
		if n > maxRecord {
			return bad(fmt.Sprintf("a record after %d is too long", last))
		}
		if uint32(cap(buf)) < n {
			buf = make([]byte, n)
		}
		if _, err := io.ReadFull(in, buf[:n]); err != nil {
			return bad("it is cut off")
		}
		r, err := parseRecord(buf[:n])
		if err != nil {
			return bad(fmt.Sprintf("%v after %d", err, last))
		}
		records, last = records+1, r.Seq
		if err := each(r); err != nil {
			return err
		}
	}
	if hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return bad("its checksum is not the manifest's")
	}
	if records != f.Records {
		return bad(fmt.Sprintf("it holds %d records, not %d", records, f.Records))
	}
	return nil
}
