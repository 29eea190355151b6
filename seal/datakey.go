package seal

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrUnreadable: the sealed text is damaged, or was sealed under another key or
// for another place.
var ErrUnreadable = errors.New("sealed text can't be opened: damaged, moved from its place, or sealed under another key")

// DataKey seals what belongs to one ticket. Once its wrapped form is destroyed,
// nothing it sealed can be read again.
type DataKey struct{ key tink.AEAD }

const wrapping = "rightsdesk data key"

// NewDataKey makes a data key and its wrapped form, which is what is stored.
func (v *Vault) NewDataKey() (wrapped []byte, k *DataKey, err error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, nil, fmt.Errorf("making a data key: %w", err)
	}
	if wrapped, err = v.wrap(handle); err != nil {
		return nil, nil, err
	}
	k, err = dataKey(handle)
	return wrapped, k, err
}

func (v *Vault) wrap(handle *keyset.Handle) ([]byte, error) {
	var out bytes.Buffer
	if err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&out), v.current().master, []byte(wrapping)); err != nil {
		return nil, fmt.Errorf("wrapping a data key: %w", err)
	}
	return out.Bytes(), nil
}

// Rewrap wraps a data key anew, under the master key's primary key. What it sealed
// stays as it is.
func (v *Vault) Rewrap(wrapped []byte) ([]byte, error) {
	handle, err := v.unwrap(wrapped)
	if err != nil {
		return nil, err
	}
	return v.wrap(handle)
}

// DataKey unwraps a data key.
func (v *Vault) DataKey(wrapped []byte) (*DataKey, error) {
	handle, err := v.unwrap(wrapped)
	if err != nil {
		return nil, err
	}
	return dataKey(handle)
}

func (v *Vault) unwrap(wrapped []byte) (*keyset.Handle, error) {
	id, known := WrappedUnder(wrapped)
	master := v.holding(id, known).master
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(wrapped)), master, []byte(wrapping))
	if err != nil {
		return nil, errors.New("a data key can't be unwrapped: it is damaged or was wrapped under another master key")
	}
	return handle, nil
}

func dataKey(handle *keyset.Handle) (*DataKey, error) {
	key, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("using a data key: %w", err)
	}
	return &DataKey{key: key}, nil
}

// Seal encrypts plain. The context says where the result will stand, e.g.
// "DSR-…/message/17": it opens only there.
func (k *DataKey) Seal(plain []byte, context string) ([]byte, error) {
	return sealWith(k.key, plain, context)
}

// Open decrypts what Seal made for the same context, or returns ErrUnreadable.
func (k *DataKey) Open(sealed []byte, context string) ([]byte, error) {
	return openWith(k.key, sealed, context)
}

func sealWith(key tink.AEAD, plain []byte, context string) ([]byte, error) {
	sealed, err := key.Encrypt(plain, []byte(context))
	if err != nil {
		return nil, errors.New("sealing failed")
	}
	return sealed, nil
}

func openWith(key tink.AEAD, sealed []byte, context string) ([]byte, error) {
	plain, err := key.Decrypt(sealed, []byte(context))
	if err != nil {
		return nil, ErrUnreadable
	}
	return plain, nil
}
