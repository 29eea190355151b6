// Package upgrade takes a desk full of open tickets from one release to the next,
// while it is used: the release before, kept as its sources, then this one, then
// one whose workflows have changed, and back from one that is broken.
package upgrade

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/devserver/production"
	"rightsdesk/workflows"
)

// before is the release that tickets come from.
const before = "releases/0.2.tar.gz"

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
	w.say("the release before: tickets of every kind at every stage")
	stood := w.bring(stages()...)

	w.say("the new schema, under the processes of the release before")
	require.NoError(t, w.Migrate(t.Context(), current.Rightsdesk))
	w.finish(w.bring(few()...))
	kept := w.keepForShort()

	w.say("workers of this release, one after the other, then the web side")
	stood = append(stood, w.amid(func() {
		require.NoError(t, w.Workers[0].Stop(time.Minute))
		require.NoError(t, w.Engine.Start(t.Context()))
		w.replace(current.Rightsdesk)
		w.Product = current.Rightsdesk
		w.current(workflows.Revision)
	})...)
	between := w.bring(few()...)
	w.finish(w.bring(few()...))

	w.say("workers whose procedures have changed; an old one starts again meanwhile")
	stood = append(stood, w.amid(func() {
		require.NoError(t, w.Workers[0].Stop(time.Minute))
		require.NoError(t, w.Engine.Start(t.Context()))
		require.NoError(t, w.Replace(t.Context(), w.Workers[0], changed))
		w.current(next)
		require.NoError(t, w.Replace(t.Context(), w.Workers[1], current.Rightsdesk))
	})...)
	open := w.finish(stood)
	w.current(next)
	require.NoError(t, w.Replace(t.Context(), w.Workers[1], changed))
	later := w.bring(few()...)
	require.Empty(t, w.failures(), "no task of a workflow has failed so far")

	w.say("a broken release, and the way back")
	require.NoError(t, w.Replace(t.Context(), w.Workers[0], broken))
	w.current(next + 1)
	w.awaitFailure(between)
	out, err := w.Run(t.Context(), "workers", "current", fmt.Sprint(next))
	require.NoError(t, err, out)
	w.current(next)
	require.NoError(t, w.Replace(t.Context(), w.Workers[0], changed))
	w.finish(append(between, later...))

	w.say("what was kept is purged")
	w.purged(kept, next)
	w.judge()
	w.movedOn(open)
}

func TestMain(m *testing.M) {
	began := time.Now()
	code := m.Run()
	fmt.Printf("upgrades took %v\n", time.Since(began).Round(time.Second))
	os.Exit(code)
}
