package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a program the bench has started.
type process struct {
	name  string
	pid   int
	ended chan struct{}
	log   string // file with what it said
	first string // first line of its output
}

// spawn starts a program so that it ends with this one, whatever ends it. Where
// asked for, it waits for a first line of output.
func spawn(name, dir string, line bool, program string, args ...string) (*process, error) {
	p := &process{name: name, ended: make(chan struct{}), log: filepath.Join(dir, name+".out")}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	started := make(chan error)
	go func() {
		// The kernel ends the child when the thread that started it ends, so this
		// goroutine keeps its thread until then.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		cmd := exec.Command(program, args...)
		cmd.Stdout, cmd.Stderr = in, log
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
		err := cmd.Start()
		in.Close()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(p.ended)
		}
	}()
	if err := <-started; err != nil {
		out.Close()
		return nil, fmt.Errorf("starting %s: %w (make bench builds it)", program, err)
	}
	said := bufio.NewReader(out)
	if line {
		if p.first, err = said.ReadString('\n'); err != nil {
			p.stop()
			return nil, fmt.Errorf("%s ended at its start:\n%s", name, p.words())
		}
	}
	go io.Copy(io.Discard, said)
	return p, nil
}

// words is the end of what it said.
func (p *process) words() string {
	text, _ := os.ReadFile(p.log)
	return strings.TrimSpace(string(text[max(0, len(text)-2000):]))
}

func (p *process) stop() {
	_ = syscall.Kill(p.pid, syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(40 * time.Second):
		_ = syscall.Kill(p.pid, syscall.SIGKILL)
		<-p.ended
	}
}

// tick is the kernel's unit of processor time on every Linux Go runs on.
const tick = 10 * time.Millisecond

// cpu is how much processor time a process has used, its own and the kernel's for
// it.
func cpu(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The name, in parentheses, may hold anything; the third field comes after it.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0, errors.New("the kernel's word on a process is not understood")
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick, err
}

// memory is how many bytes of memory a process has.
func memory(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n << 10, err
		}
	}
	return 0, errors.New("the kernel does not say how much memory a process has")
}
