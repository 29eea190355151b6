// Package upgrade takes a desk full of open tickets from one release to the next,
// while it is used: the release before, kept as its sources, then this one, then
// one whose workflows have changed, and back from one that is broken.
package upgrade

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/devserver/people"
	"rightsdesk/devserver/production"
	"rightsdesk/ticket"
	"rightsdesk/workflows"
)

// before is the release that tickets come from.
const before = "releases/0.2.tar.gz"

// stages is every kind at every stage that its people can bring it to and leave
// it at.
func stages() (list []stage) {
	for _, kind := range []ticket.Kind{ticket.Complaint, ticket.AccountCancellation, ticket.InfoCorrection} {
		for _, aim := range []people.Aim{people.Filed, people.Verified, people.Answered} {
			list = append(list, stage{kind, aim})
		}
	}
	return append(list, stage{ticket.Complaint, people.Asked}, stage{ticket.AccountCancellation, people.Decided},
		stage{ticket.Complaint, people.Refused}, stage{ticket.InfoCorrection, people.Refused},
		stage{ticket.AccountCancellation, people.Closed}, stage{ticket.Complaint, people.Withdrawn})
}

type stage struct {
	kind ticket.Kind
	aim  people.Aim
}

func (s stage) ended() bool {
	return s.aim == people.Refused || s.aim == people.Closed || s.aim == people.Withdrawn
}

func TestOpenTicketsSurviveTwoUpgradesAndTheWayBack(t *testing.T) {
	dir := t.TempDir()
	current, err := production.Build(dir)
	require.NoError(t, err)
	old := filepath.Join(dir, "rightsdesk-old")
	require.NoError(t, production.BuildRelease(old, before))
	changed, broken := filepath.Join(dir, "rightsdesk-changed"), filepath.Join(dir, "rightsdesk-broken")
	next := workflows.Revision + 1
	require.NoError(t, production.BuildChanged(changed, changedFiles, withAStepMore(next)))
	require.NoError(t, production.BuildChanged(broken, changedFiles, withAStepMoreUnversioned(next+1)))

	w := settle(t, production.Binaries{Rightsdesk: old, Devserver: current.Devserver})
	w.say("the release before: tickets of every kind and stage")
	first := w.fill()
	open := every(slices.DeleteFunc(slices.Clone(first), func(c *people.Case) bool { return stage{c.Kind, c.Aim}.ended() }), 1)

	w.say("the new schema, under the processes of the release before")
	require.NoError(t, w.Migrate(t.Context(), current.Rightsdesk))
	w.finish(w.fill())

	w.say("workers of this release, one after the other, then the web side")
	w.replace(current.Rightsdesk)
	w.Product = current.Rightsdesk
	w.current(workflows.Revision)
	second := w.fill()
	w.finish(slices.DeleteFunc(slices.Clone(first), func(c *people.Case) bool { return slices.Contains(open, c) }))

	w.say("workers whose procedures have changed; an old one starts again meanwhile")
	require.NoError(t, w.Replace(t.Context(), w.Workers[0], changed))
	w.current(next)
	require.NoError(t, w.Replace(t.Context(), w.Workers[1], current.Rightsdesk))
	w.finish(open)
	w.current(next)
	require.NoError(t, w.Replace(t.Context(), w.Workers[1], changed))
	third := w.fill()
	w.finish(every(second, 0))
	require.Empty(t, w.failures(), "no task of a workflow has failed so far")

	w.say("a broken release, and the way back")
	require.NoError(t, w.Replace(t.Context(), w.Workers[0], broken))
	w.current(next + 1)
	w.awaitFailure(every(second, 1))
	out, err := w.Run(t.Context(), "workers", "current", fmt.Sprint(next))
	require.NoError(t, err, out)
	w.current(next)
	require.NoError(t, w.Replace(t.Context(), w.Workers[0], changed))
	w.finish(append(every(second, 1), third...))

	w.judge()
	w.movedOn(open)
}

// every second case, from an offset.
func every(list []*people.Case, from int) (half []*people.Case) {
	for i := from; i < len(list); i += 2 {
		half = append(half, list[i])
	}
	return half
}

// changedFiles are those that a later release of the procedures is made of here.
var changedFiles = []string{"workflows/revision.go", "workflows/updates.go", "workflows/handling.go"}

// addedStep begins the ids of the change: each place has its own, since what a
// ticket has been told of a change once holds for good.
const addedStep = "the-upgrade-tests-own-step-"

// withAStepMore adds a step to every act and to the end of every ticket, as a
// release would: behind GetVersion.
func withAStepMore(revision int) func(path, text string) string {
	return changedTo(revision, func(ctx, place string) string {
		return fmt.Sprintf("if workflow.GetVersion(%s, %q+%s, workflow.DefaultVersion, 1) == 1 { if err := workflow.Sleep(%s, time.Millisecond); err != nil { panic(err) } }", ctx, addedStep, place, ctx)
	})
}

// withAStepMoreUnversioned adds it without: histories that have gone past it no
// longer fit.
func withAStepMoreUnversioned(revision int) func(path, text string) string {
	return changedTo(revision, func(ctx, _ string) string {
		return fmt.Sprintf("if err := workflow.Sleep(%s, time.Millisecond); err != nil { panic(err) }", ctx)
	})
}

func changedTo(revision int, step func(ctx, place string) string) func(path, text string) string {
	return func(path, text string) string {
		switch path {
		case "workflows/revision.go":
			return strings.Replace(text, fmt.Sprintf("const Revision = %d", workflows.Revision), fmt.Sprintf("const Revision = %d", revision), 1)
		case "workflows/updates.go":
			const act = "var done contract.Done\n"
			text = strings.Replace(text, "import (\n", "import (\n\"time\"\n", 1)
			return strings.Replace(text, act, act+step("ctx", "name")+"\n", 1)
		default:
			const end = "func (t *handling) finish(end ending) error {\n"
			return strings.Replace(text, end, end+step("t.ctx", `"finish"`)+"\n", 1)
		}
	}
}

func TestMain(m *testing.M) {
	began := time.Now()
	code := m.Run()
	fmt.Printf("upgrades took %v\n", time.Since(began).Round(time.Second))
	os.Exit(code)
}
