package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
)

// Load reads an OpenAPI 3.0 document (YAML or JSON) and checks it.
func Load(spec []byte) (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(spec)
	if err != nil {
		return nil, fmt.Errorf("rest: read the OpenAPI document: %w", err)
	}
	return doc, checkDocument(doc)
}

func checkDocument(doc *openapi3.T) error {
	// 3.1 documents are judged by another validator, whose errors name no fields.
	if !strings.HasPrefix(doc.OpenAPI, "3.0.") {
		return fmt.Errorf("rest: OpenAPI %s: only 3.0 is supported", doc.OpenAPI)
	}
	if err := doc.Validate(openapi3.NewLoader().Context); err != nil {
		return fmt.Errorf("rest: the OpenAPI document is not valid: %w", err)
	}
	return nil
}

// Router registers the handlers of one document. It has the methods that
// generated RegisterHandlers functions ask for.
type Router struct {
	srv  *Server
	base string                // path of the document's server: "/api/community"
	ops  map[string]*operation // by "GET /path" in echo's spelling
	seen map[string]bool
	errs []error
}

// Mount adds the operations of doc with the handlers that register gives. It
// returns an error if a handler has no operation, an operation has no handler,
// another document has the same route, or an operation cannot be judged.
func (s *Server) Mount(doc *openapi3.T, register func(*Router)) error {
	if err := checkDocument(doc); err != nil {
		return err
	}
	base, err := basePath(doc)
	if err != nil {
		return err
	}
	ops, err := s.operations(doc, base)
	if err != nil {
		return err
	}
	r := &Router{srv: s, base: base, ops: ops, seen: map[string]bool{}}
	register(r)
	for _, route := range sortedKeys(ops) {
		if !r.seen[route] {
			r.errs = append(r.errs, fmt.Errorf("rest: operation %s (%s) has no handler", ops[route].id, route))
		}
	}
	return errors.Join(r.errs...)
}

// basePath is the path that all of the document's paths start with.
func basePath(doc *openapi3.T) (string, error) {
	if len(doc.Servers) == 0 {
		return "", nil
	}
	base, err := doc.Servers.BasePath()
	if err != nil {
		return "", fmt.Errorf("rest: servers: %w", err)
	}
	return strings.TrimSuffix(base, "/"), nil
}

func (r *Router) add(method, path string, h echo.HandlerFunc, m []echo.MiddlewareFunc) *echo.Route {
	path = r.base + path
	route := method + " " + path
	op := r.ops[route]
	switch {
	case op == nil:
		r.errs = append(r.errs, fmt.Errorf("rest: route %s is not in the OpenAPI document", route))
		return &echo.Route{Method: method, Path: path}
	case r.srv.mounted[route]:
		r.errs = append(r.errs, fmt.Errorf("rest: route %s is mounted twice", route))
		return &echo.Route{Method: method, Path: path}
	}
	r.seen[route], r.srv.mounted[route] = true, true
	for i := len(m) - 1; i >= 0; i-- {
		h = m[i](h)
	}
	judged := r.srv.judge(op, h)
	head := http.MethodHead + " " + path
	if method == http.MethodGet && !op.stream && r.ops[head] == nil && !r.srv.mounted[head] {
		r.srv.mounted[head] = true
		r.srv.Echo.HEAD(path, judged)
	}
	return r.srv.Echo.Add(method, path, judged)
}

// CONNECT registers a handler; so do the methods below.
func (r *Router) CONNECT(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodConnect, path, h, m)
}

// DELETE registers a handler.
func (r *Router) DELETE(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodDelete, path, h, m)
}

// GET registers a handler, for HEAD as well unless it is a stream.
func (r *Router) GET(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodGet, path, h, m)
}

// HEAD registers a handler.
func (r *Router) HEAD(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodHead, path, h, m)
}

// OPTIONS registers a handler.
func (r *Router) OPTIONS(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodOptions, path, h, m)
}

// PATCH registers a handler.
func (r *Router) PATCH(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodPatch, path, h, m)
}

// POST registers a handler.
func (r *Router) POST(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodPost, path, h, m)
}

// PUT registers a handler.
func (r *Router) PUT(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodPut, path, h, m)
}

// TRACE registers a handler.
func (r *Router) TRACE(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodTrace, path, h, m)
}
