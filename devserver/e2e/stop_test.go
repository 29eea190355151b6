package e2e

import (
	"context"
	"errors"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/devserver/process"
	"rightsdesk/devserver/production"
	"rightsdesk/store"
)

// A worker that is told to stop while a slow mail server has not yet confirmed a
// mail says that it is not ready, waits for the confirmation, records it, and ends
// with 0; the next worker sends nothing a second time.
func TestToldToStopTheWorkerFinishesTheMailInHandAndSendsItOnce(t *testing.T) {
	o := openOffice(t)
	o.StopWorker()
	binary := filepath.Join(t.TempDir(), "rightsdesk")
	build := exec.Command("go", "build", "-o", binary, "rightsdesk")
	build.Env = append(build.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))

	port, err := process.FreePort()
	require.NoError(t, err)
	settings := o.WorkerSettings()
	settings.MetricsListen = process.Loopback(port)
	settings.OperatorContact = "010-12345678"
	env, err := production.Environment(&settings)
	require.NoError(t, err)
	ready := func(context.Context) error {
		if status, said := o.asked("http://"+settings.MetricsListen, "/readyz"); status != http.StatusOK {
			return errors.New(said)
		}
		return nil
	}
	worker := process.New(process.Spec{Name: "worker", Path: binary, Args: []string{"worker"}, Env: env,
		LogFile: filepath.Join(t.TempDir(), "worker.log"), Ready: func(ctx context.Context) error {
			if process.PortIsFree(port) {
				return errors.New("it does not listen yet")
			}
			return ready(ctx)
		}})
	require.NoError(t, worker.Start(t.Context()))
	t.Cleanup(worker.Kill)

	o.Mails.Delay(8 * time.Second)
	number := o.files("slow@example.net")
	inBox := func() int {
		messages, err := o.Mails.Messages(context.Background(), "slow@example.net", 10)
		require.NoError(t, err)
		return len(messages)
	}
	o.eventually(func() bool { return inBox() == 1 }) // the server has it, and takes its time to say so
	receipt := func() store.Mail {
		mails, err := o.records.Mails(t.Context(), number)
		require.NoError(t, err)
		return mails[0]
	}
	require.Equal(t, store.MailPending, receipt().Status, "not confirmed yet")

	ended := make(chan error, 1)
	go func() { ended <- worker.Stop(time.Minute) }()
	stopping := false
	for !stopping {
		select {
		case err := <-ended:
			t.Fatalf("it ended before the mail was confirmed: %v; %s", err, worker.Tail(20))
		case <-time.After(20 * time.Millisecond):
			stopping = ready(t.Context()) != nil
		}
	}
	assert.EqualError(t, ready(t.Context()), "not ready: stopping\n")
	require.NoError(t, <-ended, "exit code 0: %s", worker.Tail(20))
	assert.Equal(t, store.MailAccepted, receipt().Status, "recorded before it ended")
	assert.Equal(t, 1, inBox())

	o.Mails.Delay(0)
	o.StartWorker()
	o.answers(agent, o.complaint(), granted) // the next worker works
	assert.Equal(t, 1, inBox(), "and sends the receipt no second time")
	assert.Equal(t, 1, receipt().Attempts)
}
