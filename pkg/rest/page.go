package rest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/labstack/echo/v4"

	"kith/pkg/fault"
)

// Bounds of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 200
	maxCursor    = 512 // bytes, encoded
)

// Page is which part of a list is asked for, by the query parameters limit and cursor.
type Page struct {
	Limit  int // 1 to MaxLimit
	cursor []byte
}

// List is the answer to a query for many.
type List[T any] struct {
	Items []T    `json:"items"`          // never null
	Next  string `json:"next,omitempty"` // cursor of the next page; absent on the last
}

// NewList is a page of items; next is the result of NextCursor, "" on the last page.
func NewList[T any](items []T, next string) List[T] {
	if items == nil {
		items = []T{}
	}
	return List[T]{items, next}
}

// PageOf reads limit (default DefaultLimit) and cursor. Returns Invalid naming
// the parameter.
func PageOf(c echo.Context) (Page, error) {
	p := Page{Limit: DefaultLimit}
	if v := c.QueryParam("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > MaxLimit {
			return Page{}, fault.InvalidField("limit", fmt.Sprintf("must be a whole number from 1 to %d", MaxLimit))
		}
		p.Limit = n
	}
	if v := c.QueryParam("cursor"); v != "" {
		if len(v) > maxCursor {
			return Page{}, badCursor()
		}
		data, err := base64.RawURLEncoding.Strict().DecodeString(v)
		if err != nil {
			return Page{}, badCursor()
		}
		p.cursor = data
	}
	return p, nil
}

// Cursor decodes the cursor into v, a pointer to what NextCursor was given,
// and says whether there was one. A cursor is the caller's input: v's values
// are to be checked like any other. Returns Invalid if it does not fit v.
func (p Page) Cursor(v any) (bool, error) {
	if p.cursor == nil {
		return false, nil
	}
	if err := decode(p.cursor, v); err != nil {
		return false, badCursor()
	}
	return true, nil
}

// NextCursor encodes the place after a page: the sort keys of its last item.
// It holds no personal text, for it ends up in addresses.
func NextCursor(v any) (string, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("rest: cursor: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(data), nil
}

func badCursor() error {
	return fault.InvalidField("cursor", "must be the value of next in an earlier answer of the same list")
}
