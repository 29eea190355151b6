package check_test

import (
	"os"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// read takes a dashboard by Grafana's own schema: unknown fields and missing ones
// are errors, in panels and queries too.
func read(text []byte) (dashboard.Dashboard, error) {
	known := cog.NewRuntime()
	known.RegisterPanelcfgVariant(bargauge.VariantConfig())
	known.RegisterPanelcfgVariant(stat.VariantConfig())
	known.RegisterPanelcfgVariant(table.VariantConfig())
	known.RegisterPanelcfgVariant(timeseries.VariantConfig())
	known.RegisterDataqueryVariant(prometheus.VariantConfig())
	var d dashboard.Dashboard
	// It returns an empty list of errors where there is none.
	if err := d.UnmarshalJSONStrict(text); err != nil && err.Error() != "" {
		return d, err
	}
	return d, d.Validate()
}

func TestGrafanaTakesTheDashboard(t *testing.T) {
	text, err := os.ReadFile("../grafana/rightsdesk.json")
	if err != nil {
		t.Fatal(err)
	}
	d, err := read(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Panels) < 30 {
		t.Errorf("only %d panels", len(d.Panels))
	}
	for _, wrong := range [][2]string{{`"gridPos"`, `"gridpos"`}, {`"expr"`, `"expression"`}, {`"drawStyle": "line"`, `"drawStyle": 1`}} {
		if _, err := read([]byte(strings.Replace(string(text), wrong[0], wrong[1], 1))); err == nil {
			t.Errorf("it also takes %s", wrong[1])
		}
	}
}
