package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// OpenFile opens the vault whose master key stands in a file, and follows the file:
// before it seals it looks whether the file has changed, and before it gives up on
// something sealed under a key it does not know it reads the file once more. So a
// key that Rotate makes is picked up by every process that has the file open, and a
// key that Retire takes away is no longer sealed under by any.
func OpenFile(path string) (*Vault, error) {
	k, err := readFile(path)
	if err != nil {
		return nil, err
	}
	v := &Vault{file: path}
	v.keys.Store(k)
	return v, nil
}

func readFile(path string) (*keys, error) {
	seen, err := os.Stat(path) // before it is read, so that a change meanwhile is seen later
	var text []byte
	if err == nil {
		text, err = os.ReadFile(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no master key at %s: restore it from its backup, or make a new one if this desk is new: %w", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the master key: %w", err)
	}
	k, err := parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	k.seen = seen
	return k, nil
}

// current is the master key as the file has it now.
func (v *Vault) current() *keys {
	k := v.keys.Load()
	if v.file == "" {
		return k
	}
	now, err := os.Stat(v.file)
	if err != nil || os.SameFile(now, k.seen) && now.ModTime().Equal(k.seen.ModTime()) && now.Size() == k.seen.Size() {
		return k
	}
	return v.again(k)
}

// holding is a master key that has the key something is sealed under; if there is
// none, as it is.
func (v *Vault) holding(id KeyID, known bool) *keys {
	k := v.keys.Load()
	if v.file == "" || !known || k.has(id) {
		return k
	}
	return v.again(k)
}

// again reads the file, unless another goroutine has done so since before. A file
// that is gone, damaged or another desk's changes nothing.
func (v *Vault) again(before *keys) *keys {
	v.reading.Lock()
	defer v.reading.Unlock()
	k := v.keys.Load()
	if k != before {
		return k
	}
	read, err := readFile(v.file)
	if err != nil || read.hash != k.hash {
		return k
	}
	v.keys.Store(read)
	return read
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
