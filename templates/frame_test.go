package templates

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

func operator() Operator {
	return Operator{Name: map[ticket.Locale]string{ticket.Chinese: "示例云", ticket.English: "Example Cloud"},
		Contact: "400 000 0000", Site: "https://www.example.com", BaseURL: "http://localhost:8080"}
}

func loadSet(t *testing.T) *Set {
	t.Helper()
	s, err := Load(operator())
	require.NoError(t, err)
	return s
}

func page(t *testing.T, name string, l ticket.Locale, view any) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, loadSet(t).Page(&b, name, l, view))
	return b.String()
}

func TestDeadlineIsSpokenOfAsItStands(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	due := time.Date(2026, 1, 26, 23, 59, 59, 0, zone)
	for _, c := range []struct {
		now  time.Time
		left int
		sla  ticket.SLAState
		want DueState
	}{
		{due.AddDate(0, 0, -7), 5, ticket.OnTrack, DueLeft},
		{time.Date(2026, 1, 25, 16, 0, 0, 0, time.UTC), 0, ticket.OnTrack, DueToday}, // midnight in the zone
		{due.AddDate(0, 0, -1), 0, ticket.OnTrack, DueUnder},
		{due.Add(999 * time.Millisecond), 0, ticket.OnTrack, DueToday},
		{due.Add(time.Second), 0, ticket.Breached, DueLate},
		{due.AddDate(0, 0, 3), -3, ticket.Breached, DueLate},
		{due.AddDate(0, 0, 3), -3, ticket.InTime, DueMet},
		{due.AddDate(0, 0, 3), -3, ticket.Late, DueMissed},
		{due.AddDate(0, 0, -3), 3, ticket.StoppedSLA, DueStopped},
	} {
		d := NewDeadline(due, c.now, false, c.left, c.sla)
		assert.Equal(t, c.want, d.State, c.now.String())
		assert.GreaterOrEqual(t, d.Left, 0)
	}
}

type faultPage struct {
	Frame
	Status int
	When   time.Time
	Again  *struct{}
	Desk   bool
}

func TestPageTellsErrorsFirst(t *testing.T) {
	view := faultPage{Frame: Frame{Title: "X", Locale: ticket.English, Path: "/x", Operator: operator(),
		Problems: []Problem{{Field: "email", Text: "Enter <b>it</b>"}}}, Status: 404}
	html := page(t, "fault", ticket.English, view)
	assert.Contains(t, html, "<title>Error: X – Example Cloud</title>")
	assert.Contains(t, html, `<a href="#email">Enter &lt;b&gt;it&lt;/b&gt;</a>`)
	assert.Contains(t, html, `href="/x?lang=zh-CN"`)
	view.Locale = ticket.Chinese
	assert.Contains(t, page(t, "fault", ticket.Chinese, view), "<title>错误：X – 示例云</title>")
}

// The content security policy forbids inline scripts and styles, and anything
// from another host.
func TestPagesCarryNothingInlineAndNothingForeign(t *testing.T) {
	set := loadSet(t)
	for name := range set.pages[ticket.Chinese] {
		for _, l := range ticket.Locales() {
			for _, tmpl := range set.pages[l][name].Templates() {
				if tmpl.Tree == nil {
					continue
				}
				src := tmpl.Tree.Root.String()
				for _, bad := range []string{" style=", "<style", " onclick=", " onsubmit=", " onchange=", "javascript:",
					`src="http`, `href="http`, `action="http`, "//cdn"} {
					assert.NotContains(t, src, bad, "%s: %s", name, tmpl.Name())
				}
				if i := strings.Index(src, "<script"); i >= 0 {
					assert.Contains(t, src[i:], "src=", name)
				}
			}
		}
	}
}

func TestStaticFilesCarryTheirDigest(t *testing.T) {
	html := page(t, "fault", ticket.Chinese, faultPage{Frame: Frame{Title: "X", Locale: ticket.Chinese, Operator: operator()}, Status: 404})
	assert.Contains(t, html, `href="/static/desk.css?v=`+loadSet(t).AssetVersion("desk.css")+`"`)
	assert.Empty(t, loadSet(t).AssetVersion("../words.go"))
}
