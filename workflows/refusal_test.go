package workflows_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every refusal has its words in both languages, and a story in which it is met.
func TestEveryRefusalHasItsWordsAndItsStory(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	codes, stories := map[string]bool{}, ""
	refuse := regexp.MustCompile(`(?:Refuse\(|RefuseField\([^,]+, )"(\w+)"`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		if strings.HasSuffix(name, "_test.go") {
			stories += string(text)
			continue
		}
		for _, m := range refuse.FindAllStringSubmatch(string(text), -1) {
			codes[m[1]] = true
		}
	}
	require.Greater(t, len(codes), 40)
	for _, language := range []string{"en", "zh-CN"} {
		words, err := os.ReadFile("../templates/locales/refusal." + language + ".yaml")
		require.NoError(t, err)
		for _, code := range slices.Sorted(maps.Keys(codes)) {
			require.Contains(t, string(words), "refusal."+code+":", language)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		if !strings.Contains(stories, `"`+code+`"`) {
			t.Errorf("no story meets %s", code)
		}
	}
}
