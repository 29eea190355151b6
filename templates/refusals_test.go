package templates

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

// codeAt is which argument of a call is the code of a refusal; the names of its
// facts stand behind it, each before its value. Of these, wrong is the desk's.
var codeAt = map[string]int{"Refuse": 0, "RefuseField": 1, "wrong": 1}

// refusals reads out of the source of some packages every code that is refused
// with, and the facts it is given anywhere.
type refusals struct {
	t     *testing.T
	names map[string]string          // "CodeRequired": "required"
	facts map[string]map[string]bool // by code
}

func refusalsIn(t *testing.T, folders ...string) refusals {
	t.Helper()
	r := refusals{t: t, names: map[string]string{}, facts: map[string]map[string]bool{}}
	var desk, others []*ast.File
	set := token.NewFileSet()
	for _, folder := range folders {
		names, err := filepath.Glob(filepath.Join(folder, "*.go"))
		require.NoError(t, err)
		require.NotEmpty(t, names, folder)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			if file.Name.Name == "desk" {
				desk = append(desk, file)
			} else {
				others = append(others, file)
			}
		}
	}
	for _, file := range desk {
		ast.Inspect(file, r.declared)
	}
	for _, file := range slices.Concat(desk, others) {
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && (lastName(call.Fun) != "wrong" || file.Name.Name == "desk") {
				r.called(set, call)
			}
			return true
		})
	}
	return r
}

// declared takes the desk's constants called Code….
func (r refusals) declared(n ast.Node) bool {
	spec, ok := n.(*ast.ValueSpec)
	if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Code") {
		return true
	}
	if code := literal(spec.Values[0]); code != "" {
		r.names[spec.Names[0].Name] = code
		r.add(code)
	}
	return true
}

func (r refusals) called(set *token.FileSet, call *ast.CallExpr) {
	at, ok := codeAt[lastName(call.Fun)]
	if !ok || len(call.Args) <= at {
		return
	}
	code := literal(call.Args[at])
	if code == "" {
		code = r.names[lastName(call.Args[at])]
	}
	if code == "" {
		// A code out of the outbox is one a workflow made, and helpers hand theirs on.
		_, none := call.Args[at].(*ast.BasicLit)
		known := slices.Contains([]string{"Rejected", "code"}, lastName(call.Args[at]))
		assert.True(r.t, none || known, "%s: name the code in the source, so that its sentence is looked for", set.Position(call.Pos()))
		return
	}
	r.add(code)
	for i := at + 1; i+1 < len(call.Args); i += 2 {
		r.facts[code][literal(call.Args[i])] = true
	}
}

func (r refusals) add(code string) {
	if r.facts[code] == nil {
		r.facts[code] = map[string]bool{}
	}
}

func literal(e ast.Expr) string {
	if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
		s, _ := strconv.Unquote(l.Value)
		return s
	}
	return ""
}

func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// Every code the source refuses with has a sentence in both languages, which
// tells the facts that help whoever reads it.
func TestEveryRefusalHasASentence(t *testing.T) {
	w := loadWords(t)
	r := refusalsIn(t, "../workflows", "../desk", "../api", "../store", "../activities")
	require.Greater(t, len(r.facts), 60)
	require.Contains(t, r.facts["already_answered"], "agent")
	for code, given := range r.facts {
		for _, l := range ticket.Locales() {
			if !assert.True(t, w.Has(l, "refusal."+code), "%s: refusal.%s", l, code) {
				continue
			}
			for _, fact := range []string{"agent", "at", "until", "retry_at", "field", "role", "stage"} {
				if !given[fact] {
					continue
				}
				e := ticket.Refuse(code, fact, "THE-FACT")
				assert.Contains(t, w.Refusal(l, e), "THE-FACT", "%s: refusal.%s does not tell %s", l, code, fact)
			}
		}
	}
}
