package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// program is the real binary, and the settings it is given.
type program struct {
	t    *testing.T
	path string
	env  []string
}

func build(t *testing.T) *program {
	t.Helper()
	p := &program{t: t, path: filepath.Join(t.TempDir(), "rightsdesk")}
	cmd := exec.Command("go", "build", "-o", p.path, ".")
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return p
}

func (p *program) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.path, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, p.env...)
	return cmd
}

func (p *program) run(args ...string) {
	p.t.Helper()
	out, err := p.command(p.t.Context(), args...).CombinedOutput()
	require.NoError(p.t, err, string(out))
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func said(address string) (int, string) {
	resp, err := http.Get(address)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text)
}

// eventually waits without a limit of the machine's speed but that of the test.
func eventually(t *testing.T, is func() bool, what string) {
	t.Helper()
	require.Eventually(t, is, time.Minute, 20*time.Millisecond, what)
}

// An api process that is told to stop says so at once to whoever sends it work,
// goes on answering for the drain, finishes the slow request it has in hand, and
// ends with 0.
func TestToldToStopTheAPIAnswersWhatIsUnderWay(t *testing.T) {
	p := build(t)
	dir, listen, watch := t.TempDir(), freeAddress(t), freeAddress(t)
	p.env = []string{"RIGHTSDESK_DATABASE=sqlite:" + filepath.Join(dir, "desk.db"), "RIGHTSDESK_MASTER_KEY_FILE=" + filepath.Join(dir, "master.key")}
	p.run("keys", "new", filepath.Join(dir, "master.key"))
	p.run("migrate")
	base := "http://" + listen
	p.env = append(p.env, "RIGHTSDESK_LISTEN="+listen, "RIGHTSDESK_BASE_URL="+base, "RIGHTSDESK_METRICS_LISTEN="+watch,
		"RIGHTSDESK_DRAIN=3s", "RIGHTSDESK_TEMPORAL_ADDRESS=127.0.0.1:1", "RIGHTSDESK_MAIL_FROM=desk@desk.test", "RIGHTSDESK_OPERATOR_NAME=示例公司", "RIGHTSDESK_OPERATOR_CONTACT=010-12345678")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	api := p.command(ctx, "api")
	var journal strings.Builder
	api.Stderr = &journal
	require.NoError(t, api.Start())
	ready := func() bool { status, _ := said("http://" + watch + "/readyz"); return status == http.StatusOK }
	eventually(t, ready, "ready")
	eventually(t, func() bool { status, _ := said(base + "/readyz"); return status == http.StatusOK }, "ready")
	p.run("ready", "--url", "http://"+watch+"/readyz")
	status, text := said("http://" + watch + "/metrics")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, text, "rightsdesk_database_up 1")

	_, page := said(base + "/request/complaint?lang=en")
	token := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(page)
	require.Len(t, token, 2)
	body := url.Values{"form": {token[1]}, "category": {"privacy"}, "text": {"What do you keep about me, and for how long?"},
		"name": {"Ada Example"}, "email": {"ada@example.org"}, "relation": {"self"}}.Encode()
	slow, err := net.Dial("tcp", listen)
	require.NoError(t, err)
	defer slow.Close()
	_, err = fmt.Fprintf(slow, "POST /request/complaint HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		listen, len(body), body[:len(body)/2])
	require.NoError(t, err)

	require.NoError(t, api.Process.Signal(syscall.SIGTERM))
	for _, of := range []string{base, "http://" + watch} {
		eventually(t, func() bool {
			status, why := said(of + "/readyz")
			return status == http.StatusServiceUnavailable && why == "not ready: stopping\n"
		}, of)
	}
	status, _ = said(base + "/request/complaint")
	assert.Equal(t, http.StatusOK, status, "a load balancer may not have noticed yet")
	status, _ = said("http://" + watch + "/healthz")
	assert.Equal(t, http.StatusOK, status, "alive until the end")
	eventually(t, func() bool {
		conn, err := net.Dial("tcp", listen)
		if err == nil {
			conn.Close()
		}
		return err != nil
	}, "after the drain nobody new comes in")
	_, err = io.WriteString(slow, body[len(body)/2:])
	require.NoError(t, err)
	answer, err := http.ReadResponse(bufio.NewReader(slow), nil)
	require.NoError(t, err)
	defer answer.Body.Close()
	checked, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, answer.StatusCode)
	assert.Contains(t, string(checked), "ada@example.org", "the page to check the answers")
	require.NoError(t, api.Wait(), "it ends with 0: %s", journal.String())
	assert.NotContains(t, journal.String(), "ada@example.org")
	assert.NotContains(t, journal.String(), "cut off")
}

// A process that is told to stop while it is still waiting for its database has not
// failed: whoever runs it does not start it again, or call somebody, for that.
func TestToldToStopWhileItIsStartingItEndsWell(t *testing.T) {
	p := build(t)
	key := filepath.Join(t.TempDir(), "master.key")
	p.run("keys", "new", key)
	settings := []string{"RIGHTSDESK_MASTER_KEY_FILE=" + key, "RIGHTSDESK_MAIL_FROM=desk@desk.test",
		"RIGHTSDESK_OPERATOR_NAME=示例公司", "RIGHTSDESK_OPERATOR_CONTACT=010-12345678", "RIGHTSDESK_BASE_URL=http://127.0.0.1:1"}
	for _, name := range []string{"api", "worker"} {
		t.Run(name, func(t *testing.T) {
			silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and says nothing
			require.NoError(t, err)
			defer silent.Close()
			p.env = append(settings, "RIGHTSDESK_DATABASE=mysql:desk:secret@tcp("+silent.Addr().String()+")/desk")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			process := p.command(ctx, name)
			var journal strings.Builder
			process.Stderr = &journal
			require.NoError(t, process.Start())
			conn, err := silent.Accept() // it has come as far as its database
			require.NoError(t, err)
			defer conn.Close()
			require.NoError(t, process.Process.Signal(syscall.SIGTERM))
			assert.NoError(t, process.Wait(), journal.String())
			assert.NotContains(t, journal.String(), "secret")
		})
	}
}
