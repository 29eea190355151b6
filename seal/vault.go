// Package seal keeps secrets secret at rest: a master key that wraps one data
// key per ticket, sealed texts bound to their place, and keyed hashes by which a
// value can be looked up without being stored. It imports nothing of the product.
package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Vault holds the master key. It is safe for many goroutines at once. One that was
// opened from a file follows the file: see OpenFile.
type Vault struct {
	keys atomic.Pointer[keys]

	file    string // empty: the key was given as it is
	reading sync.Mutex
}

// keys are a master key in use.
type keys struct {
	sealing *keyset.Handle
	master  tink.AEAD
	hashes  *prf.Set
	hash    string      // the hashing part's text, which never changes
	seen    os.FileInfo // of the file it was read from
}

// masterKey is the text behind a master key: two tink keysets as tink's JSON.
// A keyset may hold several keys, of which the primary one seals: so the sealing
// key can be rotated. The hashing key can't: what is looked up by it would be
// lost.
type masterKey struct {
	Seal json.RawMessage `json:"seal"` // AES-256-GCM
	Hash json.RawMessage `json:"hash"` // HMAC-SHA-256 as a pseudo-random function
}

// NewMasterKey makes a master key: one line of base64. Whoever has it can read
// everything; whoever loses it can read nothing.
func NewMasterKey() string {
	text, err := newMasterKey()
	if err != nil { // only if the library's own templates were broken
		panic("seal: making a master key: " + err.Error())
	}
	return text
}

func newMasterKey() (string, error) {
	sealing, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return "", err
	}
	hashing, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return "", err
	}
	var key masterKey
	if key.Seal, err = clearText(sealing); err != nil {
		return "", err
	}
	if key.Hash, err = clearText(hashing); err != nil {
		return "", err
	}
	return key.encode()
}

func clearText(h *keyset.Handle) (json.RawMessage, error) {
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&text)); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(text.Bytes()), nil
}

// Open makes a Vault from a master key. Its errors say what is wrong and how to
// mend it, and never print any of the key.
func Open(key string) (*Vault, error) {
	k, err := parse(key)
	if err != nil {
		return nil, err
	}
	v := &Vault{}
	v.keys.Store(k)
	return v, nil
}

func parse(key string) (*keys, error) {
	parts, err := decode(key)
	if err != nil {
		return nil, err
	}
	k := &keys{hash: string(parts.Hash)}
	if k.sealing, err = readKeyset(parts.Seal); err == nil {
		k.master, err = aead.New(k.sealing)
	}
	if err != nil {
		return nil, errors.New("the master key's sealing part is damaged: restore it from its backup")
	}
	hashing, err := readKeyset(parts.Hash)
	if err == nil {
		k.hashes, err = prf.NewPRFSet(hashing)
	}
	if err != nil {
		return nil, errors.New("the master key's hashing part is damaged: restore it from its backup")
	}
	return k, nil
}

// decode takes a master key's line apart.
func decode(key string) (masterKey, error) {
	key = strings.TrimSpace(key)
	if key == "" {
		return masterKey{}, errors.New("the master key is empty: give the line that was made for this desk")
	}
	text, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return masterKey{}, errors.New("the master key is not base64: give the whole line as it was made")
	}
	var parts masterKey
	if json.Unmarshal(text, &parts) != nil || len(parts.Seal) == 0 || len(parts.Hash) == 0 {
		return masterKey{}, errors.New("the master key is cut short or is another program's: give the whole line as it was made")
	}
	return parts, nil
}

// encode makes the line.
func (k masterKey) encode() (string, error) {
	text, err := json.Marshal(k)
	return base64.StdEncoding.EncodeToString(text), err
}

func readKeyset(text []byte) (*keyset.Handle, error) {
	return insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
}

// Seal encrypts something that belongs to no ticket under the master key, bound
// to its context. See DataKey.Seal.
func (v *Vault) Seal(plain []byte, context string) ([]byte, error) {
	return sealWith(v.current().master, plain, "vault/"+context)
}

// Open decrypts what Seal made.
func (v *Vault) Open(sealed []byte, context string) ([]byte, error) {
	id, known := SealedUnder(sealed)
	return openWith(v.holding(id, known).master, sealed, "vault/"+context)
}
