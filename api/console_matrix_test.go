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
var matrix = map[string]string{ // route: a(gent) l(ead) m(anager) p(rivacy officer) (a)u(ditor) (a)d(ministrator)
	"GET /desk":                                  "almpu",
	"POST /desk/search":                          "almp",
	"GET /desk/tickets/new":                      "almp",
	"POST /desk/tickets/new":                     "almp",
	"GET /desk/tickets/:number":                  "almpu",
	"GET /desk/tickets/:number/files/:file":      "almp",
	"GET /desk/tickets/:number/evidence":         "pu",
	"POST /desk/tickets/:number/draft":           "almp",
	"POST /desk/tickets/:number/presence":        "almp",
	"POST /desk/tickets/:number/claim":           "almp",
	"POST /desk/tickets/:number/release":         "almp",
	"POST /desk/tickets/:number/assign":          "lmp",
	"POST /desk/tickets/:number/categorise":      "almp",
	"POST /desk/tickets/:number/note":            "almp",
	"POST /desk/tickets/:number/ask":             "almp",
	"POST /desk/tickets/:number/check-identity":  "almp",
	"GET /desk/tickets/:number/proofs/:file":     "almp",
	"POST /desk/tickets/:number/review-proof":    "almp",
	"POST /desk/tickets/:number/decide":          "almp",
	"POST /desk/tickets/:number/approve":         "almp",
	"POST /desk/tickets/:number/task-done":       "almp",
	"POST /desk/tickets/:number/escalate":        "almp",
	"POST /desk/tickets/:number/acknowledge":     "lmp",
	"POST /desk/tickets/:number/extend":          "mp",
	"POST /desk/tickets/:number/bounced":         "almp",
	"GET /desk/team":                             "md",
	"POST /desk/team":                            "md",
	"POST /desk/team/:agent/reset":               "md",
	"POST /desk/team/:agent/reset-second-factor": "md",
	"POST /desk/team/:agent/role":                "md",
	"POST /desk/team/:agent/queues":              "md",
	"POST /desk/team/:agent/disabled":            "md",
	"POST /desk/team/:agent/away":                "md",
	"GET /desk/team/record":                      "pd",
	"GET /desk/recovery-codes":                   "almpud",
	"POST /desk/recovery-codes":                  "almpud",
	"GET /desk/tokens":                           "almpud",
	"POST /desk/tokens":                          "almpud",
	"POST /desk/tokens/:id/revoke":               "almpud",
	"GET /desk/retained/:number":                 "p",
	"POST /desk/retained/:number":                "p",
	"GET /desk/calendar":                         "almpud",
	"POST /desk/calendar":                        "md",
}

func TestWhoReachesWhat(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, nil)
	browsers := map[string]*browser{"a": o.as("li.wei"), "l": o.as("zhao.lead"), "m": o.as("chen.manager"), "p": o.as("sun.officer"),
		"u": o.as("wu.auditor"), "d": o.as("zheng.admin"), "": o.browser(en)}
	half := o.browser(en) // the password alone was given
	require.Equal(t, http.StatusSeeOther, half.signIn("chen.manager", goodPassword).Status)
	browsers["half"] = half
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
			case who == "half":
				assert.Equal(t, http.StatusSeeOther, p.Status, key)
				assert.Equal(t, pageFactor, p.Header.Get("Location"), key)
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
