package workflows

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Without this a change could go out under the revision of workers that do not
// know it.
func TestEveryChangeOfARunningTicketHasItsRevision(t *testing.T) {
	packages, err := parser.ParseDir(token.NewFileSet(), ".", func(f fs.FileInfo) bool {
		return !strings.HasSuffix(f.Name(), "_test.go")
	}, parser.SkipObjectResolution)
	require.NoError(t, err)
	asked := map[string]bool{}
	ast.Inspect(packages["workflows"], func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "GetVersion" {
			id, ok := call.Args[1].(*ast.BasicLit)
			require.True(t, ok, "the id of a change is written out where it is asked for")
			name, err := strconv.Unquote(id.Value)
			require.NoError(t, err)
			asked[name] = true
		}
		return true
	})
	newest := 1
	for id := range asked {
		assert.Contains(t, changes, id, "the change is not listed: add it to changes and raise Revision")
	}
	for id, revision := range changes {
		assert.True(t, asked[id], "%s is listed and nowhere asked for: old histories would not replay", id)
		newest = max(newest, revision)
	}
	assert.Equal(t, newest, Revision)
}
