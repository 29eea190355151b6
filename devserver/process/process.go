// Package process runs a part of the desk as a process of its own, so that it can
// be killed, held still and started again as it would be on a machine. Nothing is
// ever ended by name: a Process knows the id of what it started, and what it
// started ends with this process, whatever ends that.
package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Spec says what to run.
type Spec struct {
	Name    string
	Path    string
	Args    []string
	Env     []string // beside PATH and HOME; nothing else is handed on
	LogFile string   // gets what it prints; appended to
	// Processors are the only ones it runs on, as taskset takes them ("0,1"); none: any.
	Processors string
	// Ready reports whether it does its work; asked until it does. nil: at once.
	Ready func(context.Context) error
}

// startLimit is for how long Ready is asked.
const startLimit = 90 * time.Second

// Process is one part, running or not. Its methods may be called from any
// goroutine.
type Process struct {
	Spec

	mu     sync.Mutex
	os     *os.Process
	ended  chan struct{} // closed when it has ended
	err    error         // how it ended
	paused bool
}

// New makes a Process; nothing runs yet.
func New(s Spec) *Process { return &Process{Spec: s} }

// Start runs it and returns when it is ready.
func (p *Process) Start(ctx context.Context) error {
	if err := p.Launch(); err != nil {
		return err
	}
	return p.AwaitReady(ctx)
}

// Launch runs it and does not wait until it is ready. A running one is left alone.
func (p *Process) Launch() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running() {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(p.LogFile), 0o700); err != nil {
		return err
	}
	log, err := os.OpenFile(p.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	ended, started := make(chan struct{}), make(chan error)
	cmd := p.command()
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, p.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	go func() {
		// The kernel sends the signal when the thread that started the child
		// ends, so this goroutine keeps its thread until then.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		err = cmd.Wait()
		p.mu.Lock()
		p.err = err
		p.mu.Unlock()
		close(ended)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	p.os, p.ended, p.err, p.paused = cmd.Process, ended, nil, false
	return nil
}

// command is the program, which taskset hands its own process to.
func (p *Process) command() *exec.Cmd {
	if p.Processors == "" {
		return exec.Command(p.Path, p.Args...)
	}
	return exec.Command("taskset", append([]string{"--cpu-list", p.Processors, p.Path}, p.Args...)...)
}

func (p *Process) running() bool {
	if p.os == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// Running reports whether it runs; one that is held still does.
func (p *Process) Running() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running()
}

// Pid is its id while it runs, else 0.
func (p *Process) Pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.running() {
		return 0
	}
	return p.os.Pid
}

// AwaitReady waits until Ready holds. One that ends before is an error that
// quotes the end of its log.
func (p *Process) AwaitReady(ctx context.Context) error {
	if p.Ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	p.mu.Lock()
	ended := p.ended
	p.mu.Unlock()
	for {
		err := p.Ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("%s ended at its start: %s", p.Name, p.Tail(20))
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w; %s", p.Name, err, p.Tail(20))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Kill ends it as a power cut does (SIGKILL) and waits until it is gone.
func (p *Process) Kill() { p.end(syscall.SIGKILL, 0) }

// Stop asks it to end (SIGTERM), and kills it if it has not within the patience.
// It returns how it ended: nil for exit code 0.
func (p *Process) Stop(patience time.Duration) error {
	p.Resume()
	p.end(syscall.SIGTERM, patience)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

func (p *Process) end(signal syscall.Signal, patience time.Duration) {
	p.mu.Lock()
	process, ended, runs := p.os, p.ended, p.running()
	p.mu.Unlock()
	if !runs {
		return
	}
	_ = process.Signal(signal)
	if patience > 0 {
		select {
		case <-ended:
			return
		case <-time.After(patience):
			_ = process.Kill()
		}
	}
	<-ended
}

// Pause holds it still (SIGSTOP): it neither answers nor hangs up.
func (p *Process) Pause() { p.hold(syscall.SIGSTOP, true) }

// Resume lets it go on (SIGCONT).
func (p *Process) Resume() { p.hold(syscall.SIGCONT, false) }

func (p *Process) hold(signal syscall.Signal, paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running() {
		_ = p.os.Signal(signal)
		p.paused = paused
	}
}

// Paused reports whether it is held still.
func (p *Process) Paused() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running() && p.paused
}

// Tail is the end of what it printed.
func (p *Process) Tail(lines int) string {
	text, err := os.ReadFile(p.LogFile)
	if errors.Is(err, os.ErrNotExist) {
		return "it printed nothing"
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
