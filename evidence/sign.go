package evidence

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// signatureLine is where in a file the signature begins: it signs every byte
// before.
const signatureLine = "\n  \"signature\": "

// Sign adds the approvals and what the clock adds up to, signs the file and
// returns its bytes.
func Sign(f File, private ed25519.PrivateKey) ([]byte, error) {
	f.Format = Format
	f.Approvals = approvals(f.Trail)
	f.Clock = added(f.Clock, f.MadeAt)
	public, ok := private.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("the signing key is not one for Ed25519")
	}
	f.Key = hex.EncodeToString(public)
	text, err := canonical(f)
	if err != nil {
		return nil, err
	}
	signed := text[:bytes.LastIndex(text, []byte(signatureLine))]
	f.Signature = hex.EncodeToString(ed25519.Sign(private, signed))
	return canonical(f)
}

// canonical is the one form in which a file may be written: JSON, its members in
// the order of File, indented by two spaces, with one line break at its end.
func canonical(f File) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(f); err != nil {
		return nil, fmt.Errorf("writing evidence: %w", err)
	}
	return out.Bytes(), nil
}

// ParseKey reads the public part of a signing key: 64 hexadecimal digits.
func ParseKey(text string) (ed25519.PublicKey, error) {
	key, err := hex.DecodeString(text)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("the key must be 64 hexadecimal digits, as `rightsdesk evidence key` prints it")
	}
	return key, nil
}
