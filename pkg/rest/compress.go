package rest

import (
	"fmt"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
)

const (
	// compressFrom is the length of an answer, in bytes, from which compressing it
	// spares a packet.
	compressFrom = 1 << 10
	// lengthNoise is how many bytes are added to a compressed answer at most, so that
	// its length does not tell what of it a reader's words resemble (BREACH; Gluck, Harris,
	// Prado 2013).
	lengthNoise = 32
)

// compressed has the JSON that h answers compressed for clients that accept it.
// Streams of events and lines stay as they are, for each has to arrive by itself, and
// so does what is compressed already. An ETag stays too: it names a state, not bytes.
func compressed(h http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.ContentTypes([]string{"application/json", "application/problem+json"}),
		gzhttp.MinSize(compressFrom), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false),
		gzhttp.RandomJitter(lengthNoise, 0, false))
	if err != nil {
		return nil, fmt.Errorf("rest: compression: %w", err)
	}
	return wrap(h), nil
}
