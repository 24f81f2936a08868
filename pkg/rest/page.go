package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/labstack/echo/v4"

	"kith/pkg/fault"
)

// Bounds of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// Page is which part of a list is asked for, by the query parameters limit and cursor.
type Page struct {
	Limit int // 1 to MaxLimit

	place   []byte // after which the page begins; nil: from the start
	list    []byte
	cursors cursors
}

// List is the answer to a query for many.
type List[T any] struct {
	Items []T    `json:"items"`          // never null
	Next  string `json:"next,omitempty"` // cursor of the next page; absent on the last
}

// NewList is a page of items; next is the result of Page.Next, "" on the last page.
func NewList[T any](items []T, next string) List[T] {
	if items == nil {
		items = []T{}
	}
	return List[T]{items, next}
}

// PageOf reads limit (default DefaultLimit) and cursor. Returns Invalid naming
// the parameter.
func PageOf(c echo.Context) (Page, error) {
	k := callOf(c)
	if k == nil {
		return Page{}, errors.New("rest: PageOf outside of an operation")
	}
	p := Page{Limit: DefaultLimit, list: pagedList(c, k.principal.Person), cursors: k.srv.cursors}
	if v := c.QueryParam("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > MaxLimit {
			return Page{}, fault.InvalidField("limit", fmt.Sprintf("must be a whole number from 1 to %d", MaxLimit))
		}
		p.Limit = n
	}
	if v := c.QueryParam("cursor"); v != "" {
		var err error
		if p.place, err = p.cursors.show(p.list, v); err != nil {
			return Page{}, err
		}
	}
	return p, nil
}

// Cursor decodes the cursor into v, a pointer to what Next was given, and says
// whether there was one. It was made for this caller and this list, but what
// it points to may be gone since. Returns Invalid if it does not fit v.
func (p Page) Cursor(v any) (bool, error) {
	if p.place == nil {
		return false, nil
	}
	if err := decode(p.place, v); err != nil {
		return false, badCursor()
	}
	return true, nil
}

// Next is the cursor of the following page: v is the place after this one, the
// sort keys of its last item. Nobody but this server can read it.
func (p Page) Next(v any) (string, error) {
	place, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("rest: cursor: %w", err)
	}
	return p.cursors.hide(p.list, place), nil
}
