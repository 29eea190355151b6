package doctor

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"rightsdesk/command"
	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/store/mariadbtest"
	"rightsdesk/ticket"
)

// backup keeps something as it is now, and gives how to put it back; that tells where
// Temporal's files are then.
type backup func(o *office) (putBack func() string)

func TestTemporalRestoredFromBeforeTheDatabasesMoment(t *testing.T) {
	rehearse(t, "", temporalFile, func(t *testing.T, found map[contract.Drift]int) {
		require.Greater(t, found[contract.DriftWorkflowBehind], 3)
		for _, drift := range []contract.Drift{contract.DriftWorkflowMissing, contract.DriftWorkflowStray,
			contract.DriftRetentionMissing} {
			require.Positive(t, found[drift], "%s: %v", drift, found)
		}
		require.Zero(t, found[contract.DriftTicketMissing]+found[contract.DriftDatabaseBehind], "%v", found)
	})
}

// Nothing of Temporal is left but its name.
func TestTemporalLostAltogether(t *testing.T) {
	nothingKept := func(o *office) func() string { return o.t.TempDir }
	rehearse(t, "", nothingKept, func(t *testing.T, found map[contract.Drift]int) {
		require.Greater(t, found[contract.DriftWorkflowMissing], 10, "%v", found)
		require.Positive(t, found[contract.DriftRetentionMissing], "%v", found)
		require.Len(t, found, 2, "%v", found)
	}, "--most-lost")
}

func TestTheDatabaseRestoredFromBeforeTemporalsMoment(t *testing.T) {
	rehearse(t, "", deskFile, fromDatabase)
}

func TestMariaDBRestoredFromBeforeTemporalsMoment(t *testing.T) {
	rehearse(t, mariadbtest.Start(t), dump, fromDatabase)
}

func fromDatabase(t *testing.T, found map[contract.Drift]int) {
	for _, drift := range []contract.Drift{contract.DriftDatabaseBehind, contract.DriftTicketMissing, contract.DriftPurgeUndone} {
		require.Positive(t, found[drift], "%s: %v", drift, found)
	}
	require.Zero(t, found[contract.DriftWorkflowBehind]+found[contract.DriftWorkflowMissing], "%v", found)
}

// rehearse tells every story up to the loss, puts the older backup of one side back
// as docs/doctor.md says, and brings every ticket to its end.
func rehearse(t *testing.T, database string, keep backup, expected func(*testing.T, map[contract.Drift]int), flags ...string) {
	o := open(t, database)
	all := append(stories(), interrupted()...)
	tickets := make([]ticket.Number, len(all))
	for i, s := range all {
		if s.before != nil {
			tickets[i] = s.before(o)
		}
	}
	o.healthy()
	var putBack func() string
	o.down(func() { putBack = keep(o) })
	for i, s := range all {
		tickets[i] = s.after(o, tickets[i])
	}
	due := map[ticket.Number]time.Time{}
	for _, n := range tickets {
		due[n] = o.now(n).ReplyDue
	}
	arrived := o.accepted()

	o.leave()
	o.StopDesk()
	o.StopTemporal()
	require.NoError(t, o.StartTemporalIn(t.Context(), putBack()))
	o.StartWorker()
	o.People.SetDown(false)
	o.Mails.AnswerAll(0)
	if len(flags) > 0 {
		code, findings, _ := o.consult("--repair")
		require.Equal(t, 2, code, "it may be another desk's Temporal: nothing is repaired without a word")
		require.Empty(t, findings)
	}
	o.enter()
	behind := o.waits(tickets)
	o.leave()
	found := o.repaired(flags...)
	require.GreaterOrEqual(t, found[contract.DriftWorkflowBehind], behind)
	expected(t, found)
	o.StartWeb()
	o.enter()
	o.healthy()

	for i, s := range all {
		n := tickets[i]
		require.True(t, due[n].Equal(o.now(n).ReplyDue), "%s: the deadline is %s and was %s", s.name, o.now(n).ReplyDue, due[n])
		t.Logf("%s: %s, %s", s.name, n, o.now(n).Stage)
		if o.now(n).State.WordsLost {
			lost(o, n)
			continue
		}
		s.end(o, n)
	}
	o.healthy()
	o.onlyOnce(arrived)
	o.trailIsWhole()
}

// waits tries to act on tickets whose workflows are behind, before a doctor has come:
// what is done is not lost without a word. It says how many that were.
func (o *office) waits(tickets []ticket.Number) (behind int) {
	o.t.Helper()
	hasty := desk.New(desk.Config{Store: o.records, Temporal: o.engine, Planner: deadline.NewPlanner(o.records, o.records), StaffBudget: 2 * time.Second})
	for _, n := range tickets {
		row, err := o.records.Ticket(o.t.Context(), n)
		if errors.Is(err, store.ErrNotFound) || err == nil && !row.Stage.Open() {
			continue
		}
		require.NoError(o.t, err)
		answer, err := o.engine.QueryWorkflow(o.t.Context(), string(n), "", contract.QueryState)
		var standing contract.Standing
		if err != nil || answer.Get(&standing) != nil || standing.State.Rev >= row.Rev {
			continue
		}
		if behind++; behind > 3 {
			continue
		}
		_, err = hasty.Acknowledge(o.t.Context(), lead, n)
		if refused, ok := ticket.AsError(err); ok {
			require.Equal(o.t, "nothing_to_acknowledge", refused.Code)
			_, err = hasty.Note(o.t.Context(), agent, n, "Is anybody there?")
		}
		require.ErrorIs(o.t, err, desk.ErrEngineAway, "%s: it is behind, and takes nothing", n)
		require.Equal(o.t, row.Rev, o.now(n).Rev)
	}
	return behind
}

