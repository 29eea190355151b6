package seal

import (
	"errors"
	"fmt"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// KeyState is what a key within a master key is for.
type KeyState string

const (
	KeyPrimary KeyState = "primary" // new things are sealed under it
	KeyOld     KeyState = "old"     // it only opens; Retire takes it away
	KeyWaiting KeyState = "waiting" // it only opens; the next Rotate makes it primary
)

// Key is one of the keys within a master key, without its secret.
type Key struct {
	ID    KeyID
	State KeyState
}

// Keys lists the keys within a file's master key, the oldest first, and says when
// the file was last changed.
func Keys(path string) ([]Key, time.Time, error) {
	k, err := readFile(path)
	if err != nil {
		return nil, time.Time{}, err
	}
	return k.list(), k.seen.ModTime(), nil
}

func (k *keys) list() []Key {
	info := k.sealing.KeysetInfo()
	state := KeyOld
	var out []Key
	for _, key := range info.GetKeyInfo() {
		if key.GetKeyId() == info.GetPrimaryKeyId() {
			out = append(out, Key{KeyID(key.GetKeyId()), KeyPrimary})
			state = KeyWaiting
			continue
		}
		out = append(out, Key{KeyID(key.GetKeyId()), state})
	}
	return out
}

// AddKey adds a key that waits to become primary, so that the file can be brought
// to every machine before anything is sealed under the key.
func AddKey(path string) (added KeyID, err error) {
	err = edit(path, func(k *keys, m *keyset.Manager) error {
		for _, key := range k.list() {
			if key.State == KeyWaiting {
				return fmt.Errorf("there is a key that waits already: %s", key.ID)
			}
		}
		added, err = add(m)
		return err
	})
	return added, err
}

// Rotate makes the key that waits primary, or a new one if none does. The keys
// before still open what was sealed under them.
func Rotate(path string) (primary KeyID, err error) {
	err = edit(path, func(k *keys, m *keyset.Manager) error {
		for _, key := range k.list() {
			if key.State == KeyWaiting {
				primary = key.ID
			}
		}
		if primary == 0 {
			if primary, err = add(m); err != nil {
				return err
			}
		}
		return m.SetPrimary(uint32(primary))
	})
	return primary, err
}

func add(m *keyset.Manager) (KeyID, error) {
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return 0, errors.New("making a key failed")
	}
	return KeyID(id), nil
}

// Retire takes the old keys out of a file's master key. Unused is asked before, and
// again when the keys are gone and no process seals under them any more: if it
// fails then, they are put back. What is sealed under a key that is gone can't be
// read by anybody.
func Retire(path string, unused func(old []KeyID) error) (retired []KeyID, err error) {
	return retired, underLock(path, func() error {
		before, k, err := readForEdit(path)
		if err != nil {
			return err
		}
		m := keyset.NewManagerFromHandle(k.sealing)
		for _, key := range k.list() {
			if key.State != KeyOld {
				continue
			}
			retired = append(retired, key.ID)
			if err := m.Delete(uint32(key.ID)); err != nil {
				return err
			}
		}
		if len(retired) == 0 {
			return errors.New("there is no old key to retire")
		}
		if err := unused(retired); err != nil {
			retired = nil
			return err
		}
		if err := writeKeys(path, k, m); err != nil {
			return err
		}
		if err := unused(retired); err != nil {
			retired = nil
			if back := replace(path, before); back != nil {
				return fmt.Errorf("the old keys are still needed and could not be put back (%w): restore the master key from its backup", back)
			}
			return err
		}
		return nil
	})
}
