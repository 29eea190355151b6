package seal

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
)

// Hash is a keyed hash (HMAC-SHA-256, hex): the same value always gives the same
// hash, and without the master key nobody can tell or try out which value it
// was. The purpose keeps hashes of different things apart.
func (v *Vault) Hash(purpose, value string) string {
	input := binary.BigEndian.AppendUint32(nil, uint32(len(purpose)))
	input = append(append(input, purpose...), value...)
	sum, err := v.keys.Load().hashes.ComputePrimaryPRF(input, 32)
	if err != nil { // only for an output length the key can't give
		panic("seal: hashing: " + err.Error())
	}
	return hex.EncodeToString(sum)
}

// NewToken draws 256 random bits, in letters that may stand in a URL.
func NewToken() string {
	var bits [32]byte
	_, _ = rand.Read(bits[:]) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(bits[:])
}
