package docker_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/command"
)

// notYet are settings and commands that these files already speak of and that the
// command line is about to get. One that has come must leave the list.
var notYet = []string{}

// help is what a command says of itself.
func help(args ...string) (string, bool) {
	var out, complaint bytes.Buffer
	code := command.Main(append(args, "--help"), &out, &complaint)
	return out.String(), code == 0
}

// commands are those of rightsdesk --help, such as "keys rotate".
func commands(t *testing.T) []string {
	t.Helper()
	out, _ := help()
	var all []string
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z]+(?: [a-z]+)?)(?:  |$)`).FindAllStringSubmatch(out, -1) {
		all = append(all, m[1])
	}
	require.Greater(t, len(all), 10)
	return all
}

// settings are the variables that the commands know.
func settings(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, c := range commands(t) {
		out, ok := help(strings.Fields(c)...)
		require.True(t, ok, c)
		all = append(all, regexp.MustCompile(`RIGHTSDESK_[A-Z_]+`).FindAllString(out, -1)...)
	}
	return all
}

func TestDockerSetsOnlySettingsThatThereAre(t *testing.T) {
	known := settings(t)
	var files []string
	for _, pattern := range []string{"*.yaml", "*.env", "*.md", "kubernetes/*", "../docs/runbook.md"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		files = append(files, found...)
	}
	require.Greater(t, len(files), 15)
	for _, file := range files {
		for _, setting := range regexp.MustCompile(`RIGHTSDESK_[A-Z_]+`).FindAllString(read(t, file), -1) {
			if strings.HasSuffix(setting, "_") { // RIGHTSDESK_…
				continue
			}
			assert.True(t, slices.Contains(known, setting) || slices.Contains(notYet, setting), "%s sets %s, which is no setting", file, setting)
		}
	}
}

func TestWhatHasComeLeavesTheListOfWhatIsToCome(t *testing.T) {
	known := append(settings(t), commands(t)...)
	for _, one := range notYet {
		assert.False(t, slices.Contains(known, one), "%s is there now: take it off notYet", one)
	}
}

func TestEveryFolderOfDockerIsDescribed(t *testing.T) {
	page := read(t, "README.md")
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, e := range entries {
		if e.IsDir() {
			assert.True(t, strings.Contains(page, "`"+e.Name()+"/`"), "README.md does not say what %s is for", e.Name())
		}
	}
}
