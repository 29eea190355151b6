package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

func TestOpenTicketsAreCountedByKindAndStage(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		due := func(h int, stage ticket.Stage, who ticket.AgentID) func(*contract.State) {
			return func(st *contract.State) {
				st.Clock.Due, st.Stage, st.Assignee = noon.Add(time.Duration(h)*time.Hour), stage, who
			}
		}
		fileAt(t, s, "00000001", due(-1, ticket.Triage, ""))
		fileAt(t, s, "00000002", due(0, ticket.Triage, "li.wei"))
		fileAt(t, s, "00000003", due(24, ticket.Triage, ""))
		fileAt(t, s, "00000004", due(48, ticket.InProgress, "li.wei"))
		fileAt(t, s, "00000005", due(-5, ticket.Closed, ""))
		file(t, s, func(f *Filing) { f.Kind, f.Policy.Digest, f.ReplyDue = ticket.Complaint, "d2", noon.Add(time.Hour) })

		horizons := []time.Time{noon.Add(time.Hour), noon.Add(24 * time.Hour)}
		triage := OpenFigure{Kind: ticket.AccountCancellation, Stage: ticket.Triage, Tickets: 3, Unassigned: 2, Overdue: 1, Due: []int{1, 2}}
		working := OpenFigure{Kind: ticket.AccountCancellation, Stage: ticket.InProgress, Tickets: 1, Due: []int{0, 0}}
		other := OpenFigure{Kind: ticket.Complaint, Stage: ticket.Received, Tickets: 1, Unassigned: 1, Due: []int{1, 1}}
		all, err := s.OpenFigures(ctx, nil, noon, horizons)
		require.NoError(t, err)
		require.ElementsMatch(t, []OpenFigure{triage, working, other}, all)
		some, err := s.OpenFigures(ctx, []string{"d1", "d3"}, noon, horizons)
		require.NoError(t, err)
		require.ElementsMatch(t, []OpenFigure{triage, working}, some)
		refs, err := s.PolicyRefs(ctx)
		require.NoError(t, err)
		require.Len(t, refs, 2)
	})
}

// Counting must not read the rows of the tickets: a million of them hold their
// whole state.
func TestOpenTicketsAndPendingMailsAreCountedInAnIndexAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		for i := range 40 {
			fileAt(t, s, fmt.Sprintf("%08d", i), func(st *contract.State) {
				if i%4 > 0 {
					st.Stage = ticket.Closed
				}
			})
		}
		explain, covered := "EXPLAIN ", "Using index"
		if s.Backend() == SQLite {
			explain, covered = "EXPLAIN QUERY PLAN ", "COVERING INDEX"
		}
		for _, query := range []struct{ text, index string }{
			{"SELECT kind, stage, COUNT(*), COUNT(CASE WHEN assignee = '' THEN 1 END), COUNT(CASE WHEN reply_due < '2026-01-01' THEN 1 END)" +
				" FROM tickets WHERE open = 1 AND policy_digest IN ('d1') GROUP BY kind, stage", "tickets_open_figures"},
			{"SELECT COUNT(*) FROM mails WHERE status = 'pending'", "mails_status"},
		} {
			var plan []map[string]any
			require.NoError(t, s.db.Raw(explain+query.text).Scan(&plan).Error)
			text := fmt.Sprint(plan)
			require.Contains(t, text, query.index)
			require.Contains(t, text, covered)
			require.False(t, strings.Contains(text, "filesort") || strings.Contains(text, "TEMP B-TREE"), text)
		}
	})
}

func TestWhatWaitsIsCountedWithItsOldest(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		none, err := s.WaitingDeliveries(ctx)
		require.NoError(t, err)
		require.Empty(t, none)
		mails, err := s.WaitingMails(ctx)
		require.NoError(t, err)
		require.Zero(t, mails)

		n := file(t, s, func(f *Filing) { f.FiledAt = noon.Add(-time.Hour) }).Number
		file(t, s)
		s.now = func() time.Time { return noon }
		done, err := s.AddDelivery(ctx, n, OpUpdate, contract.UpdateWithdraw, []byte("{}"))
		require.NoError(t, err)
		require.NoError(t, s.DeliveryDone(ctx, done, Outcome{}))
		_, err = s.AddDelivery(ctx, n, OpUpdate, contract.UpdateSolved, []byte("{}"))
		require.NoError(t, err)
		waiting, err := s.WaitingDeliveries(ctx)
		require.NoError(t, err)
		require.Equal(t, map[DeliveryOp]WaitingFigure{OpStart: {2, noon.Add(-time.Hour)}, OpUpdate: {1, noon}}, waiting)

		for i, step := range []contract.Step{"receipt-1", "code-2", "code-3"} {
			_, err := s.TryMail(ctx, contract.MailOrder{Number: n, Step: step, Letter: contract.LetterCode}, noon.Add(time.Duration(i)*time.Minute))
			require.NoError(t, err)
		}
		require.NoError(t, s.MailAccepted(ctx, contract.MailOrder{Number: n, Step: "receipt-1"}, "<x>", noon))
		mails, err = s.WaitingMails(ctx)
		require.NoError(t, err)
		require.Equal(t, WaitingFigure{2, noon.Add(time.Minute)}, mails)
	})
}

func TestUnchainedEntriesAreCountedUntilTheyAreChained(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		threeTickets(t, s)
		waiting, err := s.Unchained(ctx)
		require.NoError(t, err)
		require.Equal(t, count(t, s, &eventRow{})+count(t, s, &ledgerRow{}), waiting)
		chainAll(t, s)
		waiting, err = s.Unchained(ctx)
		require.NoError(t, err)
		require.Zero(t, waiting)
		require.NoError(t, s.db.Exec("DELETE FROM audit_chain WHERE entry = 2 AND trail = 'events'").Error)
		waiting, err = s.Unchained(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, waiting, "one that came late, behind the last one chained")
	})
}
