package doctor

import (
	"bytes"
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"rightsdesk/command"
	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// in is the same office within a subtest.
func (o *office) in(t *testing.T) *office {
	same := *o
	same.t = t
	return &same
}

// vandal edits the database behind the desk's back. It has the same driver in the same
// process, as the desk's own connections have.
func (o *office) vandal(statement string, args ...any) {
	o.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(o.DataDir, "rightsdesk.db")+"?_pragma=busy_timeout(5000)")
	require.NoError(o.t, err)
	defer db.Close()
	done, err := db.Exec(statement, args...)
	require.NoError(o.t, err)
	n, err := done.RowsAffected()
	require.NoError(o.t, err)
	require.Positive(o.t, n)
}

// finds requires that a doctor who only looks finds this and changes nothing, that one
// who repairs repairs it, and that it is gone then.
func (o *office) finds(number ticket.Number, drift contract.Drift) finding {
	o.t.Helper()
	events, err := o.records.Events(o.t.Context(), number)
	require.NoError(o.t, err)
	code, findings, sum := o.consult()
	require.Equal(o.t, 1, code)
	require.Len(o.t, findings, 1, "%v", findings)
	require.Equal(o.t, []any{number, drift, false, 1}, []any{findings[0].Ticket, findings[0].Finding, findings[0].Repaired, sum.Left})
	after, err := o.records.Events(o.t.Context(), number)
	require.NoError(o.t, err)
	require.Equal(o.t, events, after, "a look changes nothing")
	require.Equal(o.t, map[contract.Drift]int{drift: 1}, o.repaired())
	o.healthy()
	return findings[0]
}

// repairs are what the trail of a ticket tells of repairs.
func (o *office) repairs(number ticket.Number) (codes []contract.Code) {
	o.t.Helper()
	events, err := o.records.Events(o.t.Context(), number)
	require.NoError(o.t, err)
	for _, e := range events {
		if e.Act == contract.ActRepaired {
			require.Equal(o.t, contract.BySystem, e.Actor)
			codes = append(codes, e.Code)
		}
	}
	return codes
}

func TestEachDriftIsFoundAndRepaired(t *testing.T) {
	whole := open(t, "")
	for _, story := range []struct {
		name string
		tell func(*office)
	}{
		{"a workflow that somebody has terminated", terminated},
		{"a workflow that is gone before it recorded anything", neverBegun},
		{"a workflow that was deleted", deleted},
		{"a row whose deadline was edited", deadlineEdited},
		{"a row whose facts were edited", factsEdited},
		{"a row that was deleted past its foreign keys", rowDeleted},
		{"a row whose state was edited", stateEdited},
		{"the row of an ended ticket that was edited", endedEdited},
		{"a retention that somebody has terminated", retentionTerminated},
		{"a letter that was sent and stands as pending", mailStuck},
		{"a letter that was given up and stands as pending", mailGivenUp},
		{"a decision whose words are gone", wordsMissing},
		{"a document that is gone", proofMissing},
		{"an account that is gone", accountMissing},
		{"what is retained is not locked away", lockMissing},
		{"a schedule that was loaded without its rollout", calendarBehind},
	} {
		t.Run(story.name, func(t *testing.T) { story.tell(whole.in(t)) })
	}
	whole.trailIsWhole()
}

func terminated(o *office) {
	n := claimed("terminated")(o)
	require.NoError(o.t, o.engine.TerminateWorkflow(o.t.Context(), string(n), "", "by mistake"))
	refusedNow, err := o.desk.Withdraw(o.t.Context(), n)
	require.NoError(o.t, err)
	require.True(o.t, refusedNow.Pending, "what a person does meanwhile waits, and is not refused")
	o.vandal(`UPDATE deliveries SET next_at = strftime('%Y-%m-%d %H:%M:%f+00:00', 'now', '+10 minutes') WHERE number = ? AND pending`, n) // not now
	o.finds(n, contract.DriftWorkflowEnded)
	require.Equal(o.t, []contract.Code{contract.Code(contract.DriftWorkflowEnded)}, o.repairs(n))
	o.vandal(`UPDATE deliveries SET next_at = created_at WHERE number = ? AND pending`, n)
	o.ended(n)
	require.Equal(o.t, ticket.Withdrawn, o.now(n).Stage)
}

func (o *office) forget(id string) {
	o.t.Helper()
	_, err := o.engine.WorkflowService().DeleteWorkflowExecution(o.t.Context(), &workflowservice.DeleteWorkflowExecutionRequest{
		Namespace: o.Namespace, WorkflowExecution: &common.WorkflowExecution{WorkflowId: id}})
	require.NoError(o.t, err)
	o.eventually(func() bool {
		_, err := o.engine.DescribeWorkflowExecution(o.t.Context(), id, "")
		return err != nil
	}, "%s: it is still there", id)
}

