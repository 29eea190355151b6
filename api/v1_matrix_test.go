package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

// The matrix of the JSON interface, cell by cell, written out a second time on
// purpose.
var v1Matrix = map[string]string{ // operation: a(gent) l(ead) m(anager) p(rivacy officer) (a)u(ditor) (a)d(ministrator)
	"acknowledge":             "lmp",
	"add-member":              "md",
	"approve":                 "almp",
	"ask":                     "almp",
	"assign":                  "lmp",
	"bounced":                 "almp",
	"categorise":              "almp",
	"change-queues":           "md",
	"change-role":             "md",
	"check-identity":          "almp",
	"claim":                   "almp",
	"count-queue":             "almpu",
	"create-token":            "almpud",
	"decide":                  "almp",
	"disable-member":          "md",
	"escalate":                "almp",
	"explain-deadline":        "almpud",
	"explain-ticket-deadline": "almpu",
	"extend":                  "mp",
	"file-ticket-for-person":  "almp",
	"get-calendar":            "almpud",
	"get-calendar-year":       "almpud",
	"get-file":                "almp",
	"get-proof-file":          "almp",
	"get-rollout":             "almpud",
	"get-evidence":            "pu",
	"get-ticket":              "almpu",
	"review-proof":            "almp",
	"list-queue":              "almpu",
	"list-staff-events":       "pd",
	"list-team":               "md",
	"list-tokens":             "almpud",
	"load-schedule":           "md",
	"mark-away":               "md",
	"note":                    "almp",
	"open-retained":           "p",
	"presence":                "almp",
	"release":                 "almp",
	"reset-member":            "md",
	"reset-second-factor":     "md",
	"revoke-token":            "almpud",
	"save-draft":              "almp",
	"search-queue":            "almp",
	"task-done":               "almp",
	"whoami":                  "almpud",
}

// v1Roles are the roles by their letters.
var v1Roles = map[string]ticket.Role{"a": ticket.Agent, "l": ticket.Lead, "m": ticket.Manager, "p": ticket.PrivacyOfficer,
	"u": ticket.Auditor, "d": ticket.Administrator}

func TestV1WhoReachesWhat(t *testing.T) {
	d := newV1Desk(t)
	r := d.filed()
	require.Len(t, v1Roles, len(ticket.Roles()))
	tokens := map[string]string{}
	for letter, role := range v1Roles {
		tokens[letter] = d.staff("staff-"+letter, role)
	}
	seen := map[string]bool{}
	for _, op := range d.operations() {
		o := v1Describes(op)
		if o.who != v1Staff {
			continue
		}
		allowed, ok := v1Matrix[o.id]
		require.True(t, ok, "%s is not in the matrix", o.id)
		seen[o.id] = true
		for letter, token := range tokens {
			ask := exampleAsk(op, r.Number)
			ask.token = token
			if o.key == v1Required {
				ask.key = fmt.Sprintf("key-%s-%s-0123456789abcdef", o.id, letter)
			}
			a := d.do(ask)
			if !strings.Contains(allowed, letter) {
				a.problem(http.StatusForbidden, "not_allowed")
				continue
			}
			assert.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusInternalServerError}, a.Status,
				"%s as %s: %s", o.id, v1Roles[letter], a.Text)
		}
	}
	assert.Len(t, seen, len(v1Matrix))
}

