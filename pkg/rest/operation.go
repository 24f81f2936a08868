package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// operation is what the document says about one route, made ready at start so
// that a request looks nothing up.
type operation struct {
	id      string
	kind    string // "command", "query" or "stream": a label of metrics
	secured bool
	command bool
	ifMatch bool // is required
	stream  bool
	strange bool // parameters that the document does not name are passed over
	maxBody int64
	large   bool          // maxBody exceeds the usual
	timeout time.Duration // 0: none
	params  []*openapi3.Parameter
	query   map[string]bool // names; true: may repeat
	body    *openapi3.RequestBody
	route   *routers.Route
	options *openapi3filter.Options
}

func (s *Server) operations(doc *openapi3.T, base string) (map[string]*operation, error) {
	ops := map[string]*operation{}
	for path, item := range doc.Paths.Map() {
		if strings.ContainsAny(path, ":*") {
			return nil, fmt.Errorf("rest: path %s: ':' and '*' have a meaning to the router", path)
		}
		for method, o := range item.Operations() {
			op, err := s.operation(doc, item, method, path, o)
			if err != nil {
				return nil, fmt.Errorf("rest: %s %s: %w", method, path, err)
			}
			ops[method+" "+base+strings.NewReplacer("{", ":", "}", "").Replace(path)] = op
		}
	}
	return ops, nil
}

func (s *Server) operation(doc *openapi3.T, item *openapi3.PathItem, method, path string, o *openapi3.Operation) (*operation, error) {
	if o.OperationID == "" {
		return nil, fmt.Errorf("operationId is missing")
	}
	op := &operation{
		id: o.OperationID, kind: "query", maxBody: s.cfg.MaxBody, timeout: s.cfg.Timeout, query: map[string]bool{},
		route:   &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: o},
		options: &openapi3filter.Options{MultiError: true, SkipSettingDefaults: true},
	}
	security := doc.Security
	if o.Security != nil {
		security = *o.Security
	}
	if op.secured = len(security) > 0; op.secured && s.cfg.Auth == nil {
		return nil, fmt.Errorf("wants a token, but Config.Auth is nil")
	}
	op.command = method != http.MethodGet && method != http.MethodHead
	if _, err := extension(o, "x-kith-command", &op.command); err != nil {
		return nil, err
	}
	if o.RequestBody != nil {
		op.body = o.RequestBody.Value
		op.maxBody = max(op.maxBody, longest(op.body))
	}
	if _, err := extension(o, "x-kith-max-body", &op.maxBody); err != nil {
		return nil, err
	}
	if _, err := extension(o, "x-kith-strange-query", &op.strange); err != nil {
		return nil, err
	}
	op.large = op.maxBody > s.cfg.MaxBody
	op.stream = streams(o)
	seconds := 0.0
	if found, err := extension(o, "x-kith-timeout", &seconds); err != nil {
		return nil, err
	} else if found {
		op.timeout = time.Duration(seconds * float64(time.Second))
	}
	if op.stream {
		op.timeout = 0
	}
	switch {
	case op.command:
		op.kind = "command"
	case op.stream:
		op.kind = "stream"
	}
	return op, op.parameters(item.Parameters, o.Parameters)
}

// parameters collects what is judged from the document. Headers that this
// package reads itself are left out: they have their own rules and words.
func (op *operation) parameters(shared, own openapi3.Parameters) error {
	for _, ref := range shared {
		if own.GetByInAndName(ref.Value.In, ref.Value.Name) == nil {
			own = append(own[:len(own):len(own)], ref)
		}
	}
	for _, ref := range own {
		p := ref.Value
		switch p.In {
		case openapi3.ParameterInCookie:
			return fmt.Errorf("parameter %s: cookies are not supported", p.Name)
		case openapi3.ParameterInHeader:
			switch http.CanonicalHeaderKey(p.Name) {
			case headerIfMatch:
				op.ifMatch = p.Required
				continue
			case headerSeq, headerKey, headerLastEvent, headerTraceparent:
				continue
			}
		case openapi3.ParameterInQuery:
			op.query[p.Name] = p.Schema != nil && p.Schema.Value.Type.Is(openapi3.TypeArray)
		}
		op.params = append(op.params, p)
	}
	return nil
}

// longest is the length in characters that content which is not JSON may have,
// taken as bytes: who imports a file says there how large it may be.
func longest(b *openapi3.RequestBody) int64 {
	var n int64
	for t, media := range b.Content {
		if !isJSON(t) && media.Schema != nil && media.Schema.Value.MaxLength != nil {
			n = max(n, int64(min(*media.Schema.Value.MaxLength, 1<<40)))
		}
	}
	return n
}

func streams(o *openapi3.Operation) bool {
	for _, r := range o.Responses.Map() {
		if r.Value != nil && r.Value.Content["text/event-stream"] != nil {
			return true
		}
	}
	return false
}

// extension decodes the extension name of o into v and says whether there is one.
func extension(o *openapi3.Operation, name string, v any) (bool, error) {
	raw, found := o.Extensions[name]
	if !found {
		return false, nil
	}
	data, err := json.Marshal(raw)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		return true, fmt.Errorf("%s: %w", name, err)
	}
	return true, nil
}
