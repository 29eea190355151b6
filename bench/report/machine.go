package report

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Machine is what a measurement ran on.
type Machine struct {
	Processor string
	Cores     int
	Memory    int64 // bytes
	System    string
	Go        string
}

// ThisMachine asks the kernel.
func ThisMachine() Machine {
	return Machine{
		Processor: field("/proc/cpuinfo", "model name"),
		Cores:     runtime.NumCPU(),
		Memory:    kilobytes(field("/proc/meminfo", "MemTotal")),
		System:    strings.TrimSpace(read("/proc/sys/kernel/ostype") + " " + strings.TrimSpace(read("/proc/sys/kernel/osrelease"))),
		Go:        runtime.Version(),
	}
}

func (m Machine) String() string {
	return fmt.Sprintf("%s, %d cores, %.0f GB of memory, %s, %s", m.Processor, m.Cores, float64(m.Memory)/(1<<30), m.System, m.Go)
}

// field is what stands behind a name in one of the kernel's lists; its first, if
// there are several.
func field(file, name string) string {
	for line := range strings.Lines(read(file)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func kilobytes(s string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(s, "kB")), 10, 64)
	return n << 10
}

func read(file string) string {
	text, _ := os.ReadFile(file)
	return strings.TrimSpace(string(text))
}
