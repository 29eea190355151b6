package templates

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
)

// assetVersions is a digest for each static file. It stands in the address, so
// that browsers may keep a file for ever and still see a new one at once.
func assetVersions() (map[string]string, error) {
	out := map[string]string{}
	static := Static()
	err := fs.WalkDir(static, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(static, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(text)
		out[name] = hex.EncodeToString(sum[:8])
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("templates: static files: %w", err)
	}
	return out, nil
}

// AssetVersion is the digest of a static file, empty when there is none.
func (s *Set) AssetVersion(name string) string { return s.assets[name] }

// asset is the address of a static file: {{asset "desk.css"}}.
func asset(versions map[string]string) func(string) (string, error) {
	return func(name string) (string, error) {
		v, ok := versions[name]
		if !ok {
			return "", fmt.Errorf("templates: no static file %q", name)
		}
		return "/static/" + name + "?v=" + v, nil
	}
}
