package manytickets_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/store/manytickets"
	"rightsdesk/store/mariadbtest"
	"rightsdesk/ticket"
)

func TestMain(m *testing.M) { os.Exit(mariadbtest.Run(m)) }

var now = time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC)

// filled is a desk of 600 tickets, 150 of them open.
func filled(t *testing.T, dsn string) (*store.Store, manytickets.Desk) {
	t.Helper()
	vault, err := seal.Open(seal.NewMasterKey())
	require.NoError(t, err)
	s, err := store.Open(dsn, vault)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	require.NoError(t, s.Migrate(t.Context()))
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)
	require.NoError(t, s.SavePolicy(t.Context(), policy.Ref(), text))
	desk := manytickets.Desk{Tickets: 600, Open: 150, Until: now, Agents: []ticket.AgentID{"li.wei", "wang.fang"}, Policy: policy}
	require.NoError(t, desk.Fill(t.Context(), dsn, vault, nil))
	return s, desk
}

func onBoth(t *testing.T, test func(t *testing.T, s *store.Store, desk manytickets.Desk)) {
	for name, dsn := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "desk.db"), "mariadb": mariadbtest.Start(t)} {
		t.Run(name, func(t *testing.T) {
			s, desk := filled(t, dsn)
			test(t, s, desk)
		})
	}
}

func TestEveryTicketReadsAsIfTheDeskHadMadeIt(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, desk manytickets.Desk) {
		ctx := t.Context()
		open := 0
		stages := map[ticket.Stage]bool{}
		for i := range desk.Tickets {
			n := desk.Number(i)
			tk, err := s.Ticket(ctx, n)
			require.NoError(t, err)
			require.Equal(t, tk.Stage, tk.State.Stage)
			require.Equal(t, tk.ReplyDue, tk.State.Clock.Due)
			require.False(t, tk.ReceivedAt.After(now))
			if tk.Stage.Open() {
				open++
			}
			stages[tk.Stage] = true
			events, err := s.Events(ctx, n)
			require.NoError(t, err)
			require.NotEmpty(t, events)
			readPersonal(t, ctx, s, tk, desk.Email(i))
		}
		require.Equal(t, desk.Open, open)
		require.Len(t, stages, len(ticket.Stages())-1, "all but received")
	})
}

func readPersonal(t *testing.T, ctx context.Context, s *store.Store, tk store.Ticket, email string) {
	content, err := s.Content(ctx, tk.Number)
	switch tk.Stage {
	case ticket.Purged:
		require.ErrorIs(t, err, store.ErrPurged)
		return
	case ticket.Retained:
		require.ErrorIs(t, err, store.ErrLocked)
		return
	}
	require.NoError(t, err)
	require.Equal(t, email, content.Person.Email)
	messages, err := s.Messages(ctx, tk.Number)
	require.NoError(t, err)
	mails, err := s.Mails(ctx, tk.Number)
	require.NoError(t, err)
	require.NotEmpty(t, mails)
	if !tk.AnsweredAt.IsZero() {
		require.Equal(t, tk.State.Answer.Message, messages[len(messages)-1].ID)
		require.Equal(t, tk.State.Answer.Message, mails[len(mails)-1].Message)
	}
}

func TestItsAuditTrailIsWhole(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, desk manytickets.Desk) {
		report, err := s.VerifyAudit(t.Context(), nil, func(f store.AuditFinding) { t.Error(f) })
		require.NoError(t, err)
		require.NotZero(t, report.Waiting)
		chained, err := s.NewAuditChainer().Run(t.Context(), now)
		require.NoError(t, err)
		require.EqualValues(t, report.Waiting, chained)
		after, err := s.VerifyAudit(t.Context(), nil, func(f store.AuditFinding) { t.Error(f) })
		require.NoError(t, err)
		require.Zero(t, after.Waiting)
	})
}

func TestTheDeskFindsAndFilesTickets(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, desk manytickets.Desk) {
		ctx := t.Context()
		newest := desk.Tickets - 2
		page, err := s.Queue(ctx, store.Filter{Contacts: []string{desk.Email(newest)}}, now)
		require.NoError(t, err)
		require.NotEmpty(t, page.Tickets)
		counts, err := s.Counts(ctx, "li.wei", now)
		require.NoError(t, err)
		require.Equal(t, desk.Open, counts.Open)
		require.NotZero(t, counts.Mine*counts.Unassigned*counts.Overdue*counts.AtRisk*counts.Escalated)
		n := desk.Number(newest)
		id, err := s.AddMessage(ctx, store.NewMessage{Number: n, Kind: store.MessageReply, At: now, Text: "还有一句话"})
		require.NoError(t, err)
		messages, err := s.Messages(ctx, n)
		require.NoError(t, err)
		require.Equal(t, id, messages[len(messages)-1].ID, "ids go on behind those that were given")
	})
}
