// Package secretfile keeps the secrets that the desk shares with the samples.
package secretfile

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
)

// Kept is the secret in a file; the first time it is made.
func Kept(file string) ([]byte, error) {
	secret, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		secret = []byte(rand.Text() + rand.Text())
		err = os.WriteFile(file, secret, 0o600)
	}
	return secret, err
}
