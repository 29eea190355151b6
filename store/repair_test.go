package store

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

func TestARecordOfAWorkflowThatIsBehindIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		for rev := range int64(3) {
			require.NoError(t, s.Record(ctx, aRecord(n, rev+1)))
		}
		events := count(t, s, &eventRow{})
		require.ErrorIs(t, s.Record(ctx, aRecord(n, 2)), ErrBehind, "its revision is past")
		other := aRecord(n, 3)
		other.State.Assignee = "wang.fang"
		require.ErrorIs(t, s.Record(ctx, other), ErrBehind, "another state was recorded under this revision")
		require.NoError(t, s.Record(ctx, aRecord(n, 3)), "the same again is a retry")
		read, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		require.Equal(t, []any{int64(3), ticket.Nobody}, []any{read.Rev, read.Assignee})
		require.Equal(t, events, count(t, s, &eventRow{}))
	})
}

func TestARetryIsKnownAfterThePurge(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		require.NoError(t, s.Record(ctx, aRecord(n, 1)))
		require.NoError(t, s.Purge(ctx, n, noon))
		require.NoError(t, s.Record(ctx, aRecord(n, 1)))
	})
}

func TestEntriesThatARestoreTookAreNamedOnTheTrail(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		require.NoError(t, s.Record(ctx, aRecord(n, 1)))
		require.NoError(t, s.Record(ctx, aRecord(n, 5)))
		require.NoError(t, s.Record(ctx, aRecord(n, 6)))
		var said []contract.Code
		events, err := s.Events(ctx, n)
		require.NoError(t, err)
		for _, e := range events {
			if e.Act == contract.ActRepaired {
				said = append(said, e.Code)
			}
		}
		require.Equal(t, []contract.Code{"entries_lost:2-4"}, said)
		_, found := verify(t, s, nil)
		require.Empty(t, found)
	})
}

func repairOf(t testing.TB, s *Store, n ticket.Number, drift contract.Drift) Repair {
	t.Helper()
	row, err := s.Ticket(ctx, n)
	require.NoError(t, err)
	return Repair{Number: n, Seen: row.Rev, Drift: drift, At: noon.Add(time.Hour)}
}

func TestOfTwoRepairsAtOnceOneIsMade(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		require.NoError(t, s.Record(ctx, aRecord(n, 1)))
		order := repairOf(t, s, n, contract.DriftWorkflowBehind)
		var all sync.WaitGroup
		made := make(chan Delivery, 8)
		for range 8 {
			all.Go(func() {
				d, err := s.OrderRestart(ctx, order, Restart{Run: "r-1"})
				if err == nil {
					made <- d
					return
				}
				if !errorsIsAny(err, ErrChanged) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.Len(t, made, 1)
		d := <-made
		require.Equal(t, []any{OpRestart, contract.WorkflowAccountCancellation, `{"run":"r-1"}`}, []any{d.Op, d.Name, string(d.Payload)})
		row, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		require.Equal(t, []int64{2, 2}, []int64{row.Rev, row.State.Rev}, "nothing that is behind comes in between")
		late := aRecord(n, 2)
		late.State.Assignee = "wang.fang"
		require.ErrorIs(t, s.Record(ctx, late), ErrBehind)
		one, err := s.SurveyOf(ctx, n)
		require.NoError(t, err)
		require.True(t, one.Ordered)
	})
}

func TestARestartWaitsForNoActThatNeedsIt(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		require.NoError(t, s.Record(ctx, aRecord(n, 1)))
		start, err := s.PendingStart(ctx, n)
		require.NoError(t, err)
		require.NoError(t, s.DeliveryDone(ctx, start, Outcome{}))
		_, err = s.AddDelivery(ctx, n, OpUpdate, contract.UpdateReply, []byte(`{}`))
		require.NoError(t, err)
		restart, err := s.OrderRestart(ctx, repairOf(t, s, n, contract.DriftWorkflowMissing), Restart{})
		require.NoError(t, err)
		later, err := s.AddDelivery(ctx, n, OpUpdate, contract.UpdateWithdraw, []byte(`{}`))
		require.NoError(t, err)
		due, err := s.PendingDeliveries(ctx, time.Now().Add(time.Hour), 10)
		require.NoError(t, err)
		require.Len(t, due, 2, "the act that waits, and the restart; what came later waits for both")
		require.Equal(t, restart.ID, due[1].ID)
		require.NotEqual(t, later.ID, due[0].ID)
	})
}

func TestAStartThatTemporalHasLostIsOrderedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		f := aFiling(ticket.NewNumber(noon))
		_, _, err := s.File(ctx, f)
		require.NoError(t, err)
		order := repairOf(t, s, f.Number, contract.DriftWorkflowMissing)
		_, err = s.OrderStart(ctx, order, Restart{})
		require.ErrorIs(t, err, ErrChanged, "it waits to be started")
		start, err := s.PendingStart(ctx, f.Number)
		require.NoError(t, err)
		require.NoError(t, s.DeliveryDone(ctx, start, Outcome{}))
		again, err := s.OrderStart(ctx, order, Restart{})
		require.NoError(t, err)
		require.Equal(t, OpRestart, again.Op)
		_, err = s.OrderStart(ctx, order, Restart{})
		require.ErrorIs(t, err, ErrChanged, "it has been ordered")
		row, err := s.Ticket(ctx, f.Number)
		require.NoError(t, err)
		require.Zero(t, row.Rev)
		require.True(t, row.Starting)
		kept, err := s.StartOf(ctx, f.Number)
		require.NoError(t, err)
		require.Equal(t, f.Start, kept)
		require.NoError(t, s.Record(ctx, aRecord(f.Number, 1)))
		row, err = s.Ticket(ctx, f.Number)
		require.NoError(t, err)
		require.False(t, row.Starting)
	})
}

