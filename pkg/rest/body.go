package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"kith/pkg/fault"
)

// read receives the whole body within its limits and puts it back for
// whoever reads the request later. What was not received in time is not waited
// for: the deadline of the connection stays in place on every refusal.
func (k *call) read(c echo.Context) error {
	r := c.Request()
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 || !k.op.command && k.op.body == nil {
		return nil
	}
	if r.ContentLength > k.op.maxBody {
		return &http.MaxBytesError{Limit: k.op.maxBody}
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return fault.New(fault.Unsupported, "Compressed bodies are not taken. Send it without Content-Encoding.")
	}
	if k.op.large { // a recorder in a test has no deadlines
		_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(k.srv.bodyTimeout(k.op)))
	}
	var buf bytes.Buffer
	if r.ContentLength > 0 {
		// Not all at once for what was only announced.
		buf.Grow(int(min(r.ContentLength, 1<<20)) + bytes.MinRead)
	}
	_, err := buf.ReadFrom(http.MaxBytesReader(c.Response().Writer, r.Body, k.op.maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case err == nil:
	case errors.As(err, &tooLong):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fault.New(fault.Invalid, "The body was not received in time.")
	default:
		return &fault.Error{Code: fault.Invalid, Detail: "The body could not be received to its end.", Err: err}
	}
	k.body = buf.Bytes()
	r.Body = io.NopCloser(bytes.NewReader(k.body))
	return nil
}

func (s *Server) bodyTimeout(op *operation) time.Duration {
	if op.large {
		return 4 * s.cfg.BodyTimeout
	}
	return s.cfg.BodyTimeout
}

// Decode reads the JSON body into v, which points to a struct. Unknown fields,
// wrong types and anything after the value are *fault.Error Invalid that name
// the field.
func Decode(c echo.Context, v any) error { return decode(Body(c), v) }

func decode(data []byte, v any) error {
	if !utf8.Valid(data) {
		return fault.InvalidField("body", "must be UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return decodeFault(err, data)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.InvalidField("body", "must be one JSON value with nothing after it")
	}
	return nil
}

// decodeFault says in words what encoding/json found, without the input.
func decodeFault(err error, data []byte) error {
	var (
		syntax *json.SyntaxError
		typ    *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &syntax):
		return notJSON(data, syntax.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return notJSON(data, int64(len(data)))
	case errors.As(err, &typ):
		name := typ.Field
		if name == "" {
			name = "body"
		}
		return fault.InvalidField(shown(name), "must be "+kindWord(typ.Type.Kind()))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fault.InvalidField(shown(strings.Trim(name, `"`)), wordUnknown)
	}
	return &fault.Error{Code: fault.Invalid, Detail: "body: does not have the expected form",
		Fields: []fault.Field{{Field: "body", Reason: "does not have the expected form"}}, Err: err}
}

func notJSON(data []byte, offset int64) error {
	before := data[:min(max(offset, 0), int64(len(data)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	reason := fmt.Sprintf("is not JSON from line %d, column %d on", line, len(before)-bytes.LastIndexByte(before, '\n')-1)
	return &fault.Error{Code: fault.Invalid, Detail: "body: " + reason, Fields: []fault.Field{{Field: "body", Reason: reason, Line: line}}}
}

// isJSON says whether a media type is JSON or built on it.
func isJSON(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && (t == "application/json" || strings.HasSuffix(t, "+json"))
}

// serializer is echo's JSON, strict on the way in.
type serializer struct{}

// Serialize writes v.
func (serializer) Serialize(c echo.Context, v any, indent string) error {
	e := json.NewEncoder(c.Response())
	if indent != "" {
		e.SetIndent("", indent)
	}
	return e.Encode(v)
}

// Deserialize reads the body into v as Decode does.
func (serializer) Deserialize(c echo.Context, v any) error {
	data, err := io.ReadAll(c.Request().Body)
	if err == nil {
		err = decode(data, v)
	}
	if err != nil {
		// As an HTTPError it passes echo's binder unchanged.
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	return nil
}
