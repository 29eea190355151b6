package seal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/tink-crypto/tink-go/v2/keyset"
)

// edit changes the sealing part of a file's master key.
func edit(path string, change func(*keys, *keyset.Manager) error) error {
	return underLock(path, func() error {
		_, k, err := readForEdit(path)
		if err != nil {
			return err
		}
		m := keyset.NewManagerFromHandle(k.sealing)
		if err := change(k, m); err != nil {
			return err
		}
		return writeKeys(path, k, m)
	})
}

func readForEdit(path string) ([]byte, *keys, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	k, err := readFile(path)
	return text, k, err
}

func writeKeys(path string, k *keys, m *keyset.Manager) error {
	handle, err := m.Handle()
	if err != nil {
		return errors.New("changing the master key failed")
	}
	sealing, err := clearText(handle)
	if err != nil {
		return errors.New("writing the master key failed")
	}
	line, err := masterKey{Seal: sealing, Hash: []byte(k.hash)}.encode()
	if err != nil {
		return errors.New("writing the master key failed")
	}
	if _, err := parse(line); err != nil { // never leave what can't be read
		return err
	}
	return replace(path, []byte(line+"\n"))
}

// underLock keeps other programs from changing the same file at once.
func underLock(path string, do func() error) error {
	for {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("opening the master key's file: %w", err)
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
			_ = f.Close()
			return fmt.Errorf("locking the master key's file: %w", err)
		}
		held, err := f.Stat()
		now, gone := os.Stat(path)
		if err == nil && gone == nil && os.SameFile(held, now) {
			defer f.Close() // gives the lock back
			return do()
		}
		_ = f.Close() // it was replaced while we waited
		if gone != nil {
			return fmt.Errorf("opening the master key's file: %w", gone)
		}
	}
}

// unfinished names the files that replace writes first.
const unfinished = ".master-key-unfinished-"

// replace puts a text in a file's place at one stroke, under the file's mode and
// owner. Of what was there before, and of a try that was cut off, nothing is left.
func replace(path string, text []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("replacing the master key's file: %w", err)
	}
	old, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("replacing the master key's file: %w", err)
	}
	dir := filepath.Dir(path)
	leftovers, _ := filepath.Glob(filepath.Join(dir, unfinished+"*"))
	for _, l := range leftovers {
		_ = os.Remove(l)
	}
	f, err := os.CreateTemp(dir, unfinished+"*")
	if err != nil {
		return fmt.Errorf("replacing the master key's file: %w", err)
	}
	defer os.Remove(f.Name()) // it is gone by then, if all went well
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(old.Mode().Perm())
	}
	if owner, ok := old.Sys().(*syscall.Stat_t); ok && err == nil {
		if int(owner.Uid) != os.Geteuid() || int(owner.Gid) != os.Getegid() {
			err = f.Chown(int(owner.Uid), int(owner.Gid))
		}
	}
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("replacing the master key's file: %w", err)
	}
	folder, err := os.Open(dir)
	if err != nil {
		return nil // written, if perhaps not yet to disk
	}
	defer folder.Close()
	_ = folder.Sync()
	return nil
}
