package faults

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/command"
	"rightsdesk/devserver/people"
	"rightsdesk/devserver/process"
	"rightsdesk/devserver/production"
)

// All in one process, as `make run` has it: desk, Temporal, mail catcher and account
// system are cut off in the same instant, each in the middle of what it does, and
// have nothing afterwards but their files.
func TestTheDeskInOneProcessOutlastsEveryKill(t *testing.T) {
	drawn := draw(t, *alone)
	w, whole := settleInOneProcess(t)
	w.outlasts(*alone, newSaboteur(t, drawn, whole))
}

// settleInOneProcess starts it on ports that it keeps, since people come back to
// where they were.
func settleInOneProcess(t *testing.T) (*town, *process.Process) {
	t.Helper()
	flags := []string{"port", "mail-port", "smtp-port", "accounts-port", "gateways-port", "temporal-port", "ui-port", "metrics-port", "worker-metrics-port"}
	ports, err := process.FreePorts(len(flags))
	require.NoError(t, err)
	data := filepath.Join(t.TempDir(), "data")
	args, at := []string{"--json", "--data=" + data, "--sample-accounts=2000", "--trusted-proxies=127.0.0.1"}, map[string]string{}
	for i, flag := range flags {
		args, at[flag] = append(args, fmt.Sprintf("--%s=%d", flag, ports[i])), process.Loopback(ports[i])
	}
	d := &production.Desk{URL: "http://" + at["port"], Mail: "http://" + at["mail-port"], Accounts: "http://" + at["accounts-port"],
		Temporal: at["temporal-port"], Product: binaries.Rightsdesk,
		Database: command.Database{Database: "sqlite:" + filepath.Join(data, "rightsdesk.db"), MasterKeyFile: filepath.Join(data, "master.key")}}
	d.Settings = command.Service{Database: d.Database,
		Temporal: command.Temporal{TemporalAddress: d.Temporal, TemporalNamespace: production.Namespace}}

	whole := process.New(process.Spec{Name: "devserver", Path: binaries.Devserver, Args: args,
		LogFile: filepath.Join(filepath.Dir(data), "devserver.log"), Ready: func(ctx context.Context) error {
			for _, part := range []string{d.URL, "http://" + at["worker-metrics-port"]} {
				once, stop := context.WithTimeout(ctx, 5*time.Second)
				said := readiness(once, part)
				stop()
				if said != "200 ready" {
					return errors.New(said)
				}
			}
			return nil
		}})
	t.Cleanup(whole.Kill)
	require.NoError(t, whole.Start(t.Context()))
	records, err := d.Open()
	require.NoError(t, err)
	t.Cleanup(func() { records.Close() })
	office, err := people.Open(t.Context(), d.URL, d.Mail, records, 8)
	require.NoError(t, err)
	return &town{Desk: d, t: t, office: office, records: records}, whole
}
