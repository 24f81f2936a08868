package merkle

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"
)

// ExportFormat is the value of Head.Format.
const ExportFormat = "kith-export-v1"

// Head is the first line of an export.
type Head struct {
	Format     string            `json:"format"`
	Origin     string            `json:"origin"`
	Key        string            `json:"key"` // verifier key; who verifies MUST know it from elsewhere
	Checkpoint string            `json:"checkpoint"`
	From       uint64            `json:"from"`
	To         uint64            `json:"to"`
	Filter     map[string]string `json:"filter,omitempty"` // by name of the query's parameter
}

// Whole reports whether the export holds every event of its checkpoint, so
// that the events prove themselves. Any other export has a proof with each.
func (h Head) Whole(c Checkpoint) bool {
	return h.From == 1 && h.To == c.Size && len(h.Filter) == 0
}

// Entry is a line of an export between the first and the last.
type Entry struct {
	Leaf
	Proof []Hash `json:"proof,omitempty"`
}

// Tail is the last line of an export.
type Tail struct {
	Count uint64 `json:"count"`
	End   bool   `json:"end"`
}

// Report is what a verified export is.
type Report struct {
	Head       Head
	Checkpoint Checkpoint
	Events     uint64
	// Whole: every event that the checkpoint covers is there. Otherwise each
	// event is proved to be in the log, but not that none was left out.
	Whole bool
}

// Exporter writes an export. Errors of writing come with Close at the latest.
type Exporter struct {
	w     *bufio.Writer
	enc   *json.Encoder
	count uint64
}

// NewExporter writes the first line.
func NewExporter(w io.Writer, h Head) (*Exporter, error) {
	b := bufio.NewWriterSize(w, 64<<10)
	e := &Exporter{w: b, enc: json.NewEncoder(b)}
	return e, e.enc.Encode(h)
}

// Write writes one event.
func (e *Exporter) Write(entry Entry) error {
	e.count++
	return e.enc.Encode(entry)
}

// Close writes the last line. An export without it does not verify.
func (e *Exporter) Close() error {
	if err := e.enc.Encode(Tail{e.count, true}); err != nil {
		return err
	}
	return e.w.Flush()
}

// VerifyExport checks an export, compressed or not, with the log's verifier
// key. It reads line by line, at most 8 MiB each. It returns ErrInvalid with
// the line and what is wrong, or an error of r.
func VerifyExport(r io.Reader, verifierKey string) (Report, error) {
	v, err := note.NewVerifier(verifierKey)
	if err != nil {
		return Report{}, fmt.Errorf("the verifier key is malformed: %w", err)
	}
	lines := &lineReader{r: bufio.NewReaderSize(r, 64<<10)}
	if magic, _ := lines.r.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(lines.r)
		if err != nil {
			return Report{}, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		lines.r = bufio.NewReaderSize(z, 64<<10)
	}
	x := exportCheck{verifier: v, key: verifierKey}
	for !x.ended {
		line, err := lines.next()
		if err == nil {
			err = x.line(line)
		}
		if err != nil {
			return Report{}, fmt.Errorf("line %d: %w", lines.n, err)
		}
	}
	if _, err := lines.r.ReadByte(); !errors.Is(err, io.EOF) {
		return Report{}, fmt.Errorf("%w: line %d: something follows on the last line", ErrInvalid, lines.n+1)
	}
	return x.report, nil
}

// exportCheck is what has been verified so far.
type exportCheck struct {
	verifier note.Verifier
	key      string
	report   Report
	begun    bool
	ended    bool
	last     uint64 // position of the last event
	hasher   Hasher
	tree     Frontier // of a whole export
	room     []Hash
}

func (x *exportCheck) line(line []byte) error {
	if !x.begun {
		x.begun = true
		return x.head(line)
	}
	if bytes.HasPrefix(line, []byte(`{"count":`)) {
		return x.tail(line)
	}
	var e Entry
	if err := strict(line, &e); err != nil {
		return err
	}
	h := x.report.Head
	if e.Seq <= x.last || e.Seq < h.From || e.Seq > h.To {
		return fmt.Errorf("%w: position %d is out of place", ErrInvalid, e.Seq)
	}
	x.report.Events++
	if !x.report.Whole {
		x.last = e.Seq
		return included(e.Leaf, x.hasher.Hash(e.Leaf), e.Proof, x.report.Checkpoint)
	}
	if e.Seq != x.last+1 {
		return fmt.Errorf("%w: position %d is missing", ErrInvalid, x.last+1)
	}
	x.last = e.Seq
	x.room = x.tree.Append(x.hasher.Hash(e.Leaf), x.room[:0])
	return nil
}

func (x *exportCheck) head(line []byte) error {
	h := &x.report.Head
	if err := strict(line, h); err != nil {
		return err
	}
	if h.Format != ExportFormat {
		return fmt.Errorf("%w: the format is not %s", ErrInvalid, ExportFormat)
	}
	if h.Key != x.key || h.Origin != x.verifier.Name() {
		return fmt.Errorf("%w: the export names another log or key", ErrInvalid)
	}
	c, err := OpenCheckpoint([]byte(h.Checkpoint), x.verifier)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if h.From < 1 || h.To > c.Size {
		return fmt.Errorf("%w: the checkpoint covers 1 to %d, not %d to %d", ErrInvalid, c.Size, h.From, h.To)
	}
	x.report.Checkpoint, x.report.Whole = c, h.Whole(c)
	return nil
}

func (x *exportCheck) tail(line []byte) error {
	var t Tail
	if err := strict(line, &t); err != nil {
		return err
	}
	if !t.End || t.Count != x.report.Events {
		return fmt.Errorf("%w: %d events came, the last line says %d", ErrInvalid, x.report.Events, t.Count)
	}
	x.ended = true
	if !x.report.Whole {
		h := x.report.Head
		if len(h.Filter) == 0 && h.To >= h.From && t.Count != h.To-h.From+1 {
			return fmt.Errorf("%w: %d events came for %d to %d without a filter", ErrInvalid, t.Count, h.From, h.To)
		}
		return nil
	}
	if x.last != x.report.Checkpoint.Size || x.tree.Root() != x.report.Checkpoint.Root {
		return fmt.Errorf("%w: the events are not those that were signed", ErrInvalid)
	}
	return nil
}

// lineReader reads lines of bounded length.
type lineReader struct {
	r   *bufio.Reader
	n   int
	buf []byte
}

// next returns a line without its end; it is valid until the next call. A line
// that the end of the input cuts off is ErrInvalid.
func (l *lineReader) next() ([]byte, error) {
	l.n++
	l.buf = l.buf[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		l.buf = append(l.buf, part...)
		switch {
		case len(l.buf) > maxLine:
			return nil, fmt.Errorf("%w: longer than %d bytes", ErrInvalid, maxLine)
		case err == nil:
			return l.buf[:len(l.buf)-1], nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil, fmt.Errorf("%w: the export is cut off", ErrInvalid)
		case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, new(flate.CorruptInputError)):
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		default:
			return nil, fmt.Errorf("read the export: %w", err)
		}
	}
}
