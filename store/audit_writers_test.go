package store

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// An entry written past addEvents would have no hash, and be taken for one of an
// earlier release.
func TestEntriesAreWrittenInOnePlace(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	writes := regexp.MustCompile(`newEventRow\(|newLedgerRow\(|(Create|Save)\(&?\[?\]?(eventRow|ledgerRow)`)
	var writers []string
	for _, name := range files {
		if matched, _ := filepath.Match("*_test.go", name); matched {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		if writes.Match(text) {
			writers = append(writers, name)
		}
	}
	require.Equal(t, []string{"audit.go", "audit_link.go"}, writers, "use addEvents and addLedger")
}