func TestATicketWithoutItsWordsIsATicket(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		f := aFiling(ticket.NewNumber(noon))
		f.Start = contract.Start{Number: f.Number, Kind: f.Kind, Channel: f.Channel, Relation: f.Relation, Locale: f.Locale,
			ReceivedAt: noon, Policy: f.Policy}
		st := aState(6)
		st.Assignee = "li.wei"
		require.NoError(t, s.FileLost(ctx, f.Start, st, noon.Add(time.Hour)))
		require.ErrorIs(t, s.FileLost(ctx, f.Start, st, noon.Add(time.Hour)), ErrExists)
		row, err := s.Ticket(ctx, f.Number)
		require.NoError(t, err)
		require.Zero(t, row.Rev)
		require.Equal(t, []any{false, true, st.Stage, st.Clock.Due}, []any{row.Starting, row.State.WordsLost, row.Stage, row.ReplyDue})
		content, err := s.Content(ctx, f.Number)
		require.NoError(t, err)
		require.Equal(t, Content{}, content)
		events, err := s.Events(ctx, f.Number)
		require.NoError(t, err)
		require.Equal(t, []contract.Act{contract.ActReceived, contract.ActRepaired}, []contract.Act{events[0].Act, events[1].Act})

		_, err = s.AddNote(ctx, f.Number, "li.wei", noon, "Somebody rang about it.")
		require.NoError(t, err, "it has a key")
		st.Rev, st.WordsLost = 7, true
		require.NoError(t, s.Record(ctx, contract.Record{Number: f.Number, State: st}))
		_, found := verify(t, s, nil)
		require.Empty(t, found)
	})
}

func TestALostMessageKeepsItsPlace(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n, other := file(t, s).Number, file(t, s).Number
		taken, err := s.AddMessage(ctx, NewMessage{Number: other, Kind: MessageReply, At: noon, Text: markedReply})
		require.NoError(t, err)
		lost := taken + 41
		require.NoError(t, s.AddLostMessage(ctx, n, lost, noon))
		require.ErrorIs(t, s.AddLostMessage(ctx, n, lost, noon), ErrExists)
		require.ErrorIs(t, s.AddLostMessage(ctx, n, taken, noon), ErrExists)
		m, err := s.Message(ctx, n, lost)
		require.NoError(t, err)
		require.Equal(t, MessageLost, m.Kind)
		require.Empty(t, m.Text)
		require.False(t, m.Kind.ToSubject() || m.Kind.FromSubject(), "no mail carries it, and the person never sees it")
	})
}

func TestIdsGivenSinceABackupAreNotGivenAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		message := func() int64 {
			id, err := s.AddMessage(ctx, NewMessage{Number: n, Kind: MessageReply, At: noon, Text: "x"})
			require.NoError(t, err)
			return id
		}
		delivery := func() int64 {
			d, err := s.AddDelivery(ctx, n, OpUpdate, contract.UpdateReply, []byte(`{}`))
			require.NoError(t, err)
			return d.ID
		}
		proof := func(key string) int64 {
			id, _, err := s.AddProof(ctx, n, ticket.ProofIdentity, key, nil, noon, contract.UpdateProofSent, func(int64) []byte { return []byte("{}") })
			require.NoError(t, err)
			return id
		}
		m, d, p := message(), delivery(), proof("a")
		require.NoError(t, s.Record(ctx, aRecord(n, 1)))
		require.Less(t, delivery()-d, int64(10), "nothing was restored")
		now := time.Now()
		s.now = func() time.Time { return now }
		for rev := int64(3); rev < 7; rev += 2 { // revisions are missing before it
			require.NoError(t, s.Record(ctx, aRecord(n, rev)))
			nextM, nextD, nextP := message(), delivery(), proof(contract.UpdateReply+string(rune('a'+rev)))
			require.GreaterOrEqual(t, nextM-m, int64(idsSkipped))
			require.GreaterOrEqual(t, nextD-d, int64(idsSkipped))
			require.GreaterOrEqual(t, nextP-p, int64(idsSkipped))
			m, d, p = nextM, nextD, nextP
			now = now.Add(skipEvery)
		}
		require.NoError(t, s.Record(ctx, aRecord(n, 9)))
		m = message()
		require.NoError(t, s.Record(ctx, aRecord(n, 11)))
		require.Less(t, message()-m, int64(10), "one restore shows at many tickets")
		require.Equal(t, 5, count(t, s, &messageRow{}), "and leaves no row")
		require.Equal(t, 3, count(t, s, &proofRow{}))
	})
}
