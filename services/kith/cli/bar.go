package cli

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// newBar shows progress on a terminal, and nothing elsewhere.
func newBar(what string) func(done, total uint64) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return func(uint64, uint64) {}
	}
	var bar *progressbar.ProgressBar
	return func(done, total uint64) {
		if bar == nil {
			bar = progressbar.NewOptions64(int64(total), progressbar.OptionSetDescription(what),
				progressbar.OptionSetWriter(os.Stderr), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
				progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
				progressbar.OptionSetPredictTime(true))
		}
		bar.ChangeMax64(int64(total))
		_ = bar.Set64(int64(done)) // a bar that cannot be drawn stops nothing
		if done >= total {
			_ = bar.Finish()
		}
	}
}

// byteBar shows how many bytes came, of nobody knows how many, on a terminal,
// and nothing elsewhere.
type byteBar struct{ bar *progressbar.ProgressBar }

func newByteBar(what string) byteBar {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return byteBar{}
	}
	return byteBar{progressbar.NewOptions64(-1, progressbar.OptionSetDescription(what), progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionShowBytes(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())}
}

// Write counts p. A bar that cannot be drawn stops nothing.
func (b byteBar) Write(p []byte) (int, error) {
	if b.bar != nil {
		_ = b.bar.Add(len(p))
	}
	return len(p), nil
}

// end takes the bar away.
func (b byteBar) end() {
	if b.bar != nil {
		_ = b.bar.Finish()
	}
}
