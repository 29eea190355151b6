package temporal

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"
)

// Whoever sees the UI sees tickets, and can neither act on them nor end them.
func TestTheUIChangesNothing(t *testing.T) {
	s := startIn(t, t.TempDir(), stageOnly)
	c := dial(t, s)
	work(t, c)
	begin(t, c, "looked-at", time.Hour)

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := http.Client{Jar: jar}
	page, err := browser.Get(s.UIURL() + "/api/v1/settings")
	if err != nil {
		t.Fatal(err)
	}
	settings, _ := io.ReadAll(page.Body)
	page.Body.Close()
	if !strings.Contains(string(settings), `"DisableWriteActions":true`) {
		t.Errorf("the UI shows buttons that do nothing: %.300s", settings)
	}
	csrf := ""
	for _, k := range page.Cookies() {
		if k.Name == "_csrf" {
			csrf = k.Value
		}
	}
	for _, act := range []string{"update/take", "signal/take", "terminate", "cancel", "reset"} {
		url := s.UIURL() + "/api/v1/namespaces/rightsdesk/workflows/looked-at/" + act
		req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(`{"request":{"input":{"name":"take"}}}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-CSRF-TOKEN", csrf)
		answer, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", act, answer.StatusCode)
		}
	}
	if err := take(t, c, "looked-at", "li.wei"); err != nil {
		t.Errorf("the ticket was changed: %v", err)
	}
}
