package api

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// The second factor is a code of six digits that an app makes anew every half
// minute (RFC 6238, as every such app does it).
const (
	factorStep    = 30 * time.Second
	factorDigits  = otp.DigitsSix
	recoveryCodes = 10 // made at a time
)

// newFactor draws a secret, as the address that an app reads from a picture.
func newFactor(operator string, id ticket.AgentID) (*otp.Key, error) {
	issuer := strings.ReplaceAll(operator, ":", " ")
	return totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: string(id), Period: uint(factorStep / time.Second),
		SecretSize: 20, Digits: factorDigits, Algorithm: otp.AlgorithmSHA1})
}

// stepOf is the step whose code was typed: the present one, or the one before or
// after, for clocks that are not quite right.
func stepOf(secret, typed string, now time.Time) (int64, bool) {
	present := now.Unix() / int64(factorStep/time.Second)
	found, ok := int64(0), false
	for _, step := range []int64{present - 1, present, present + 1} {
		code, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: factorDigits, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(code), []byte(typed)) == 1 {
			found, ok = step, true
		}
	}
	return found, ok
}

// typedCode is a code as people type it: with spaces or hyphens, full-width.
func typedCode(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= '！' && r <= '～' {
			r = r - '！' + '!'
		}
		if r != ' ' && r != '-' && r != '\u3000' && b.Len() < 64 {
			b.WriteRune(r)
		}
	}
	return strings.ToLower(b.String())
}

// newRecoveryCodes draws codes for the day the phone is gone: 50 bits each, in
// letters that can't be mistaken for one another.
func newRecoveryCodes() []string {
	const letters = "23456789abcdefghjkmnpqrstuvwxyz"
	codes := make([]string, recoveryCodes)
	for i := range codes {
		var b strings.Builder
		for b.Len() < 11 {
			if b.Len() == 5 {
				b.WriteByte('-')
			}
			var raw [1]byte
			_, _ = rand.Read(raw[:]) // never fails: crypto/rand ends the program instead
			if n := int(raw[0]); n < 256/len(letters)*len(letters) {
				b.WriteByte(letters[n%len(letters)])
			}
		}
		codes[i] = b.String()
	}
	return codes
}

// codeProved takes a code of the member's app, once.
func (k *console) codeProved(ctx context.Context, member store.Agent, typed string) (bool, error) {
	secret, err := k.Store.FactorSecret(ctx, member.ID)
	if err != nil {
		return false, err
	}
	step, ok := stepOf(secret, typedCode(typed), k.Now())
	if !ok {
		return false, nil
	}
	return k.Store.UseFactorStep(ctx, member.ID, step)
}

// factorProved takes a code of the app or a recovery code, each once.
func (k *console) factorProved(ctx context.Context, member store.Agent, typed string) (bool, error) {
	if len(typedCode(typed)) == factorDigits.Length() {
		return k.codeProved(ctx, member, typed)
	}
	return k.Store.UseRecoveryCode(ctx, member.ID, typedCode(typed), store.StaffEvent{At: k.Now(), Actor: member.ID, Act: store.StaffCodeUsed})
}

// guarded makes a try that counts against a name when it fails, one at a time. A
// name that has to wait is told until when, and nothing is tried.
func (k *console) guarded(ctx context.Context, counted string, try func() (bool, error)) (ok bool, until time.Time, err error) {
	release := k.lockouts.turn(counted)
	defer release()
	if until, err = k.lockouts.until(ctx, counted); err != nil || !until.IsZero() {
		return false, until, err
	}
	if ok, err = try(); err == nil && !ok {
		err = k.lockouts.failed(ctx, counted)
	}
	return ok, time.Time{}, err
}
