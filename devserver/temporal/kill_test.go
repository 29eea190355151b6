package temporal

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
)

// childDir makes TestMain a server that waits to be killed.
const childDir = "RIGHTSDESK_TEST_TEMPORAL_DIR"

func TestMain(m *testing.M) {
	dir := os.Getenv(childDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	s, err := Start(context.Background(), Options{DataDir: dir, SearchAttributes: stageOnly})
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString(s.HostPort() + "\n")
	select {}
}

func TestTimersFireAfterAKill(t *testing.T) {
	dir := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Process.Kill()
	line := make([]byte, 64)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Dial(client.Options{HostPort: strings.TrimSpace(string(line[:n])), Namespace: "rightsdesk", Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	w := work(t, c)
	begin(t, c, "DSR-short", time.Second)
	begin(t, c, "DSR-long", 5*time.Second)
	for _, id := range []string{"DSR-short", "DSR-long"} {
		if err := take(t, c, id, "li.wei"); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	if err := child.Process.Kill(); err != nil { // SIGKILL
		t.Fatal(err)
	}
	_ = child.Wait()
	w.Stop()
	c.Close()
	time.Sleep(time.Until(began.Add(1500 * time.Millisecond))) // one timer falls due while nothing runs

	c = dial(t, startIn(t, dir, stageOnly))
	defer work(t, c).Stop()
	for _, id := range []string{"DSR-short", "DSR-long"} {
		var agent string
		if err := c.GetWorkflow(t.Context(), id, "").Get(t.Context(), &agent); err != nil || agent != "li.wei" {
			t.Fatalf("%s: %q %v", id, agent, err)
		}
		t.Logf("%s ended %v after the kill", id, time.Since(began).Round(time.Millisecond))
	}
}
