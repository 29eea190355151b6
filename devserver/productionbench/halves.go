package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// halved says, in the environment, that this process keeps to its half already.
const halved = "RIGHTSDESK_BENCH_HALVED"

// keepToHalf has this process, and all that it starts, run on the upper half of the
// machine's processors, and says which are left for others, as taskset takes them. To
// that end the program begins anew: threads that it has already would not be held by it.
func keepToHalf() (others string, err error) {
	if others := os.Getenv(halved); others != "" {
		return others, nil
	}
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return "", fmt.Errorf("asking which processors there are: %w", err)
	}
	var all []string
	for n := range len(set) * strconv.IntSize {
		if set.IsSet(n) {
			all = append(all, strconv.Itoa(n))
		}
	}
	if len(all) < 2 {
		return "", errors.New("--engine-apart: there is one processor only")
	}
	others, own := strings.Join(all[:len(all)/2], ","), strings.Join(all[len(all)/2:], ",")
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	taskset, err := exec.LookPath("taskset")
	if err != nil {
		return "", fmt.Errorf("--engine-apart: %w", err)
	}
	again := append([]string{"taskset", "--cpu-list", own, program}, os.Args[1:]...)
	return "", syscall.Exec(taskset, again, append(os.Environ(), halved+"="+others))
}
