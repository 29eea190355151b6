package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"rightsdesk/activities"
	"rightsdesk/contract"
	"rightsdesk/mail/mailtest"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func (d *desktop) staff(id ticket.AgentID, role ticket.Role, change func(*store.Agent)) {
	d.t.Helper()
	a := store.Agent{ID: id, Name: string(id), Email: string(id) + "@staff.example", Role: role, PasswordHash: "x", CreatedAt: d.now}
	if change != nil {
		change(&a)
	}
	require.NoError(d.t, d.store.CreateAgent(d.t.Context(), a))
}

func (d *desktop) recipients() []string {
	var out []string
	for _, m := range d.smtp.Messages() {
		out = append(out, m.To)
	}
	return out
}

func TestStaffAreToldOnceEach(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.Complaint)
	d.staff("li.wei", ticket.Agent, nil)
	d.staff("wang.fang", ticket.Lead, nil)
	d.staff("zhao.lei", ticket.Lead, func(a *store.Agent) { a.AwayUntil = d.now.Add(time.Hour) })
	d.staff("sun.yan", ticket.Lead, func(a *store.Agent) { a.Disabled = true })
	staff := activities.NewStaffMails(d.post, ticket.Chinese)
	notice := contract.StaffNotice{Number: number, Step: "at_risk-3", Rung: ticket.RungAtRisk,
		Agents: []ticket.AgentID{"li.wei", "wang.fang", "nobody.here"}, Roles: []ticket.Role{ticket.Lead}}

	d.smtp.AnswerRcpt(0, 451) // the second is put off
	d.retryable(staff.NotifyStaff(t.Context(), notice))
	require.NoError(t, staff.NotifyStaff(t.Context(), notice))
	require.NoError(t, staff.NotifyStaff(t.Context(), notice))
	assert.ElementsMatch(t, []string{"li.wei@staff.example", "wang.fang@staff.example"}, d.recipients())

	read := mailtest.Parse(t, d.smtp.Messages()[0].Raw)
	assert.Equal(t, "["+string(number)+"] 期限已过八成", read.Subject)
	assert.Contains(t, read.Text, "https://desk.example/desk/tickets/"+string(number))
	assert.Contains(t, read.Text, "2026年3月23日星期一")
	d.quiet(read.Subject + read.Text + read.HTML)
}

func TestANoticeThatReachesNobodyGoesToLeadsAndManagers(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.Complaint)
	d.staff("li.wei", ticket.Agent, func(a *store.Agent) { a.AwayUntil = d.now.Add(time.Hour) })
	d.staff("wang.fang", ticket.Lead, nil)
	d.staff("chen.jing", ticket.Manager, nil)
	staff := activities.NewStaffMails(d.post, ticket.English)
	require.NoError(t, staff.NotifyStaff(t.Context(), contract.StaffNotice{Number: number, Step: "replied-3",
		Act: contract.ActReplied, Agents: []ticket.AgentID{"li.wei"}}))
	assert.ElementsMatch(t, []string{"wang.fang@staff.example", "chen.jing@staff.example"}, d.recipients())
}

func TestAStaffAddressThatIsRefusedHoldsNothingUp(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.Complaint)
	d.staff("li.wei", ticket.Agent, nil)
	d.staff("wang.fang", ticket.Lead, nil)
	staff := activities.NewStaffMails(d.post, ticket.English)
	notice := contract.StaffNotice{Number: number, Step: "assigned-3", Act: contract.ActAssigned,
		Agents: []ticket.AgentID{"li.wei", "wang.fang"}}
	d.smtp.AnswerRcpt(550)
	require.NoError(t, staff.NotifyStaff(t.Context(), notice))
	require.NoError(t, staff.NotifyStaff(t.Context(), notice))
	assert.Equal(t, []string{"wang.fang@staff.example"}, d.recipients())
	assert.Contains(t, d.log.String(), "li.wei")
	assert.NotContains(t, d.log.String(), "staff.example")
}

