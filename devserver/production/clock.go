package production

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// ClockFile names the environment variable by which a process of BuildJumpy is told
// in which file to look for how far its clock is off.
const ClockFile = "CLOCK_FILE"

// BuildJumpy compiles the product with a wall clock that can be set: what it reads
// is off by as many seconds as a file says, from one moment to the next. Timers and
// durations go on, as they do when the clock of a host is set.
func BuildJumpy(out string) error {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "rightsdesk").Output()
	if err != nil {
		return err
	}
	o := overlay{out: out, instead: map[string]string{}}
	err = o.change(filepath.Join(strings.TrimSpace(string(goroot)), "src/time/time.go"), func(text string) string {
		const now = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
		return strings.Replace(text, now, "var off int64\n\nfunc Jump(seconds int64) { off = seconds }\n\n"+now+"\tsec += off\n", 1)
	})
	if err != nil {
		return err
	}
	err = o.change(filepath.Join(strings.TrimSpace(string(root)), "main.go"), func(text string) string {
		text = strings.Replace(text, "import (", "import (\n\t\"strconv\"\n\t\"strings\"\n\t\"time\"", 1)
		return strings.Replace(text, "func main() {", `func main() {
	go func() {
		for {
			text, _ := os.ReadFile(os.Getenv("`+ClockFile+`"))
			if off, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
				time.Jump(off)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
`, 1)
	})
	if err != nil {
		return err
	}
	return o.build()
}

// SetClock sets the clocks of all processes that look into a file.
func SetClock(file string, off time.Duration) error {
	if err := os.WriteFile(file+".new", []byte(fmt.Sprint(int64(off/time.Second))), 0o600); err != nil {
		return err
	}
	if err := os.Rename(file+".new", file); err != nil {
		return err
	}
	time.Sleep(200 * time.Millisecond) // they look every 20 ms
	return nil
}
