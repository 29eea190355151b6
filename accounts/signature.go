package accounts

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"
)

// The headers of a signed request.
const (
	HeaderTimestamp      = "Rightsdesk-Timestamp"
	HeaderSignature      = "Rightsdesk-Signature"
	HeaderIdempotencyKey = "Idempotency-Key"
)

// MaxAge is how far a request's timestamp may lie from the receiver's clock,
// either way.
const MaxAge = 5 * time.Minute

// MinSecret is the shortest shared secret accepted, in bytes.
const MinSecret = 32

var (
	ErrSignatureMissing = errors.New("signature missing")
	ErrSignatureStale   = errors.New("signature stale")
	ErrSignatureWrong   = errors.New("signature wrong")
)

// Sign returns the values of HeaderTimestamp (seconds since 1970) and
// HeaderSignature ("v1=" and the hexadecimal HMAC-SHA-256 of timestamp, a full
// stop and the body).
func Sign(secret []byte, at time.Time, body []byte) (timestamp, signature string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	return timestamp, "v1=" + hex.EncodeToString(mac(secret, timestamp, body))
}

// Verify checks a signature against each of the secrets (two while one is
// being replaced), in time that does not depend on how wrong it is. The error
// is one of ErrSignatureMissing, ErrSignatureStale and ErrSignatureWrong; only
// who holds the secret can learn that a signature is merely stale.
func Verify(timestamp, signature string, body []byte, now time.Time, secrets ...[]byte) error {
	if timestamp == "" || signature == "" {
		return ErrSignatureMissing
	}
	digits, ok := strings.CutPrefix(signature, "v1=")
	got, err := hex.DecodeString(digits)
	if !ok || err != nil {
		return ErrSignatureWrong
	}
	right := false
	for _, secret := range secrets {
		if len(secret) >= MinSecret && hmac.Equal(got, mac(secret, timestamp, body)) {
			right = true
		}
	}
	if !right {
		return ErrSignatureWrong
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return ErrSignatureWrong
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > MaxAge || age < -MaxAge {
		return ErrSignatureStale
	}
	return nil
}

func mac(secret []byte, timestamp string, body []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(timestamp))
	h.Write([]byte("."))
	h.Write(body)
	return h.Sum(nil)
}
