package evidence

import (
	"bytes"
	"crypto/ed25519"
	"testing"
)

// A file comes from outside: whatever is in it, it is refused in words, and what
// holds is in its one form.
func FuzzVerify(f *testing.F) {
	private := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	whole, err := Sign(aFile(), private)
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range [][]byte{whole, whole[:len(whole)/2], []byte(`{}`), []byte(`null`), []byte(`{"format":"rightsdesk evidence 1"}`),
		bytes.ReplaceAll(whole, []byte("  "), nil), append(bytes.Clone(whole), whole...)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, _, err := Verify(text, nil)
		if err != nil {
			return
		}
		again, err := canonical(file)
		if err != nil || !bytes.Equal(again, text) {
			t.Fatalf("it holds in another form than its own: %q", text)
		}
	})
}
