package production

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Binaries are the two programs that the parts are made of.
type Binaries struct {
	Rightsdesk string
	Devserver  string
}

// Build compiles both into a folder, from the sources that this program was
// started among: a folder of the devserver module.
func Build(into string) (Binaries, error) {
	b := Binaries{Rightsdesk: filepath.Join(into, "rightsdesk"), Devserver: filepath.Join(into, "devserver")}
	for _, one := range []struct{ of, out string }{{"rightsdesk", b.Rightsdesk}, {"rightsdesk/devserver", b.Devserver}} {
		cmd := exec.Command("go", "build", "-o", one.out, one.of)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return b, fmt.Errorf("building %s: %w\n%s", one.of, err, out)
		}
	}
	return b, nil
}

func run(ctx context.Context, path string, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