func TestAPrivacyOfficerIsToldWhetherItIsAnAppealAndWhatToDo(t *testing.T) {
	d := newDesktop(t)
	d.staff("sun.yan", ticket.PrivacyOfficer, nil)
	number := d.file(ticket.Complaint)
	staff := activities.NewStaffMails(d.post, ticket.English)
	notice := contract.StaffNotice{Number: number, Step: "escalated-3", Act: contract.ActEscalated, Roles: []ticket.Role{ticket.PrivacyOfficer}}
	require.NoError(t, staff.NotifyStaff(t.Context(), notice))
	d.record(number, func(s *contract.State) {
		s.Stage, s.Reopened, s.Clock.Due = ticket.Triage, true, time.Date(2026, 4, 13, 23, 59, 59, 0, shanghai)
	})
	notice.Step = "escalated-4"
	require.NoError(t, staff.NotifyStaff(t.Context(), notice))

	taken := d.smtp.Messages()
	require.Len(t, taken, 2)
	incident, appeal := mailtest.Parse(t, taken[0].Raw), mailtest.Parse(t, taken[1].Raw)
	assert.Equal(t, "["+string(number)+"] Security incident reported", incident.Subject)
	assert.Equal(t, "["+string(number)+"] Appeal to decide", appeal.Subject)
	assert.Contains(t, appeal.Text, "What to do: claim the ticket, look at the request anew, and answer.")
	assert.Contains(t, appeal.Text, "Reply due: the end of Monday, 13 April 2026")
}

// A flood of incidents from nobody known keeps none back whose person has proved themselves.
func TestAnIncidentDoesNotWaitBehindThoseOfNobodyKnown(t *testing.T) {
	d := newDesktop(t)
	d.staff("sun.yan", ticket.PrivacyOfficer, nil)
	staff := activities.NewStaffMails(d.post, ticket.English)
	tell := func(n ticket.Number) error {
		return staff.NotifyStaff(t.Context(), contract.StaffNotice{Number: n, Step: "escalated-3", Act: contract.ActEscalated, Roles: []ticket.Role{ticket.PrivacyOfficer}})
	}
	for range 20 {
		require.NoError(t, tell(d.file(ticket.Complaint)))
	}
	genuine := d.file(ticket.Complaint)
	var waits *temporal.ApplicationError
	require.ErrorAs(t, tell(genuine), &waits)
	assert.Equal(t, contract.WaitsItsTurn, waits.Type())
	assert.LessOrEqual(t, waits.NextRetryDelay(), 20*time.Second, "its person may prove themselves any moment")
	require.Len(t, d.recipients(), 20)

	d.record(genuine, func(s *contract.State) { s.Level = ticket.LevelContact })
	require.NoError(t, tell(genuine))
	assert.Len(t, d.recipients(), 21)
}

func TestWhoDecidedIsNotAskedToApproveIt(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.AccountCancellation)
	d.staff("wang.fang", ticket.Lead, nil)
	d.staff("chen.jing", ticket.Manager, nil)
	row, err := d.store.Ticket(t.Context(), number)
	require.NoError(t, err)
	row.State.Rev++
	row.State.Stage, row.State.Decision = ticket.InProgress, &contract.Decision{By: "wang.fang", Outcome: ticket.Accepted, FourEyes: true}
	require.NoError(t, d.store.Record(t.Context(), contract.Record{Number: number, State: row.State}))
	staff := activities.NewStaffMails(d.post, ticket.English)
	require.NoError(t, staff.NotifyStaff(t.Context(), contract.StaffNotice{Number: number, Step: "decided-2",
		Act: contract.ActDecided, Roles: []ticket.Role{ticket.Lead}}))
	assert.Equal(t, []string{"chen.jing@staff.example"}, d.recipients(), "the only lead decided")
	assert.Equal(t, "["+string(number)+"] A decision waits for a second person", mailtest.Parse(t, d.smtp.Messages()[0].Raw).Subject)
}