// lost: the words of a ticket are gone; that a person asked is not.
func lost(o *office, n ticket.Number) {
	o.t.Helper()
	require.Equal(o.t, ticket.Nobody, o.now(n).Assignee)
	o.eventually(func() bool {
		for _, m := range o.mails() {
			if m.To[0] == string(officer.ID)+"@rightsdesk.example" && strings.Contains(m.Text, string(n)) {
				return true
			}
		}
		return false
	}, "%s: the privacy officer was not told", n)
	o.decides(officer, n, ticket.Declined)
	o.stage(n, ticket.Closed)
	o.ended(n)
}

// down lets go of both sides, so that their files can be copied, and goes on.
func (o *office) down(do func()) {
	o.t.Helper()
	o.leave()
	o.StopDesk()
	o.StopTemporal()
	do()
	require.NoError(o.t, o.StartTemporal(o.t.Context()))
	o.StartWeb()
	o.StartWorker()
	o.enter()
}

// deskFile keeps the desk's SQLite database, which nobody has open.
func deskFile(o *office) func() string {
	kept := o.read("rightsdesk.db")
	return func() string {
		for name := range o.read("rightsdesk.db") {
			require.NoError(o.t, os.Remove(filepath.Join(o.DataDir, name)))
		}
		o.write(o.DataDir, kept)
		return o.DataDir
	}
}

// temporalFile keeps Temporal's.
func temporalFile(o *office) func() string {
	kept := o.read("temporal.db")
	return func() string {
		dir := o.t.TempDir()
		o.write(dir, kept)
		return dir
	}
}

func (o *office) read(name string) map[string][]byte {
	o.t.Helper()
	found, err := filepath.Glob(filepath.Join(o.DataDir, name+"*"))
	require.NoError(o.t, err)
	require.NotEmpty(o.t, found)
	kept := map[string][]byte{}
	for _, file := range found {
		if strings.HasSuffix(file, "-shm") {
			continue // made anew
		}
		kept[filepath.Base(file)], err = os.ReadFile(file)
		require.NoError(o.t, err)
	}
	return kept
}

func (o *office) write(dir string, files map[string][]byte) {
	o.t.Helper()
	for name, content := range files {
		require.NoError(o.t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
}

// dump keeps a MariaDB database as its own tool does.
func dump(o *office) func() string {
	settings, err := mysql.ParseDSN(strings.TrimPrefix(o.Database.Database, "mysql:"))
	require.NoError(o.t, err)
	host, port, _ := strings.Cut(settings.Addr, ":")
	tool := func(name string, in io.Reader, args ...string) []byte {
		cmd := exec.Command(name, append([]string{"--no-defaults", "--host=" + host, "--port=" + port, "--user=" + settings.User}, args...)...)
		cmd.Stdin = in
		var out, said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &said
		require.NoError(o.t, cmd.Run(), said.String())
		return out.Bytes()
	}
	kept := tool("mariadb-dump", nil, "--single-transaction", "--hex-blob", "--add-drop-table", settings.DBName)
	return func() string {
		tool("mariadb", bytes.NewReader(kept), settings.DBName)
		return o.DataDir
	}
}

// accepted are the letters that the mail log has as accepted, by their Message-ID.
func (o *office) accepted() map[string]bool {
	o.t.Helper()
	ids := map[string]bool{}
	after := ticket.Number("")
	for {
		page, err := o.records.Survey(o.t.Context(), after, 100)
		require.NoError(o.t, err)
		if len(page) == 0 {
			return ids
		}
		for _, one := range page {
			after = one.Number
			mails, err := o.records.Mails(o.t.Context(), one.Number)
			require.NoError(o.t, err)
			for _, m := range mails {
				if m.Status == store.MailAccepted && m.MessageID != "" {
					ids[m.MessageID] = true
				}
			}
		}
	}
}

// onlyOnce: no letter that had been accepted and recorded was mailed again, and no act
// was done twice at the account system.
func (o *office) onlyOnce(arrived map[string]bool) {
	o.t.Helper()
	copies := map[string]int{}
	for _, m := range o.mails() {
		copies[m.MessageID]++
	}
	require.NotEmpty(o.t, arrived)
	for id := range arrived {
		require.Equal(o.t, 1, copies[id], "copies of %s", id)
	}
	acts, err := o.People.Done(o.t.Context())
	require.NoError(o.t, err)
	require.NotEmpty(o.t, acts)
	seen := map[string]string{}
	for _, a := range acts {
		what := a.Ticket + " " + a.Operation
		require.Empty(o.t, seen[what], "%s was done under %s and %s", what, seen[what], a.Key)
		seen[what] = a.Key
	}
}

func (o *office) trailIsWhole() {
	o.t.Helper()
	o.eventually(func() bool {
		var out, log bytes.Buffer
		code := command.Main([]string{"audit", "verify", "--database", o.Database.Database, "--master-key-file", o.Database.MasterKeyFile}, &out, &log)
		require.Zero(o.t, code, "%s%s", out.String(), log.String())
		return !strings.Contains(out.String(), "wait to be chained")
	}, "the trail is chained")
}
