package main

import (
	"context"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"rightsdesk/bench/report"
	"rightsdesk/bench/tally"
)

// setting is on what and with what it was measured.
func (s *stand) setting(ctx context.Context, revision string) (string, error) {
	info, err := s.engine.WorkflowService().GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{})
	if err != nil {
		return "", err
	}
	db, err := tally.Open(s.dsn)
	if err != nil {
		return "", err
	}
	defer db.Close()
	name, version, err := db.Version(ctx)
	if err != nil {
		return "", err
	}
	load, _ := os.ReadFile("/proc/loadavg")
	t := report.NewTable("", "")
	t.Row("measured", time.Now().UTC().Format("2006-01-02 15:04 MST"))
	t.Row("machine", report.ThisMachine())
	t.Row("load when it began", strings.Join(strings.Fields(string(load))[:3], ", ")+" (1, 5 and 15 minutes)")
	t.Row("Temporal", info.ServerVersion+", SDK "+module("go.temporal.io/sdk"))
	t.Row("desk's database", name+" "+version)
	t.Row("revision", revision)
	return t.String(), nil
}

func module(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == path {
				return d.Version
			}
		}
	}
	return "unknown"
}
