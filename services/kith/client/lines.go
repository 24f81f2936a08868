package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

const maxLine = 4 << 20 // bytes

// Lines sends r and hands over each line of the answer while it comes, without
// empty ones. The line is only valid until each returns.
func (c *Client) Lines(ctx context.Context, r Request, each func([]byte) error) error {
	body, err := c.Open(ctx, r)
	if err != nil {
		return err
	}
	defer body.Close()
	in := bufio.NewScanner(body)
	in.Buffer(nil, maxLine)
	for in.Scan() {
		if len(in.Bytes()) == 0 {
			continue
		}
		if err := each(in.Bytes()); err != nil {
			return err
		}
	}
	return in.Err()
}

// ImportLine is what an import says while it goes on: how far it is, or, in a
// dry run, what it would do with a line of the file.
type ImportLine struct {
	Done, Total uint64
	Line        int
	ID, Name    string
	Does        []string
	Problems    []struct{ Field, Reason string }
}

// ImportCSV sends a file of units or people, hands over what the import says,
// and returns the counts of what it has changed. Importing the same file again
// goes on where it stopped.
func (c *Client) ImportCSV(ctx context.Context, what string, data []byte, q url.Values, each func(ImportLine)) (map[string]any, error) {
	path := "/api/membership/imports/" + what
	if query := q.Encode(); query != "" {
		path += "?" + query
	}
	var last map[string]any
	err := c.Lines(ctx, Request{Method: http.MethodPost, Path: path, Body: bytes.NewReader(data), Type: "text/csv"},
		func(line []byte) error {
			var p struct {
				ImportLine
				Error *Problem
				Seq   uint64
			}
			if err := json.Unmarshal(line, &p); err != nil {
				return err
			}
			if p.Error != nil {
				return fmt.Errorf("the import stopped: %w\nImport the same file again to go on", p.Error)
			}
			if len(p.Does) > 0 || p.Total > 0 {
				each(p.ImportLine)
				return nil
			}
			c.Seen(p.Seq)
			return json.Unmarshal(line, &last)
		})
	if err == nil && last == nil {
		err = errors.New("the answer broke off before its end; import the same file again to go on")
	}
	return last, err
}
