package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// OpenFile opens the vault whose master key stands in a file.
func OpenFile(path string) (*Vault, error) {
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no master key at %s: restore it from its backup, or make a new one if this desk is new: %w", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the master key: %w", err)
	}
	v, err := Open(string(key))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}

// CreateFile makes a master key and writes it to a new file that only its owner
// may read. It refuses to overwrite: a lost master key is lost data.
func CreateFile(path string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already and is not overwritten, since all that was sealed with it would be lost: %w", path, err)
	}
	if err != nil {
		return fmt.Errorf("making the master key's file: %w", err)
	}
	defer func() {
		if closing := f.Close(); err == nil && closing != nil {
			err = fmt.Errorf("writing the master key: %w", closing)
		}
	}()
	if _, err := f.WriteString(NewMasterKey() + "\n"); err != nil {
		return fmt.Errorf("writing the master key: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("writing the master key to disk: %w", err)
	}
	return nil
}
