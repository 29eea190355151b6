package process

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func shell(t *testing.T, script string) *Process {
	t.Helper()
	p := New(Spec{Name: "sh", Path: "/bin/sh", Args: []string{"-c", script}, LogFile: filepath.Join(t.TempDir(), "log")})
	t.Cleanup(p.Kill)
	return p
}

func TestAProcessIsKilledAndStartedAgain(t *testing.T) {
	p := shell(t, "echo begun; exec sleep 600")
	require.NoError(t, p.Start(t.Context()))
	first := p.Pid()
	require.NotZero(t, first)
	require.NoError(t, p.Start(t.Context()))
	require.Equal(t, first, p.Pid(), "a running one is left alone")
	p.Kill()
	assert.False(t, p.Running())
	assert.ErrorIs(t, syscall.Kill(first, 0), syscall.ESRCH)
	require.NoError(t, p.Start(t.Context()))
	assert.NotEqual(t, first, p.Pid())
}

func TestAProcessThatIsAskedToEndMayFinish(t *testing.T) {
	p := shell(t, `trap 'echo finished; exit 0' TERM; while :; do sleep 0.05; done`)
	p.Ready = func(context.Context) error { return nil }
	require.NoError(t, p.Start(t.Context()))
	require.Eventually(t, func() bool { _ = syscall.Kill(p.Pid(), 0); return true }, time.Second, time.Millisecond)
	time.Sleep(100 * time.Millisecond) // the trap is set by then
	require.NoError(t, p.Stop(10*time.Second))
	assert.Contains(t, p.Tail(3), "finished")

	deaf := shell(t, `trap '' TERM; while :; do sleep 0.05; done`)
	require.NoError(t, deaf.Start(t.Context()))
	time.Sleep(100 * time.Millisecond)
	require.Error(t, deaf.Stop(200*time.Millisecond), "it had to be killed")
	assert.False(t, deaf.Running())
}

func TestAProcessIsHeldStill(t *testing.T) {
	file := filepath.Join(t.TempDir(), "beats")
	p := shell(t, "while :; do echo . >> "+file+"; sleep 0.02; done")
	require.NoError(t, p.Start(t.Context()))
	size := func() int64 {
		info, err := os.Stat(file)
		if err != nil {
			return 0
		}
		return info.Size()
	}
	require.Eventually(t, func() bool { return size() > 2 }, 10*time.Second, 10*time.Millisecond)
	p.Pause()
	require.True(t, p.Paused())
	require.Eventually(t, func() bool { // what was under way when it was held may still come
		was := size()
		time.Sleep(150 * time.Millisecond)
		return size() == was
	}, 10*time.Second, time.Millisecond)
	still := size()
	p.Resume()
	require.Eventually(t, func() bool { return size() > still }, 10*time.Second, 10*time.Millisecond)
}

func TestAStartThatFailsSaysWhy(t *testing.T) {
	p := shell(t, "echo the disk is missing; exit 3")
	p.Ready = func(context.Context) error { return context.DeadlineExceeded }
	assert.ErrorContains(t, p.Start(t.Context()), "the disk is missing")
}
