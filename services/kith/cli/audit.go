package cli

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	api "kith/api/openapi/auditapi"
	"kith/services/audit/merkle"
	kith "kith/services/kith"
	"kith/services/kith/client"
)

// Audit has the commands of auditors.
type Audit struct {
	Verify VerifyLog `cmd:"" help:"Verify the running log, or an export or proof offline."`
	Log    ShowLog   `cmd:"" help:"List events, or show one."`
	Export ExportLog `cmd:"" help:"Write the stored bytes of the log to a file that verifies offline."`
	Proof  GetProof  `cmd:"" help:"Write the proof that an event is in the signed log."`
}

const logPath = "/api/audit/log"

// VerifyLog verifies the log.
type VerifyLog struct {
	Remote
	File string `arg:"" optional:"" type:"existingfile" help:"An export or a proof; without it the running log is verified."`
	Data string `type:"existingdir" help:"Data folder of a Kith that does not run, to verify the log there: for one that does not start any more."`
	Key  string `help:"The verifier key, or a file with it. Needed with a file: a key from the export itself would prove nothing."`
}

// Run implements the command.
func (v *VerifyLog) Run(ctx context.Context) error {
	var out api.Verification
	var err error
	switch {
	case v.File != "":
		return v.offline()
	case v.Data != "":
		out, err = kith.VerifyData(ctx, v.Data, newBar("verifying"))
	default:
		var c *client.Client
		if c, err = v.client(ctx, kith.DevAuditor); err == nil {
			out, err = Verify(ctx, c, newBar("verifying"))
		}
	}
	if err != nil {
		return err
	}
	fmt.Printf("%d events, %d checkpoints, %d events not signed yet\n", out.Events, out.Checkpoints, out.Unsigned)
	if out.Ok {
		fmt.Println("The log is whole.")
		return nil
	}
	problems := out.Problems
	if len(problems) == 0 && out.Problem != nil {
		problems = []api.Damage{*out.Problem}
	}
	for _, d := range problems {
		fmt.Printf("%d to %d: %s\n  %s\n", d.Seq, d.To, d.What, d.Hint)
	}
	return errors.New("the log is not what was signed")
}

// Verify has the running log verified.
func Verify(ctx context.Context, c *client.Client, progress func(done, total uint64)) (api.Verification, error) {
	var out api.Verification
	err := c.Lines(ctx, client.Request{Method: http.MethodPost, Path: "/api/audit/verification"}, func(line []byte) error {
		var p struct {
			Done, Total uint64
			Detail      string
			Started     *time.Time
		}
		if err := json.Unmarshal(line, &p); err != nil {
			return err
		}
		switch {
		case p.Started != nil:
			return json.Unmarshal(line, &out)
		case p.Detail != "":
			return errors.New(p.Detail)
		}
		progress(p.Done, p.Total)
		return nil
	})
	if err == nil && out.Started.IsZero() {
		err = errors.New("the answer broke off before its end; try again")
	}
	return out, err
}

// beginning is how much of a file is read to tell what it is.
const beginning = 64

func (v *VerifyLog) offline() error {
	if v.Key == "" {
		return errors.New("name the verifier key with --key: the one you noted, or the file audit/verifier.key of the data folder")
	}
	key := v.Key
	if data, err := os.ReadFile(v.Key); err == nil {
		key = strings.TrimSpace(string(data))
	}
	f, err := os.Open(v.File)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := plain(f)
	if err != nil {
		return err
	}
	// Both begin with the name of their format.
	in := bufio.NewReader(text)
	if head, _ := in.Peek(beginning); bytes.Contains(head, []byte(`"`+merkle.ProofFormat+`"`)) {
		leaf, checkpoint, err := merkle.VerifyProof(in, key)
		if err != nil {
			return err
		}
		fmt.Printf("Event %d (%s) is in the log of %d events that was signed.\n", leaf.Seq, leaf.Subject, checkpoint.Size)
		return nil
	}
	r, err := merkle.VerifyExport(in, key)
	if err != nil {
		return err
	}
	scope := "the whole log"
	if !r.Whole {
		scope = "a selection: each event is proved, but not that none was left out"
	}
	fmt.Printf("%d events proved against the checkpoint of %d events: %s\n", r.Events, r.Checkpoint.Size, scope)
	return nil
}

