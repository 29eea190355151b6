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
	o := overlay{out: out, instead: map[string]string{}}
	for _, path := range files {
		err := o.change(filepath.Join(strings.TrimSpace(string(root)), path), func(text string) string { return change(path, text) })
		if err != nil {
			return err
		}
	}
	return o.build()
}

// overlay is which files to compile in place of which.
type overlay struct {
	out     string
	instead map[string]string
}

func (o *overlay) change(source string, by func(text string) string) error {
	text, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	changed := by(string(text))
	if changed == string(text) {
		return fmt.Errorf("%s was not changed: it no longer looks as expected", source)
	}
	o.instead[source] = fmt.Sprintf("%s.%d.go", o.out, len(o.instead))
	return os.WriteFile(o.instead[source], []byte(changed), 0o600)
}

func (o *overlay) build() error {
	text, err := json.Marshal(map[string]any{"Replace": o.instead})
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.out+".overlay.json", text, 0o600); err != nil {
		return err
	}
	return compile(exec.Command("go", "build", "-overlay", o.out+".overlay.json", "-o", o.out, "rightsdesk"))
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
