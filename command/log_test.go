package command

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdklog "go.temporal.io/sdk/log"
)

func TestLinesOfTheSDKCarryTheTicketOfTheirWorkflow(t *testing.T) {
	const number = "DSR-20261123-7K3F9QXM"
	for name, c := range map[string]struct {
		write func(sdklog.Logger)
		want  any
	}{
		"with the line":       {func(l sdklog.Logger) { l.Warn("x", "WorkflowID", number) }, number},
		"with the logger":     {func(l sdklog.Logger) { sdklog.With(l, "WorkflowID", number, "Attempt", 3).Warn("x") }, number},
		"of a retention":      {func(l sdklog.Logger) { l.Warn("x", "WorkflowID", number+"-retention") }, number},
		"that have it":        {func(l sdklog.Logger) { sdklog.With(l, "WorkflowID", number).Warn("x", "ticket", number) }, number},
		"of another workflow": {func(l sdklog.Logger) { l.Warn("x", "WorkflowID", "calendar-rollout-cn-1") }, nil},
		"of none":             {func(l sdklog.Logger) { l.Warn("x") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			c.write(sdklog.NewStructuredLogger(slog.New(ticketed{Handler: slog.NewJSONHandler(&out, nil)})))
			var line map[string]any
			require.NoError(t, json.Unmarshal(out.Bytes(), &line))
			assert.Equal(t, c.want, line["ticket"])
			assert.LessOrEqual(t, strings.Count(out.String(), `"ticket"`), 1)
		})
	}
}
