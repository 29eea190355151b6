package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/devserver/stack"
)

// The test binary is the devserver when this is set.
const asDevserver = "DEVSERVER_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(asDevserver) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// start runs the devserver as a process of its own on free ports.
func start(t *testing.T, data string) (*exec.Cmd, stack.Addresses) {
	t.Helper()
	child := exec.Command(os.Args[0], "--json", "--data", data, "--port=0", "--mail-port=0", "--smtp-port=0",
		"--accounts-port=0", "--gateways-port=0", "--temporal-port=0", "--ui-port=0", "--metrics-port=0", "--worker-metrics-port=0")
	child.Env = append(os.Environ(), asDevserver+"=1")
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() { _ = child.Process.Kill(); _, _ = child.Process.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "the devserver prints its addresses as one line of JSON")
	var a stack.Addresses
	require.NoError(t, json.Unmarshal([]byte(line), &a))
	return child, a
}

func post(t *testing.T, address string, form url.Values) string {
	t.Helper()
	resp, err := http.PostForm(address, form)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, string(text))
	return string(text)
}

// file sends the form of a complaint and returns the ticket's number.
func file(t *testing.T, a stack.Addresses, email string) string {
	t.Helper()
	resp, err := http.Get(a.Form + "request/complaint")
	require.NoError(t, err)
	page, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	require.NoError(t, err)
	token := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(string(page))
	require.Len(t, token, 2)
	answers := url.Values{"form": {token[1]}, "category": {"privacy"}, "text": {"What do you keep about me, and for how long?"},
		"name": {"Ada Example"}, "email": {email}, "relation": {"self"}}
	post(t, a.Form+"request/complaint", answers)
	receipt := post(t, a.Form+"request/complaint/send", answers)
	return regexp.MustCompile(`DSR-\d{8}-[0-9A-Z]{8}`).FindString(receipt)
}

// awaitMails waits until an address has so many mails.
func awaitMails(t *testing.T, a stack.Addresses, to string, n int) []map[string]any {
	t.Helper()
	var mails []map[string]any
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		resp, err := http.Get(a.Mail + "/messages?to=" + url.QueryEscape(to))
		require.NoError(t, err)
		mails = nil
		err = json.NewDecoder(resp.Body).Decode(&mails)
		resp.Body.Close()
		require.NoError(t, err)
		if len(mails) >= n {
			return mails
		}
	}
	t.Fatalf("%d mails, not %d", len(mails), n)
	return nil
}

func TestAKilledDeskGoesOnWhereItWas(t *testing.T) {
	data := t.TempDir()
	child, before := start(t, data)
	number := file(t, before, "ada@example.org")
	awaitMails(t, before, "ada@example.org", 1) // the receipt, with the code
	last := file(t, before, "eve@example.org")
	require.NoError(t, child.Process.Kill()) // at once: its workflow may not have begun
	_, _ = child.Process.Wait()

	again, after := start(t, data)
	assert.Equal(t, before.FirstPassword, after.FirstPassword, "the one-time password holds until it is used")
	for _, m := range awaitMails(t, after, "ada@example.org", 1) {
		assert.Contains(t, m["subject"].(string)+m["text"].(string), number)
	}
	mails := awaitMails(t, after, "eve@example.org", 1)
	assert.Contains(t, mails[0]["text"], last)
	time.Sleep(time.Second)
	assert.Len(t, awaitMails(t, after, "ada@example.org", 1), 1, "nothing is mailed twice")

	require.NoError(t, again.Process.Signal(syscall.SIGINT))
	state, err := again.Process.Wait()
	require.NoError(t, err)
	assert.Equal(t, 0, state.ExitCode(), "Ctrl-C stops cleanly")
}

// Another desk would answer in this one's name, and the password printed would be of no use there.
func TestAPortThatIsTakenStopsTheStartInWords(t *testing.T) {
	held, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer held.Close()
	data := t.TempDir()
	for _, flag := range []string{"--port", "--ui-port", "--worker-metrics-port"} {
		child := exec.Command(os.Args[0], fmt.Sprintf("%s=%d", flag, held.Addr().(*net.TCPAddr).Port), "--data", data)
		child.Env = append(os.Environ(), asDevserver+"=1")
		for _, other := range []string{"PORT", "MAIL_PORT", "SMTP_PORT", "ACCOUNTS_PORT", "GATEWAYS_PORT", "TEMPORAL_PORT", "UI_PORT", "METRICS_PORT", "WORKER_METRICS_PORT"} {
			child.Env = append(child.Env, "RIGHTSDESK_DEV_"+other+"=0")
		}
		said, err := child.CombinedOutput()
		require.Error(t, err)
		assert.Contains(t, string(said), flag+": somebody listens on "+held.Addr().String()+" already")
		assert.NotContains(t, string(said), "The desk is ready")
	}
	left, err := os.ReadDir(data)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestTheProductsCommandsFindTheDeskByItsSettingsFile(t *testing.T) {
	data := t.TempDir()
	_, a := start(t, data)
	product := filepath.Join(t.TempDir(), "rightsdesk")
	build := exec.Command("go", "build", "-o", product, "rightsdesk")
	said, err := build.CombinedOutput()
	require.NoError(t, err, string(said))
	said, err = exec.Command("sh", "-c", `set -a; . "$0/desk.env"; set +a; exec "$1" doctor`, data, product).CombinedOutput()
	require.NoError(t, err, string(said))
	assert.Contains(t, string(said), "0 tickets", a.DataDir)
}
