package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// stuck waits until a ticket's troubles are those of these codes.
func (o *office) stuck(number ticket.Number, codes ...contract.TroubleCode) []store.Trouble {
	o.t.Helper()
	var found []store.Trouble
	for end := time.Now().Add(4 * time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		var err error
		found, err = o.records.Troubles(context.Background(), number)
		require.NoError(o.t, err)
		var got []contract.TroubleCode
		for _, t := range found {
			got = append(got, t.Code)
		}
		if assert.ObjectsAreEqual(codes, got) {
			return found
		}
	}
	o.t.Fatalf("%s is not stuck by %v but by %+v", number, codes, found)
	return nil
}

// A poison ticket, whose mails never leave, holds nobody else up, shows up to
// managers, and is done by itself once what stands in its way is mended.
func TestAPoisonTicketStopsNobodyElseAndShowsUpToManagers(t *testing.T) {
	o := openOffice(t)
	const full = "full@example.net"
	o.Mails.PutOff(full)
	bad := o.files(full)
	good := o.complaint() // files, is mailed a code, and proves it, all behind the poison
	o.answers(agent, good, granted)

	found := o.stuck(bad, contract.TroubleMail)
	assert.Equal(t, contract.ActivitySendMail, found[0].Activity)
	assert.GreaterOrEqual(t, found[0].Attempts, 5)
	counts, err := o.records.Counts(t.Context(), "manager", time.Now())
	require.NoError(t, err)
	assert.Equal(t, 1, counts.Stuck)
	page, err := o.records.Queue(t.Context(), store.Filter{Stuck: true}, time.Now())
	require.NoError(t, err)
	require.Len(t, page.Tickets, 1)
	assert.Equal(t, bad, page.Tickets[0].Number)
	require.Eventually(t, func() bool { return o.measured(o.WorkerMetrics)["rightsdesk_stuck_tickets"] == "1" }, time.Minute, time.Second)
	assert.Equal(t, "1", o.measured(o.Metrics)["rightsdesk_stuck_tickets"], "every process says so")
	assert.NotEqual(t, "0", o.measured(o.WorkerMetrics)[`rightsdesk_mails_total{letter="receipt",outcome="deferred"}`])

	o.Mails.PutOff("")
	o.stuck(bad)
	messages, err := o.Mails.Messages(t.Context(), full, 10)
	require.NoError(t, err)
	assert.Len(t, messages, 1, "mailed once, after all")
}

// files files a complaint and does nothing more.
func (o *office) files(address string) ticket.Number {
	o.t.Helper()
	v := visit(o.t, o.world)
	return ticket.Number(v.files("complaint", map[string][]string{"category": {"privacy"}, "text": {"Please say what you did with my number."},
		"name": {"Ada"}, "email": {address}, "relation": {"self"}}))
}

// A workflow whose own code can't go on is reported by Temporal; and it is no
// trouble any more once it was ended.
func TestAWorkflowThatCantGoOnShowsUpToManagers(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)
	number := ticket.NewNumber(time.Now())
	_, _, err = o.records.File(ctx, store.Filing{Number: number, Kind: ticket.Complaint, Channel: ticket.ChannelWeb, Relation: ticket.Self,
		Locale: ticket.English, ReceivedAt: time.Now(), FiledAt: time.Now(), Policy: policy.Ref(), PolicyText: text, ReplyDue: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	// A procedure of a release that is not there: its task fails at every worker.
	run, err := o.engine.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: string(number), TaskQueue: contract.TaskQueue}, "ProcedureOfAnotherRelease")
	require.NoError(t, err)
	good := o.complaint()
	found := o.stuck(number, contract.TroubleWorkflow)
	assert.Equal(t, contract.TaskItself, found[0].Activity)
	o.answers(agent, good, granted)
	require.NoError(t, o.engine.TerminateWorkflow(ctx, string(number), run.GetRunID(), "test"))
	o.stuck(number)
}

var ticketNumber = regexp.MustCompile(`DSR-\d{8}-[0-9A-Z]{8}`)

// Whoever looks a ticket up in the journal finds every line about it: each carries
// its number as "ticket", those of Temporal's SDK too. And the lines of a ticket
// that fails hold nothing personal.
func TestEveryLineAboutATicketCarriesItsNumber(t *testing.T) {
	o := openOffice(t)
	const full = "full-mark-zq@example.net"
	o.Mails.PutOff(full)
	bad := o.files(full)
	o.answers(agent, o.complaint(), granted)
	o.stuck(bad, contract.TroubleMail)
	o.StopTemporal() // the parts that tell Temporal something say that they can't
	o.files("ada@example.net")
	time.Sleep(12 * time.Second)
	o.Stop()

	text := o.journal()
	about := 0
	for _, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		var said map[string]any
		require.NoError(t, json.Unmarshal(line, &said), "%s", line)
		if number := ticketNumber.Find(line); number != nil {
			about++
			assert.Equal(t, string(number), said["ticket"], "%s", line)
			assert.Equal(t, 1, bytes.Count(line, []byte(`"ticket":`)), "%s", line)
		}
	}
	assert.Greater(t, about, 5)
	for _, mark := range []string{full, "mark-zq", "ada@example.net", "Ada", "what you did with my number"} {
		assert.NotContains(t, string(text), mark)
	}
}