// To an agent's token a ticket outside the queues is as one that is not there, in
// every operation that names one.
func TestV1ATicketOutsideTheQueuesIsAsIfItWereNotThere(t *testing.T) {
	d := newV1Desk(t)
	number := d.filed().Number // a complaint about privacy
	manager, agent := d.staff("chen.yu", ticket.Manager), d.staff("li.wei", ticket.Agent)
	d.get("/tickets/"+string(number), agent).into(http.StatusOK, nil)
	d.post("/team/li.wei/queues", manager, v1Queues{ticket.Queues{"complaint.privcy"}}).problem(http.StatusUnprocessableEntity, "invalid_input")
	var member v1Member
	d.post("/team/li.wei/queues", manager, v1Queues{ticket.Queues{"complaint.service", "info_correction"}}).into(http.StatusOK, &member)
	assert.Equal(t, []ticket.Queue{"complaint.service", "info_correction"}, member.Queues)
	asked := 0
	for _, op := range d.operations() {
		o := v1Describes(op)
		if o.who != v1Staff || !strings.Contains(o.path, "{number}") || !ticket.Agent.May(o.may) {
			continue
		}
		asked++
		there, not := exampleAsk(op, number), exampleAsk(op, "DSR-20260105-99999999")
		there.token, not.token = agent, agent
		got := d.do(there)
		got.problem(http.StatusNotFound, "not_found")
		assert.Equal(t, d.do(not).Text, got.Text, o.id)
	}
	assert.Greater(t, asked, 12)
	var queue v1QueuePage
	d.get("/queue?show=all", agent).into(http.StatusOK, &queue)
	assert.Empty(t, queue.Tickets)
	assert.Zero(t, queue.Total)
	d.get("/queue?show=all&number="+string(number), agent).into(http.StatusOK, &queue)
	assert.Empty(t, queue.Tickets)
	d.post("/queue/search", agent, v1Search{Contact: "wang@mail.example"}).into(http.StatusOK, &queue)
	assert.Empty(t, queue.Tickets)
	var counts v1Counts
	d.get("/queue/counts", agent).into(http.StatusOK, &counts)
	assert.Zero(t, counts.Open)
	d.get("/tickets/"+string(number), d.staff("zhao.lead", ticket.Lead)).into(http.StatusOK, nil)
	d.post("/tickets/"+string(number)+"/assign", manager, v1Assign{"li.wei"}).problem(http.StatusUnprocessableEntity, "invalid_input")
}

func TestV1AnAuditorReadsNothingPersonal(t *testing.T) {
	d := newV1Desk(t)
	number := d.filed().Number
	a := d.get("/tickets/"+string(number), d.staff("wu.auditor", ticket.Auditor))
	var got v1Ticket
	a.into(http.StatusOK, &got)
	assert.Nil(t, got.Personal)
	assert.NotEmpty(t, got.Timeline)
	assert.Empty(t, got.Acts)
	for _, personal := range []string{"Wang Xiaoming", "wang@mail.example", "13800000000", "to whom you gave"} {
		assert.NotContains(t, a.Text, personal)
	}
	events, err := d.store.Events(t.Context(), number)
	require.NoError(t, err)
	for _, e := range events {
		assert.NotEqual(t, ticket.AgentID("wu.auditor"), e.Agent)
	}
}

func TestV1WhatIsDoneToStaffIsOnRecord(t *testing.T) {
	d := newV1Desk(t)
	manager, officer := d.staff("chen.yu", ticket.Manager), d.staff("zhou.jie", ticket.PrivacyOfficer)
	d.post("/team", manager, v1NewMember{ID: "li.wei", Name: "Li Wei", Email: "li.wei@desk.example", Role: ticket.Agent}).into(http.StatusCreated, nil)
	d.post("/team/li.wei/role", manager, v1Role{ticket.Lead}).into(http.StatusOK, nil)
	d.post("/team/li.wei/disabled", manager, v1Disabled{true}).into(http.StatusOK, nil)
	d.post("/team/li.wei/disabled", manager, v1Disabled{false}).into(http.StatusOK, nil)
	d.post("/team/li.wei/reset", manager, nil).into(http.StatusOK, nil)
	d.post("/team/li.wei/reset-second-factor", manager, nil).into(http.StatusOK, nil)
	d.post("/team/chen.yu/reset-second-factor", manager, nil).problem(http.StatusConflict, "not_oneself")
	d.post("/team/li.wei/queues", manager, v1Queues{ticket.Queues{"complaint"}}).into(http.StatusOK, nil)
	var record v1StaffEvents
	a := d.get("/team/record", officer)
	a.into(http.StatusOK, &record)
	var told []string
	for _, e := range record.Events {
		assert.Equal(t, []ticket.AgentID{"chen.yu", "li.wei"}, []ticket.AgentID{e.Actor, e.Subject})
		told = append(told, string(e.Act)+":"+e.Code)
	}
	assert.Equal(t, []string{"queues_changed:complaint", "factor_reset:", "password_reset:", "enabled:", "disabled:", "role_changed:lead", "added:agent"}, told)
	assert.NotContains(t, a.Text, "Li Wei")
	d.get(fmt.Sprintf("/team/record?after=%d", record.Events[5].ID), officer).into(http.StatusOK, &record)
	assert.Len(t, record.Events, 1)
}
