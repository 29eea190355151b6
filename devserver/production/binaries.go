package production

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
		if err := compile(exec.Command("go", "build", "-o", one.out, one.of)); err != nil {
			return b, err
		}
	}
	return b, nil
}

// BuildChanged compiles the product with some of its files changed: change gets
// each file's text by its path in the repository and returns what to compile
// instead. Nothing of the sources is touched.
func BuildChanged(out string, files []string, change func(path, text string) string) error {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "rightsdesk").Output()
	if err != nil {
		return fmt.Errorf("looking for the sources: %w", err)
	}
	instead := map[string]string{}
	for i, path := range files {
		source := filepath.Join(strings.TrimSpace(string(root)), path)
		text, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		changed := change(path, string(text))
		if changed == string(text) {
			return fmt.Errorf("%s was not changed: it no longer looks as expected", path)
		}
		instead[source] = fmt.Sprintf("%s.%d.go", out, i)
		if err := os.WriteFile(instead[source], []byte(changed), 0o600); err != nil {
			return err
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": instead})
	if err != nil {
		return err
	}
	if err := os.WriteFile(out+".overlay.json", overlay, 0o600); err != nil {
		return err
	}
	return compile(exec.Command("go", "build", "-overlay", out+".overlay.json", "-o", out, "rightsdesk"))
}

// BuildRelease compiles the product from the sources of an earlier release, kept
// as a gzipped tar.
func BuildRelease(out, sources string) error {
	dir := out + ".src"
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if text, err := exec.Command("tar", "-xzf", sources, "-C", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("unpacking %s: %w\n%s", sources, err, text)
	}
	cmd := exec.Command("go", "build", "-o", out, ".")
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	return compile(cmd)
}

func compile(cmd *exec.Cmd) error {
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return nil
}

func run(ctx context.Context, path string, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
