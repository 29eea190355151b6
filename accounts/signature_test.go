package accounts

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

var (
	testSecret = []byte("an-example-secret-of-32-bytes-ok")
	testTime   = time.Date(2026, 11, 23, 1, 30, 0, 0, time.UTC)
)

// The values stand in docs/account-system.md for implementers to check
// theirs against.
func TestSignatureIsTheDocumentedOne(t *testing.T) {
	timestamp, signature := Sign(testSecret, testTime, []byte(`{"operation":"lookup","identifier":"zhang.wei@example.com"}`))
	if timestamp != "1795397400" {
		t.Errorf("timestamp %s", timestamp)
	}
	if want := goldenSignature; signature != want {
		t.Errorf("signature %s, documented %s", signature, want)
	}
}

func TestVerifyRefusesWhatWasNotSignedJustNow(t *testing.T) {
	body := []byte(`{"operation":"purge"}`)
	timestamp, signature := Sign(testSecret, testTime, body)
	other := bytes.Repeat([]byte("x"), MinSecret)
	cases := []struct {
		name                 string
		timestamp, signature string
		body                 string
		now                  time.Time
		secret               []byte
		want                 error
	}{
		{"right", timestamp, signature, string(body), testTime, testSecret, nil},
		{"five minutes old", timestamp, signature, string(body), testTime.Add(MaxAge), testSecret, nil},
		{"older", timestamp, signature, string(body), testTime.Add(MaxAge + time.Second), testSecret, ErrSignatureStale},
		{"from the future", timestamp, signature, string(body), testTime.Add(-MaxAge - time.Second), testSecret, ErrSignatureStale},
		{"no timestamp", "", signature, string(body), testTime, testSecret, ErrSignatureMissing},
		{"no signature", timestamp, "", string(body), testTime, testSecret, ErrSignatureMissing},
		{"another body", timestamp, signature, `{"operation":"erase"}`, testTime, testSecret, ErrSignatureWrong},
		{"another timestamp", "1795397401", signature, string(body), testTime, testSecret, ErrSignatureWrong},
		{"another secret", timestamp, signature, string(body), testTime, other, ErrSignatureWrong},
		{"another version", timestamp, "v2=" + signature[3:], string(body), testTime, testSecret, ErrSignatureWrong},
		{"not hexadecimal", timestamp, "v1=zz", string(body), testTime, testSecret, ErrSignatureWrong},
		{"short", timestamp, signature[:20], string(body), testTime, testSecret, ErrSignatureWrong},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Verify(c.timestamp, c.signature, []byte(c.body), c.now, c.secret); !errors.Is(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	if err := Verify(timestamp, signature, body, testTime, other, testSecret); err != nil {
		t.Errorf("two secrets while one is replaced: %v", err)
	}
	if err := Verify(timestamp, signature, body, testTime); err == nil {
		t.Error("no secret at all must let nothing through")
	}
}
