package natsd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// dirLock keeps a second server out of a store, which would corrupt it.
type dirLock struct {
	f    *os.File
	once sync.Once
}

// lockDir creates dir, checks that it is writable and locks it. The lock ends
// with the process, so a killed one leaves nothing behind.
func lockDir(dir string) (*dirLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("natsd: store directory: %w", err)
	}
	name := filepath.Join(dir, "kith.lock")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("natsd: store directory %s is not writable: %w", dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("natsd: store directory %s is in use by another server", dir)
		}
		return nil, fmt.Errorf("natsd: lock %s: %w", name, err)
	}
	return &dirLock{f: f}, nil
}

func (l *dirLock) release() (err error) {
	l.once.Do(func() { err = l.f.Close() })
	return err
}
