package main

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// processors tell for how long they have worked for some processes: this one, and
// the database server's.
type processors []int

func (p processors) sofar() time.Duration {
	var sum time.Duration
	for _, pid := range p {
		var spent unix.Timespec
		// The clock of a process's work, as clock_getcpuclockid(3) makes it of the id.
		if unix.ClockGettime(int32(^pid<<3|2), &spent) == nil {
			sum += time.Duration(spent.Nano())
		}
	}
	return sum
}

// working are the processes behind a place's desks.
func (p *place) working() processors {
	pids := processors{os.Getpid()}
	if p.server != nil {
		pids = append(pids, p.server.Pid())
	}
	return pids
}