func neverBegun(o *office) {
	o.StopDesk()
	receipt, wrong, err := o.desk.File(o.t.Context(), desk.Request{Kind: ticket.Complaint, Category: ticket.CategoryPrivacy, Locale: ticket.English,
		FormToken: seal.NewToken(), Person: store.Person{Name: "Sample Person", Email: "never@example.net"}, Text: "A request among many."})
	require.NoError(o.t, err)
	require.Empty(o.t, wrong)
	n := receipt.Number
	o.until(n, "told to Temporal", func(t store.Ticket) bool { return !t.Starting })
	require.NoError(o.t, o.engine.TerminateWorkflow(o.t.Context(), string(n), "", "by mistake"))
	o.StartWeb()
	o.StartWorker()
	require.Zero(o.t, o.now(n).Rev)
	o.finds(n, contract.DriftWorkflowEnded)
	o.stage(n, ticket.Verifying)
	o.proves(n)
	closes(o, n)
}

func deleted(o *office) {
	n := claimed("deleted")(o)
	o.forget(string(n))
	o.finds(n, contract.DriftWorkflowMissing)
	closes(o, n)
}

func deadlineEdited(o *office) {
	n := claimed("deadline")(o)
	due := o.now(n).ReplyDue
	o.vandal(`UPDATE tickets SET reply_due = '2030-01-01 00:00:00+00:00' WHERE number = ?`, n)
	found := o.finds(n, contract.DriftProjection)
	require.Equal(o.t, "reply_due", found.Detail)
	require.Equal(o.t, due, o.now(n).ReplyDue)
	require.Equal(o.t, []contract.Code{contract.Code(contract.DriftProjection)}, o.repairs(n))
}

func factsEdited(o *office) {
	n := claimed("facts")(o)
	filed := o.now(n)
	o.vandal(`UPDATE tickets SET kind = 'complaint', received_at = '2026-01-01 00:00:00+00:00', locale = 'zh-CN', channel = 'letter', relation = 'agent', policy_name = 'gdpr' WHERE number = ?`, n)
	found := o.finds(n, contract.DriftFacts)
	require.Contains(o.t, found.Detail, "received_at")
	now := o.now(n)
	require.Equal(o.t, []any{filed.Kind, filed.ReceivedAt, filed.Locale, filed.Channel, filed.Relation, filed.Policy},
		[]any{now.Kind, now.ReceivedAt, now.Locale, now.Channel, now.Relation, now.Policy})
	require.Equal(o.t, []contract.Code{contract.Code(contract.DriftFacts)}, o.repairs(n))
	closes(o, n)
}

func rowDeleted(o *office) {
	n := claimed("row")(o)
	o.vandal(`DELETE FROM tickets WHERE number = ?`, n)
	code, findings, _ := o.consult()
	require.Equal(o.t, 1, code)
	require.Equal(o.t, []any{n, contract.DriftTicketMissing}, []any{findings[0].Ticket, findings[0].Finding})
	require.Equal(o.t, 1, o.repaired()[contract.DriftTicketMissing])
	o.healthy()
	require.Equal(o.t, ticket.InProgress, o.now(n).Stage)
	require.Contains(o.t, o.repairs(n), contract.Code(contract.DriftTicketMissing))
}

func stateEdited(o *office) {
	n := claimed("state")(o)
	o.vandal(`UPDATE tickets SET assignee = 'wang.fang', lease_holder = 'wang.fang', state = replace(state, 'li.wei', 'wang.fang') WHERE number = ?`, n)
	require.Equal(o.t, ticket.AgentID("wang.fang"), o.now(n).State.Assignee)
	o.finds(n, contract.DriftProjection)
	require.Equal(o.t, agent.ID, o.now(n).Assignee)
}

func endedEdited(o *office) {
	n := proved("ended")(o)
	o.taken(o.desk.Withdraw(o.t.Context(), n))
	o.ended(n)
	o.ends(string(n))
	o.vandal(`UPDATE tickets SET outcome = 'accepted' WHERE number = ?`, n)
	o.finds(n, contract.DriftProjection)
	require.Equal(o.t, ticket.PulledOut, o.now(n).Outcome)
}

