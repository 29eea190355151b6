package contract_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
)

// crossing is every type that crosses Temporal.
var crossing = []any{
	contract.Start{}, contract.State{}, contract.RetentionStart{}, contract.RolloutStart{}, contract.RolloutResult{},

	contract.PlanClock{}, contract.ClockPlan{}, contract.PlanWait{}, contract.WaitPlan{}, contract.NextMorning{}, contract.Morning{},
	contract.Record{}, contract.CheckPresence{}, contract.Presence{}, contract.PurgeRecords{},
	contract.OpenTickets{}, contract.OpenTicketsPage{}, contract.ReplanTickets{}, contract.Replanned{},
	contract.MailOrder{}, contract.MailResult{}, contract.TextOrder{}, contract.TextResult{}, contract.StaffNotice{},
	contract.AccountRef{}, contract.AccountFound{}, contract.ObstaclesFound{}, contract.AccountAct{}, contract.AccountActed{},

	contract.Done{}, contract.IdentityProved{}, contract.Plain{}, contract.Words{}, contract.StaffAct{}, contract.Assign{},
	contract.Categorise{}, contract.StaffWords{}, contract.CheckIdentity{}, contract.Decide{}, contract.Approve{},
	contract.TaskDone{}, contract.Replan{}, contract.ProofSent{}, contract.ReviewProof{},

	contract.Standing{}, contract.Heard{}, contract.Repair{}, contract.MailsOf{}, contract.MailsInTheAir{}, contract.LetterInTheAir{},
}

// pinned are the plain strings that may cross: they name a policy, and a policy's
// own check bounds them.
var pinned = map[string]bool{"PolicyRef.Name": true, "PolicyRef.Version": true, "PolicyRef.Digest": true}

func TestNothingThatCrossesTemporalCanHoldASentence(t *testing.T) {
	w := walk{t: t, seen: map[reflect.Type]bool{}}
	for _, v := range crossing {
		w.visit(reflect.TypeOf(v), reflect.TypeOf(v).Name())
	}
	for _, name := range structs(t) {
		require.True(t, w.reached(name), "contract.%s is not held against this test: add it to crossing", name)
	}
}

type walk struct {
	t    *testing.T
	seen map[reflect.Type]bool
}

// visit refuses whatever could hold free text: a string that is not of one of the
// vocabulary's types, bytes, maps and interfaces.
func (w walk) visit(typ reflect.Type, at string) {
	if w.seen[typ] || typ == reflect.TypeFor[time.Time]() {
		return
	}
	switch typ.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int64:
	case reflect.String:
		ours := typ.PkgPath() == "rightsdesk/ticket" || typ.PkgPath() == "rightsdesk/contract"
		require.True(w.t, ours || pinned[at], "%s is a %s: free text must be stored and named by its id", at, typ)
	case reflect.Slice, reflect.Pointer:
		require.NotEqual(w.t, reflect.Uint8, typ.Elem().Kind(), "%s holds bytes", at)
		w.visit(typ.Elem(), at)
	case reflect.Struct:
		w.seen[typ] = true
		for i := range typ.NumField() {
			f := typ.Field(i)
			require.True(w.t, f.IsExported(), "%s.%s is lost on the way", typ.Name(), f.Name)
			require.NotEmpty(w.t, f.Tag.Get("json"), "%s.%s has no name in histories", typ.Name(), f.Name)
			w.visit(f.Type, typ.Name()+"."+f.Name)
		}
	default:
		require.Fail(w.t, "a type that could hold anything", "%s is a %s", at, typ)
	}
}

func (w walk) reached(name string) bool {
	for typ := range w.seen {
		if typ.PkgPath() == "rightsdesk/contract" && typ.Name() == name {
			return true
		}
	}
	return false
}

// structs lists the structs that the package declares.
func structs(t *testing.T) (names []string) {
	files, err := parser.ParseDir(token.NewFileSet(), ".", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	for _, file := range files["contract"].Files {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if _, ok := spec.Type.(*ast.StructType); ok {
					names = append(names, spec.Name.Name)
				}
			}
			return true
		})
	}
	require.NotEmpty(t, names)
	return names
}

func TestAStepIsAWordAndANumber(t *testing.T) {
	require.Equal(t, contract.Step("receipt-1"), contract.StepOf(contract.LetterReceipt, 1))
	require.Equal(t, "DSR-20260213-7K3F9QXM-retention", contract.RetentionID("DSR-20260213-7K3F9QXM"))
	for _, l := range contract.Letters() {
		require.Equal(t, strings.ToLower(string(l)), string(l))
	}
}