// plain undoes gzip where there is any.
func plain(f *os.File) (io.Reader, error) {
	magic := make([]byte, 2)
	n, err := io.ReadFull(f, magic)
	if err != nil && n == 0 {
		return nil, fmt.Errorf("%s is empty", f.Name())
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if magic[0] == 0x1f && magic[1] == 0x8b {
		return gzip.NewReader(f)
	}
	return f, nil
}

// Selection is which events are meant.
type Selection struct {
	From    uint64 `help:"First position."`
	To      uint64 `help:"Last position."`
	Since   string `help:"Recorded at this time or later, RFC 3339."`
	Until   string `help:"Recorded before this time, RFC 3339."`
	Context string `help:"Service: one of ${targets}."`
	Kind    string `help:"Aggregate: request, membership, …"`
	ID      string `name:"id" help:"Id of one aggregate."`
	Type    string `help:"Type of event, such as membership.joined."`
	Actor   string `help:"Person id, or reactor:name."`

	Community string `help:"Id of the community that events belong to."`
	CausedBy  uint64 `help:"Position of the event that caused them."`
}

func (s Selection) query() url.Values {
	q := url.Values{}
	for k, v := range map[string]string{"since": s.Since, "until": s.Until, "context": s.Context, "aggregate": s.Kind,
		"id": s.ID, "type": s.Type, "actor": s.Actor, "community": s.Community} {
		if v != "" {
			q.Set(k, v)
		}
	}
	for k, v := range map[string]uint64{"from": s.From, "to": s.To, "caused_by": s.CausedBy} {
		if v > 0 {
			q.Set(k, strconv.FormatUint(v, 10))
		}
	}
	return q
}

// ShowLog lists events.
type ShowLog struct {
	Remote
	Selection
	Seq    uint64 `arg:"" optional:"" help:"Position of one event, to show it whole."`
	Newest bool   `help:"The newest first."`
	Open   bool   `help:"With a position: open the personal texts too."`
	Reason string `help:"With a position: why content of a closed community is looked at; it is recorded."`
}

// Run implements the command.
func (s *ShowLog) Run(ctx context.Context) error {
	c, err := s.client(ctx, kith.DevAuditor)
	if err != nil {
		return err
	}
	if s.Seq > 0 {
		q := url.Values{}
		if s.Open {
			q.Set("open", "true")
		}
		if s.Reason != "" {
			q.Set("reason", s.Reason)
		}
		var event map[string]any
		if err := c.Get(ctx, fmt.Sprintf("%s/%d?%s", logPath, s.Seq, q.Encode()), &event); err != nil {
			return err
		}
		return printJSON(event)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SEQ\tTIME\tTYPE\tSTREAM\tACTOR")
	q := s.query()
	q.Set("limit", "200")
	if s.Newest {
		q.Set("order", "newest")
	}
	for {
		var page api.EnvelopePage
		if err := c.Get(ctx, logPath+"?"+q.Encode(), &page); err != nil {
			return err
		}
		for _, e := range page.Items {
			actor := ""
			if e.Actor != nil {
				actor = *e.Actor
			}
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", e.Seq, e.Time.Format("2006-01-02 15:04:05"), e.Type, e.Stream, actor)
		}
		if page.Next == nil {
			return w.Flush()
		}
		q.Set("cursor", *page.Next)
	}
}

// ExportLog exports the log.
type ExportLog struct {
	Remote
	Selection
	Out string `required:"" type:"path" help:"File to write; compressed if it ends in .gz."`
}

// Run implements the command.
func (e *ExportLog) Run(ctx context.Context) error {
	c, err := e.client(ctx, kith.DevAuditor)
	if err != nil {
		return err
	}
	q := e.query()
	if strings.HasSuffix(e.Out, ".gz") {
		q.Set("gzip", "true")
	}
	n, err := download(ctx, c, "/api/audit/export?"+q.Encode(), e.Out, nil)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes. Verify it anywhere: kith audit verify %s --key …\n", e.Out, n, e.Out)
	return nil
}

// GetProof fetches an inclusion proof.
type GetProof struct {
	Remote
	Seq uint64 `arg:"" help:"Position of the event."`
	Out string `type:"path" help:"File to write; SEQ.proof.json if not given."`
}

// Run implements the command.
func (g *GetProof) Run(ctx context.Context) error {
	c, err := g.client(ctx, kith.DevAuditor)
	if err != nil {
		return err
	}
	if g.Out == "" {
		g.Out = fmt.Sprintf("%d.proof.json", g.Seq)
	}
	if _, err := download(ctx, c, fmt.Sprintf("%s/%d/proof", logPath, g.Seq), g.Out, nil); err != nil {
		return err
	}
	fmt.Printf("%s: verify it anywhere: kith audit verify %s --key …\n", g.Out, g.Out)
	return nil
}

// download writes an answer to a file, which is there whole or not at all. It
// takes the place of a regular file alone: a device, a pipe or a link is refused
// before anything is asked for. Whole, which may be nil, says whether all of it came.
func download(ctx context.Context, c *client.Client, path, file string, whole func(file string) error) (int64, error) {
	if there, err := os.Lstat(file); err == nil && !there.Mode().IsRegular() {
		return 0, fmt.Errorf("%s is there and not a regular file; name another one", file)
	}
	body, err := c.Open(ctx, client.Request{Method: http.MethodGet, Path: path})
	if err != nil {
		return 0, err
	}
	defer body.Close()
	f, err := os.CreateTemp(filepath.Dir(file), ".kith-*")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already if all went well
	bar := newByteBar("downloading")
	n, err := io.Copy(io.MultiWriter(f, bar), body)
	bar.end()
	if err = errors.Join(err, f.Close()); err == nil && whole != nil {
		err = whole(f.Name())
	}
	if err != nil {
		return 0, fmt.Errorf("download %s: %w", path, err)
	}
	return n, os.Rename(f.Name(), file)
}