func retentionTerminated(o *office) {
	n := proved("kept")(o)
	o.taken(o.desk.Withdraw(o.t.Context(), n))
	o.ended(n)
	o.ends(string(n))
	require.NoError(o.t, o.engine.TerminateWorkflow(o.t.Context(), contract.RetentionID(n), "", "by mistake"))
	o.finds(n, contract.DriftRetentionMissing)
	o.ended(n)
}

const longAgo = `UPDATE mails SET status = 'pending', accepted_at = NULL, queued_at = ? WHERE number = ? AND letter = 'receipt'`

func (o *office) receiptMail(n ticket.Number) store.Mail {
	o.t.Helper()
	mails, err := o.records.Mails(o.t.Context(), n)
	require.NoError(o.t, err)
	return mails[0]
}

func mailStuck(o *office) {
	n := proved("stuck")(o)
	was := o.receiptMail(n)
	o.vandal(longAgo, time.Now().UTC().Add(-time.Hour).Format("2006-01-02 15:04:05.000000+00:00"), n)
	found := o.finds(n, contract.DriftMailStuck)
	require.Equal(o.t, string(was.Step), found.Detail)
	require.Equal(o.t, []any{store.MailAccepted, was.AcceptedAt}, []any{o.receiptMail(n).Status, o.receiptMail(n).AcceptedAt}, "the workflow remembers")
}

func mailGivenUp(o *office) {
	n := proved("given-up")(o)
	o.taken(o.desk.Withdraw(o.t.Context(), n))
	o.ended(n)
	o.ends(string(n))
	o.forget(string(n))
	o.vandal(longAgo, time.Now().UTC().Add(-11*24*time.Hour).Format("2006-01-02 15:04:05.000000+00:00"), n)
	o.finds(n, contract.DriftMailStuck)
	require.Equal(o.t, store.MailRefused, o.receiptMail(n).Status)
}

// mailed waits until every letter has left.
func (o *office) mailed(n ticket.Number) {
	o.t.Helper()
	o.eventually(func() bool {
		mails, err := o.records.Mails(o.t.Context(), n)
		return err == nil && !slices.ContainsFunc(mails, func(m store.Mail) bool { return m.Status == store.MailPending })
	}, "%s: every letter has left", n)
}

func wordsMissing(o *office) {
	n := claimed("words")(o)
	o.did(o.desk.Ask(o.t.Context(), o.claims(agent, n), n, "Which number do you mean?"))
	o.stage(n, ticket.WaitingOnSubject)
	message := o.now(n).State.Asked.Message
	o.mailed(n) // a letter whose words are gone would fail
	o.vandal(`DELETE FROM messages WHERE id = ?`, message)
	o.finds(n, contract.DriftWordsMissing)
	m, err := o.records.Message(o.t.Context(), n, message)
	require.NoError(o.t, err)
	require.Equal(o.t, store.MessageLost, m.Kind)
	o.taken(o.desk.Reply(o.t.Context(), n, desk.Words{Text: "The one on the form."}))
	closes(o, n)
}

func proofMissing(o *office) {
	address := "guardian@example.net"
	n := o.filed(desk.Request{Kind: ticket.Complaint, Category: ticket.CategoryPrivacy, Relation: ticket.Guardian,
		RelationNote: "Mother of the child", Person: store.Person{Email: address}, Text: "What do you keep about my child?"})
	o.proves(n)
	paper := desk.ProofFiles{Kind: ticket.ProofRelation, Key: seal.NewToken(), Files: []store.NewFile{{Name: "paper.png", Type: "image/png", Content: []byte("a picture")}}}
	o.taken(o.desk.SendProof(o.t.Context(), n, paper))
	o.vandal(`DELETE FROM proofs WHERE number = ?`, n)
	o.finds(n, contract.DriftProofMissing)
	paper.Key = seal.NewToken()
	o.taken(o.desk.SendProof(o.t.Context(), n, paper))
	proofs, err := o.records.Proofs(o.t.Context(), n)
	require.NoError(o.t, err)
	o.did(o.desk.ReviewProof(o.t.Context(), agent, n, proofs[0].ID, true))
	closes(o, n)
}

func accountMissing(o *office) {
	n := correction("zhou.ting@example.org", store.Change{Field: "address", Proposed: "9 New Street"})(o)
	o.vandal(`UPDATE ticket_secrets SET account = NULL WHERE number = ?`, n)
	o.finds(n, contract.DriftAccountMissing)
	o.eventually(func() bool { _, err := o.records.Account(o.t.Context(), n); return err == nil }, "%s: it is looked up again", n)
	closes(o, n)
}

