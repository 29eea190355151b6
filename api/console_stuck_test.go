package api

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func stuck(t *testing.T, s *store.Store, n ticket.Number) {
	t.Helper()
	require.NoError(t, s.NoteTrouble(t.Context(), store.Trouble{
		TroubleKey: store.TroubleKey{Workflow: string(n), Activity: contract.ActivitySendMail, Step: "12"}, Number: n, Attempts: 7,
		Code: contract.TroubleMail, Since: monday, LastAt: monday.Add(time.Hour)}))
	require.NoError(t, s.NoteTrouble(t.Context(), store.Trouble{
		TroubleKey: store.TroubleKey{Workflow: string(n), Activity: contract.TaskItself}, Number: n,
		Code: contract.TroubleWorkflow, Since: monday, LastAt: monday}))
}

// Whoever sees a ticket sees that it is stuck and by what, auditors too.
func TestStuckTicketsShowInTheQueueAndSayWhy(t *testing.T) {
	o := newOffice(t)
	bad, good := o.filed(ticket.Complaint, nil), o.filed(ticket.Complaint, nil)
	stuck(t, o.store, bad)
	for _, who := range []ticket.AgentID{"chen.manager", "li.wei", "wu.auditor"} {
		b := o.as(who)
		queue := b.get("/desk")
		assert.Contains(t, queue.text(), "Stuck 1", "%s: the figure", who)
		only := b.get("/desk?show=stuck")
		assert.Contains(t, only.Body, page(bad))
		assert.NotContains(t, only.Body, page(good))
		assert.Contains(t, only.text(), "Stuck ×", "the chip")
		said := b.get(page(bad)).text()
		assert.Contains(t, said, "Sending a letter: the mail server does not take it (7 tries, since")
		assert.Contains(t, said, "The ticket's workflow: its code can't go on; a new release has to mend it (since")
		assert.NotContains(t, b.get(page(good)).text(), "again and again")
	}
	chinese := o.as("li.wei")
	assert.Contains(t, chinese.get(page(bad)+"?lang=zh-CN").text(), "发送邮件：邮件服务器未接受 (已尝试 7 次")
}

func TestTheJSONInterfaceTellsWhatIsStuck(t *testing.T) {
	d := newV1Desk(t)
	bad, good := d.filed().Number, d.filed().Number
	stuck(t, d.store, bad)
	token := d.staff("wu.auditor", ticket.Auditor)
	var page v1QueuePage
	d.get("/queue", token).into(http.StatusOK, &page)
	told := map[ticket.Number]bool{}
	for _, row := range page.Tickets {
		told[row.Number] = row.Stuck
	}
	assert.Equal(t, map[ticket.Number]bool{bad: true, good: false}, told)
	d.get("/queue?show=stuck", token).into(http.StatusOK, &page)
	require.Len(t, page.Tickets, 1)
	var counts v1Counts
	d.get("/queue/counts", token).into(http.StatusOK, &counts)
	assert.Equal(t, 1, counts.Stuck)
	var whole v1Ticket
	d.get("/tickets/"+string(bad), token).into(http.StatusOK, &whole)
	require.Len(t, whole.Troubles, 2)
	codes := map[contract.TroubleCode]string{}
	for _, trouble := range whole.Troubles {
		codes[trouble.Code] = trouble.Text
	}
	assert.Equal(t, "Sending a letter: the mail server does not take it", codes[contract.TroubleMail])
	assert.Contains(t, codes, contract.TroubleWorkflow)
}
