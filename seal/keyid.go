package seal

import (
	"encoding/binary"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"google.golang.org/protobuf/proto"
)

// KeyID names one of the keys within a master key. It is no secret: it stands in
// front of what is sealed.
type KeyID uint32

func (id KeyID) String() string { return fmt.Sprintf("%08x", uint32(id)) }

// Mark is what stands in front of what is sealed under the key.
func (id KeyID) Mark() []byte { return binary.BigEndian.AppendUint32([]byte{tinkStart}, uint32(id)) }

// tinkStart begins a ciphertext of tink's, before the key's id.
const tinkStart = 1

// SealedUnder reads off what a sealed text is sealed under.
func SealedUnder(sealed []byte) (KeyID, bool) {
	if len(sealed) < 5 || sealed[0] != tinkStart {
		return 0, false
	}
	return KeyID(binary.BigEndian.Uint32(sealed[1:])), true
}

// WrappedUnder reads off what a data key is wrapped under.
func WrappedUnder(wrapped []byte) (KeyID, bool) {
	var set tink_go_proto.EncryptedKeyset
	if len(wrapped) == 0 || proto.Unmarshal(wrapped, &set) != nil {
		return 0, false
	}
	return SealedUnder(set.GetEncryptedKeyset())
}

// Primary is the key that the vault seals under now.
func (v *Vault) Primary() (KeyID, error) {
	e, err := v.current().sealing.Primary()
	if err != nil {
		return 0, err
	}
	return KeyID(e.KeyID()), nil
}

func (k *keys) has(id KeyID) bool {
	for _, key := range k.sealing.KeysetInfo().GetKeyInfo() {
		if KeyID(key.GetKeyId()) == id {
			return true
		}
	}
	return false
}