func lockMissing(o *office) {
	n := confirmed("zhang.wei@example.com")(o)
	accepted(o, n)
	o.solved(n)
	o.stage(n, ticket.Retained)
	o.ends(string(n))
	o.vandal(`UPDATE tickets SET locked_at = NULL WHERE number = ?`, n)
	o.finds(n, contract.DriftLockMissing)
	_, err := o.records.Content(o.t.Context(), n)
	require.ErrorIs(o.t, err, store.ErrLocked)
}

func calendarBehind(o *office) {
	n := claimed("calendar")(o)
	others := 0
	for _, open := range o.openTickets() {
		if open != n {
			others++
		}
	}
	day := time.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	version, err := o.records.LoadCalendar(o.t.Context(), "cn", []byte(day+"\tholiday\t临时\n"), ticket.Nobody, time.Now())
	require.NoError(o.t, err)
	code, findings, _ := o.consult("--ticket", strings.ToLower(string(n)))
	require.Equal(o.t, 1, code)
	require.Len(o.t, findings, 1)
	require.Equal(o.t, contract.DriftCalendarBehind, findings[0].Finding)
	require.Equal(o.t, map[contract.Drift]int{contract.DriftCalendarBehind: others + 1}, o.repaired())
	require.Equal(o.t, version, o.now(n).Calendar)
	o.healthy()
}

func (o *office) openTickets() []ticket.Number {
	o.t.Helper()
	numbers, err := o.records.OpenNumbers(o.t.Context(), "", 100)
	require.NoError(o.t, err)
	return numbers
}

// A delivery that nobody understands stays, and is told again until a person has seen
// to it.
func TestWhatNoRepairMendsIsLeftAndSaid(t *testing.T) {
	o := open(t, "")
	n := claimed("late")(o)
	d, err := o.records.AddDelivery(t.Context(), n, store.OpUpdate, "nonsense", []byte(`{}`))
	require.NoError(t, err)
	o.vandal(`UPDATE deliveries SET created_at = '2020-01-01 00:00:00+00:00' WHERE id = ?`, d.ID)
	for _, args := range [][]string{nil, {"--repair"}, {"--ticket", string(n)}} {
		code, findings, sum := o.consult(args...)
		require.Equal(t, 1, code)
		require.Equal(t, map[contract.Drift]int{contract.DriftDeliveryStuck: 1}, sum.Found)
		require.Equal(t, args != nil && args[0] == "--repair", findings[0].Why != "")
	}
	code, _, _ := o.consult("--ticket", "DSR-20200101-00000000")
	require.Equal(t, 2, code, "there is no such ticket")
}

func TestTwoDoctorsAtOnceRepairOnce(t *testing.T) {
	o := open(t, "")
	var numbers []ticket.Number
	for _, name := range []string{"one", "two", "three", "four", "five", "six"} {
		numbers = append(numbers, claimed(name)(o))
	}
	for _, n := range numbers {
		require.NoError(t, o.engine.TerminateWorkflow(t.Context(), string(n), "", "by mistake"))
	}
	var both sync.WaitGroup
	codes := make([]int, 3)
	said := make([]bytes.Buffer, len(codes))
	for i := range codes {
		both.Go(func() {
			codes[i] = command.Main([]string{"doctor", "--repair", "--database", o.Database.Database, "--master-key-file", o.Database.MasterKeyFile,
				"--temporal-address", o.Temporal, "--temporal-namespace", o.Namespace}, &said[i], &bytes.Buffer{})
		})
	}
	both.Wait()
	for i, code := range codes {
		require.Zero(t, code, said[i].String())
	}
	o.healthy()
	for _, n := range numbers {
		require.Equal(t, []contract.Code{contract.Code(contract.DriftWorkflowEnded)}, o.repairs(n))
		runs := 0
		list, err := o.engine.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: "WorkflowId = '" + string(n) + "'"})
		require.NoError(t, err)
		for _, x := range list.Executions {
			if x.Status == enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
				runs++
			}
		}
		require.Equal(t, 1, runs)
		closes(o, n)
	}
}

// What can't be seen is not called missing.
func TestADoctorWhoCannotLookSaysSo(t *testing.T) {
	o := open(t, "")
	claimed("away")(o)
	o.StopWorker()
	late := func(args ...string) {
		t.Helper()
		code, findings, sum := o.consult(append([]string{"--wait", "1s"}, args...)...)
		require.Equal(t, 3, code)
		require.Empty(t, findings)
		require.Zero(t, sum.Left)
	}
	o.leave()
	o.StopTemporal()
	late()
	late("--repair")
	require.NoError(t, o.StartTemporalIn(context.Background(), t.TempDir())) // without a worker
	late("--repair")
}
