package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	testNamed = regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z0-9]*)`")
	testFunc  = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z]\w*)\(`)
)

func TestTheThreatModelNamesOnlyTestsThatAreThere(t *testing.T) {
	there := map[string]bool{}
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range testFunc.FindAllSubmatch(text, -1) {
			there[string(m[1])] = true
		}
		return err
	}))
	text, err := os.ReadFile("docs/threat-model.md")
	require.NoError(t, err)
	named := testNamed.FindAllSubmatch(text, -1)
	require.NotEmpty(t, named)
	for _, m := range named {
		assert.True(t, there[string(m[1])], "%s is named, and is no test", m[1])
	}
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| attack") {
			assert.Regexp(t, testNamed, line, "an attack without a test")
		}
	}
}
