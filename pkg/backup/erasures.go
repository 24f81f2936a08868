package backup

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"kith/api/sealed"
	"kith/pkg/vault"
)

const erasuresName = "erasures.jsonl"

// Erasure is one person's erasure.
type Erasure struct {
	Person  string `json:"person"`
	Texts   bool   `json:"texts"`   // what they wrote goes too
	Erasure string `json:"erasure"` // id of the event that ordered it
	Seq     uint64 `json:"seq"`     // its position; 0: the log has lost it in a restore
}

// keys are the keys that the erasure destroys.
func (e Erasure) keys() []vault.ID {
	ids := []vault.ID{{Person: e.Person, Class: sealed.Identity}}
	if e.Texts {
		ids = append(ids, vault.ID{Person: e.Person, Class: sealed.Content})
	}
	return ids
}

// Erasures are all erasures that the log has up to position Through, and those
// that it had before a restore cut it off.
type Erasures struct {
	People  []Erasure
	Through uint64
	Hash    string // of the event there
	Reached uint64 // the highest Through that there was
}

// tail is the last line of the list. It shows that the list is whole.
type tail struct {
	Through uint64 `json:"through"`
	Hash    string `json:"hash"`
	Reached uint64 `json:"reached"`
	SHA256  string `json:"sha256"` // of the lines before, and of this one without it
}

func (t tail) line(before []byte) ([]byte, error) {
	t.SHA256 = ""
	open, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("backup: list of erasures: %w", err)
	}
	sum := sha256.Sum256(append(bytes.Clone(before), open...))
	t.SHA256 = hex.EncodeToString(sum[:])
	return json.Marshal(t)
}

func (e Erasures) write(dir string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, x := range e.People {
		if err := enc.Encode(x); err != nil {
			return fmt.Errorf("backup: list of erasures: %w", err)
		}
	}
	end, err := tail{Through: e.Through, Hash: e.Hash, Reached: max(e.Reached, e.Through)}.line(b.Bytes())
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, erasuresName), append(append(b.Bytes(), end...), '\n'))
}

// LoadErasures reads a list of erasures. Returns ErrDamaged, or ErrNone for a
// file that is not there.
func LoadErasures(path string) (e Erasures, err error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return e, fmt.Errorf("backup: %w: %s is missing", ErrNone, path)
	}
	if err != nil {
		return e, fmt.Errorf("backup: %w", err)
	}
	bad := func(what string) error {
		return fmt.Errorf("backup: %w: %s: %s", ErrDamaged, filepath.Base(path), what)
	}
	body := bytes.TrimSuffix(data, []byte("\n"))
	cut := bytes.LastIndexByte(body, '\n') + 1
	var end tail
	if err := json.Unmarshal(body[cut:], &end); err != nil {
		return e, bad("its last line is missing")
	}
	want, err := end.line(data[:cut])
	if err != nil {
		return e, err
	}
	if !bytes.Equal(body[cut:], want) {
		return e, bad("its checksum is wrong")
	}
	e.Through, e.Hash, e.Reached = end.Through, end.Hash, end.Reached
	for lines := bufio.NewScanner(bytes.NewReader(data[:cut])); lines.Scan(); {
		var x Erasure
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil || x.Person == "" || x.Erasure == "" {
			return e, bad(fmt.Sprintf("line %d is no erasure", len(e.People)+1))
		}
		e.People = append(e.People, x)
	}
	return e, nil
}

// ErasuresIn is where the list of a backup is.
func ErasuresIn(dir string) string { return filepath.Join(dir, erasuresName) }

// cut is the list for a log that went on from another past behind head: what
// the list knows from there stays, as something that the log has lost.
func (e Erasures) cut(head uint64, hash string) Erasures {
	for i := range e.People {
		if e.People[i].Seq > head {
			e.People[i].Seq = 0
		}
	}
	e.Through, e.Hash = head, hash
	return e
}

// unknown are the people whose erasure the log does not have up to head, each
// once.
func (e Erasures) unknown(head uint64) (again []Erasure) {
	known := func(x Erasure) bool { return x.Seq > 0 && x.Seq <= head }
	texts := map[string]bool{} // of those known
	for _, x := range e.People {
		if known(x) {
			texts[x.Person] = texts[x.Person] || x.Texts
		}
	}
	at := map[string]int{}
	for _, x := range e.People {
		gone, ok := texts[x.Person]
		if known(x) || ok && (gone || !x.Texts) {
			continue
		}
		if i, ok := at[x.Person]; ok {
			again[i].Texts = again[i].Texts || x.Texts
			continue
		}
		at[x.Person] = len(again)
		again = append(again, x)
	}
	return again
}

// destroyed are the ids of erasures by the subject of the key that must be gone.
func (e Erasures) destroyed() map[string]string {
	gone := map[string]string{}
	for _, x := range e.People {
		for _, id := range x.keys() {
			if subject := "key." + id.String(); gone[subject] == "" {
				gone[subject] = x.Erasure
			}
		}
	}
	return gone
}

// strike takes out keys that must be gone: a replica may still have shown
// them, or an erasure was on its way. Markers stay.
func (e Erasures) strike(keys []Record) []Record {
	gone := e.destroyed()
	out := make([]Record, 0, len(keys))
	for _, r := range keys {
		if gone[r.Subject] == "" || isMarker(r) {
			out = append(out, r)
		}
	}
	return out
}

// isMarker tells the marker of an erased key from a key.
func isMarker(r Record) bool {
	var m struct{ Key, Erasure string }
	return json.Unmarshal(r.Data, &m) == nil && m.Key == "" && m.Erasure != ""
}

// until leaves out letters about events behind head, which end in their
// position: dead.<reactor>.<position>.
func until(letters []Record, head uint64) []Record {
	out := make([]Record, 0, len(letters))
	for _, r := range letters {
		seq, err := strconv.ParseUint(r.Subject[strings.LastIndexByte(r.Subject, '.')+1:], 10, 64)
		if err == nil && seq <= head {
			out = append(out, r)
		}
	}
	return out
}
