package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

// The matrix, cell by cell: which roles reach which page or act. It is written
// out here a second time on purpose.
var matrix = map[string]string{ // route: a(gent) l(ead) m(anager) p(rivacy officer)
	"GET /desk":                                 "almp",
	"POST /desk/search":                         "almp",
	"GET /desk/tickets/new":                     "almp",
	"POST /desk/tickets/new":                    "almp",
	"GET /desk/tickets/:number":                 "almp",
	"GET /desk/tickets/:number/files/:file":     "almp",
	"GET /desk/tickets/:number/evidence":        "p",
	"POST /desk/tickets/:number/draft":          "almp",
	"POST /desk/tickets/:number/presence":       "almp",
	"POST /desk/tickets/:number/claim":          "almp",
	"POST /desk/tickets/:number/release":        "almp",
	"POST /desk/tickets/:number/assign":         "lmp",
	"POST /desk/tickets/:number/categorise":     "almp",
	"POST /desk/tickets/:number/note":           "almp",
	"POST /desk/tickets/:number/ask":            "almp",
	"POST /desk/tickets/:number/check-identity": "almp",
	"GET /desk/tickets/:number/proofs/:file":    "almp",
	"POST /desk/tickets/:number/review-proof":   "almp",
	"POST /desk/tickets/:number/decide":         "almp",
	"POST /desk/tickets/:number/approve":        "almp",
	"POST /desk/tickets/:number/task-done":      "almp",
	"POST /desk/tickets/:number/escalate":       "almp",
	"POST /desk/tickets/:number/acknowledge":    "lmp",
	"POST /desk/tickets/:number/extend":         "mp",
	"POST /desk/tickets/:number/bounced":        "almp",
	"GET /desk/team":                            "m",
	"POST /desk/team":                           "m",
	"POST /desk/team/:agent/reset":              "m",
	"POST /desk/team/:agent/role":               "m",
	"POST /desk/team/:agent/disabled":           "m",
	"POST /desk/team/:agent/away":               "m",
	"GET /desk/tokens":                          "almp",
	"POST /desk/tokens":                         "almp",
	"POST /desk/tokens/:id/revoke":              "almp",
	"GET /desk/retained/:number":                "p",
	"POST /desk/retained/:number":               "p",
	"GET /desk/calendar":                        "almp",
	"POST /desk/calendar":                       "m",
}

func TestWhoReachesWhat(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, nil)
	browsers := map[string]*browser{"a": o.as("li.wei"), "l": o.as("zhao.lead"), "m": o.as("chen.manager"), "p": o.as("sun.officer"),
		"": o.browser(en)}
	routes := map[string]bool{}
	for _, r := range (&console{}).routes() {
		key := r.method + " " + r.path
		routes[key] = true
		allowed, ok := matrix[key]
		require.True(t, ok, "%s is not in the matrix", key)
		path := strings.NewReplacer(":number", string(n), ":file", "1", ":agent", "no.such", ":id", "99").Replace(r.path)
		for who, b := range browsers {
			var p answerPage
			if r.method == http.MethodGet {
				p = b.get(path)
			} else {
				p = b.post(path, url.Values{})
			}
			switch {
			case who == "":
				assert.Contains(t, []int{http.StatusSeeOther, http.StatusUnauthorized}, p.Status, key)
			case strings.Contains(allowed, who):
				assert.NotEqual(t, http.StatusForbidden, p.Status, "%s as %s", key, who)
				assert.NotEqual(t, http.StatusInternalServerError, p.Status, "%s as %s", key, who)
			default:
				assert.Equal(t, http.StatusForbidden, p.Status, "%s as %s", key, who)
			}
		}
	}
	assert.Len(t, routes, len(matrix))
}
