//go:build unix

package temporal

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockDir makes sure that one server uses the directory. The lock ends with
// the process, however that ends.
func lockDir(dir string) (release func() error, err error) {
	file, err := os.OpenFile(filepath.Join(dir, "temporal.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("another desk is running on %s", dir)
	}
	return file.Close, nil
}
