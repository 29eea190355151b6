package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

func trouble(n ticket.Number, activity, step string) Trouble {
	return Trouble{TroubleKey: TroubleKey{string(n), activity, step}, Number: n, Attempts: 5, Code: "mail", Since: noon, LastAt: noon.Add(time.Minute)}
}

func TestATroubleIsNotedOnceAndKeepsItsBeginning(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		first := trouble(n, "SendMail", "7")
		require.NoError(t, s.NoteTrouble(ctx, first))
		again := first
		again.Since, again.LastAt, again.Attempts, again.Code = noon.Add(time.Hour), noon.Add(time.Hour), 9, "database"
		require.NoError(t, s.NoteTrouble(ctx, again))
		again.Since = noon
		found, err := s.Troubles(ctx, n)
		require.NoError(t, err)
		require.Equal(t, []Trouble{again}, found)

		require.NoError(t, s.TroubleOver(ctx, first.TroubleKey, noon), "it was noted again since")
		stuck, err := s.StuckTickets(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, stuck)
		require.NoError(t, s.TroubleOver(ctx, first.TroubleKey, noon.Add(time.Hour)))
		found, err = s.Troubles(ctx, n)
		require.NoError(t, err)
		require.Empty(t, found)
	})
}

func TestOneMailThatLeavesTakesNoOtherMailsTroubleBack(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		require.NoError(t, s.NoteTrouble(ctx, trouble(n, "SendMail", "7")))
		require.NoError(t, s.NoteTrouble(ctx, trouble(n, "SendMail", "12")))
		require.NoError(t, s.TroubleOver(ctx, TroubleKey{string(n), "SendMail", "12"}, noon.Add(time.Hour)))
		found, err := s.Troubles(ctx, n)
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, "7", found[0].Step)
	})
}

func TestStuckTicketsStandInTheQueueWhateverTheirStage(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		open := fileAt(t, s, "00000001", func(*contract.State) {})
		kept := fileAt(t, s, "00000002", func(st *contract.State) { st.Stage = ticket.Retained; st.Clock.Due = noon.Add(time.Hour) })
		fine := fileAt(t, s, "00000003", func(*contract.State) {})
		require.NoError(t, s.NoteTrouble(ctx, trouble(open, "SendMail", "7")))
		require.NoError(t, s.NoteTrouble(ctx, trouble(open, "Record", LocalStep)))
		purge := trouble(kept, "ActOnAccount", "5")
		purge.Workflow = contract.RetentionID(kept)
		require.NoError(t, s.NoteTrouble(ctx, purge))

		page, err := s.Queue(ctx, Filter{Stuck: true}, noon)
		require.NoError(t, err)
		require.Equal(t, []ticket.Number{kept, open}, numbersOf(page))
		page, err = s.Queue(ctx, Filter{Open: true}, noon)
		require.NoError(t, err)
		require.ElementsMatch(t, []ticket.Number{open, fine}, numbersOf(page))
		require.Equal(t, map[ticket.Number]bool{open: true}, page.Stuck)
		counts, err := s.Counts(ctx, "li.wei", noon)
		require.NoError(t, err)
		require.Equal(t, 2, counts.Stuck)
		counts, err = s.Counts(ctx, "li.wei", noon, ticket.QueueOf(ticket.Complaint, ""))
		require.NoError(t, err)
		require.Zero(t, counts.Stuck, "of other queues")
		stuck, err := s.StuckTickets(ctx)
		require.NoError(t, err)
		require.Equal(t, 2, stuck)
	})
}

func TestTroublesAreCheckedInTurn(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		for _, step := range []string{"1", "2", "3"} {
			require.NoError(t, s.NoteTrouble(ctx, trouble(n, "SendMail", step)))
		}
		at := noon.Add(time.Hour)
		seen := map[string]int{}
		for range 3 {
			batch, err := s.TroublesToCheck(ctx, at, at, 2)
			require.NoError(t, err)
			for _, b := range batch {
				seen[b.Step]++
			}
		}
		require.Equal(t, map[string]int{"1": 1, "2": 1, "3": 1}, seen)
	})
}
