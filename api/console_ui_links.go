package api

import (
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"rightsdesk/ticket"
)

// uiLink leads into the Temporal UI.
type uiLink struct{ Name, Href string }

// uiWorkflows is where the Temporal UI shows the tickets' workflows.
func (k *console) uiWorkflows() string {
	return strings.TrimRight(k.UI, "/") + "/namespaces/" + url.PathEscape(k.Namespace) + "/workflows"
}

// workflowLink leads to a ticket's workflow in the Temporal UI, if there is one.
func (k *console) workflowLink(n ticket.Number) string {
	if k.UI == "" {
		return ""
	}
	return k.uiWorkflows() + "/" + url.PathEscape(string(n))
}

// managerLinks are the ready filters of the Temporal UI, for those who watch.
func (k *console) managerLinks(c *gin.Context) []uiLink {
	if k.UI == "" || !memberOf(c).Role.May(ticket.MayExtend) {
		return nil
	}
	const open = `ExecutionStatus = "Running" AND `
	var out []uiLink
	for _, l := range []struct{ name, query string }{
		{"overdue", open + `SLAState = "breached"`},
		{"at_risk", open + `SLAState = "at_risk"`},
		{"unassigned", open + `Assignee IS NULL AND SLAState IN ("on_track", "at_risk", "breached")`},
		{"escalated", open + `Escalation > 0 AND SLAState IN ("on_track", "at_risk", "breached")`},
	} {
		out = append(out, uiLink{Name: l.name,
			Href: k.uiWorkflows() + "?query=" + url.QueryEscape(l.query)})
	}
	return out
}
