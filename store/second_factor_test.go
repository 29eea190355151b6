package store

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

func enrolled(t *testing.T, s *Store) Agent {
	t.Helper()
	require.NoError(t, s.CreateAgent(ctx, Agent{ID: "li.wei", Role: ticket.Agent, PasswordHash: "hash", CreatedAt: noon}))
	require.NoError(t, s.EnrolFactor(ctx, "li.wei", "JBSWY3DPEHPK3PXP", 100, []string{"abcde-fghjk", "mnpqr-stuvw"}, noon))
	a, err := s.Agent(ctx, "li.wei")
	require.NoError(t, err)
	return a
}

func TestASecondFactorIsKeptSealedAndGivenOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		require.Equal(t, noon, enrolled(t, s).FactorAt)
		secret, err := s.FactorSecret(ctx, "li.wei")
		require.NoError(t, err)
		require.Equal(t, "JBSWY3DPEHPK3PXP", secret)
		var row agentRow
		require.NoError(t, s.db.Take(&row, "id = ?", "li.wei").Error)
		require.NotContains(t, string(row.FactorSecret), secret)
		require.ErrorIs(t, s.EnrolFactor(ctx, "li.wei", "ANOTHER", 1, nil, noon), ErrExists)
		_, err = s.FactorSecret(ctx, "nobody")
		require.ErrorIs(t, err, ErrNotFound)
	})
}

func TestACodeIsTakenOnceEvenAtTheSameInstant(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		enrolled(t, s)
		for step, want := range map[int64]bool{99: false, 100: false} {
			taken, err := s.UseFactorStep(ctx, "li.wei", step)
			require.NoError(t, err)
			require.Equal(t, want, taken)
		}
		var taken atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if ok, err := s.UseFactorStep(ctx, "li.wei", 101); ok && err == nil {
					taken.Add(1)
				}
				if ok, err := s.UseRecoveryCode(ctx, "li.wei", "ABCDE fghjk"); ok && err == nil {
					taken.Add(100)
				}
			})
		}
		all.Wait()
		require.Equal(t, int32(101), taken.Load())
		ok, err := s.UseRecoveryCode(ctx, "chen.po", "mnpqr-stuvw")
		require.NoError(t, err)
		require.False(t, ok, "somebody else's code")
		left, err := s.RecoveryCodesLeft(ctx, "li.wei")
		require.NoError(t, err)
		require.Equal(t, 1, left)
		require.NoError(t, s.RenewRecoveryCodes(ctx, "li.wei", []string{"new-code"}))
		ok, err = s.UseRecoveryCode(ctx, "li.wei", "mnpqr-stuvw")
		require.NoError(t, err)
		require.False(t, ok, "the old ones are gone")
	})
}

func TestWhatEndsSessionsIsCounted(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		a := enrolled(t, s)
		epoch := func() int {
			now, err := s.Agent(ctx, a.ID)
			require.NoError(t, err)
			return now.Epoch
		}
		before := epoch()
		a.Name = "李小伟"
		require.NoError(t, s.UpdateAgent(ctx, a))
		require.NoError(t, s.SignedIn(ctx, a.ID, noon))
		require.Equal(t, before, epoch())
		a.Role = ticket.Lead
		require.NoError(t, s.UpdateAgent(ctx, a))
		require.Equal(t, before+1, epoch())
		a.Disabled = true
		require.NoError(t, s.UpdateAgent(ctx, a))
		require.Equal(t, before+2, epoch())
		a.Disabled = false
		require.NoError(t, s.UpdateAgent(ctx, a))
		require.Equal(t, before+3, epoch(), "what was open before stays closed")
		require.NoError(t, s.SetPassword(ctx, a.ID, "new", false))
		require.Equal(t, before+4, epoch())
		require.NoError(t, s.ResetFactor(ctx, a.ID))
		require.Equal(t, before+5, epoch())
		left, err := s.RecoveryCodesLeft(ctx, a.ID)
		require.NoError(t, err)
		require.Zero(t, left)
		_, err = s.FactorSecret(ctx, a.ID)
		require.ErrorIs(t, err, ErrNotFound)
	})
}

func TestWhoComesBySingleSignOnHasNoOtherWay(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		enrolled(t, s)
		require.NoError(t, s.LinkSubject(ctx, "li.wei", "https://id.example", "248289761001"))
		a, err := s.AgentBySubject(ctx, "https://id.example", "248289761001")
		require.NoError(t, err)
		require.Equal(t, ticket.AgentID("li.wei"), a.ID)
		require.Empty(t, a.PasswordHash)
		require.True(t, a.FactorAt.IsZero())
		require.NotContains(t, a.Subject, "248289761001")
		_, err = s.AgentBySubject(ctx, "https://other.example", "248289761001")
		require.ErrorIs(t, err, ErrNotFound)
		require.ErrorIs(t, s.LinkSubject(ctx, "li.wei", "https://id.example", "another"), ErrExists)
		require.NoError(t, s.CreateAgent(ctx, Agent{ID: "chen.po", Role: ticket.Agent}))
		require.ErrorIs(t, s.LinkSubject(ctx, "chen.po", "https://id.example", "248289761001"), ErrExists)
	})
}

func TestWhatIsDoneToStaffIsOnRecordWithIt(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		s.now = func() time.Time { return noon }
		a := Agent{ID: "li.wei", Role: ticket.Agent}
		require.NoError(t, s.CreateAgent(ctx, a, StaffEvent{Actor: "chen.manager", Act: StaffAdded, Code: "agent"}))
		require.ErrorIs(t, s.CreateAgent(ctx, a, StaffEvent{Act: StaffAdded}), ErrExists)
		a.Queues = ticket.Queues{"complaint.privacy", "info_correction"}
		require.NoError(t, s.UpdateAgent(ctx, a, StaffEvent{Act: StaffQueuesChanged, Code: a.Queues.String()}))
		require.ErrorIs(t, s.ResetFactor(ctx, "nobody", StaffEvent{Act: StaffFactorReset}), ErrNotFound)
		read, err := s.Agent(ctx, "li.wei")
		require.NoError(t, err)
		require.Equal(t, a.Queues, read.Queues)
		events, err := s.StaffEvents(ctx, 0, 10)
		require.NoError(t, err)
		require.Equal(t, []StaffEvent{
			{ID: 2, At: noon, Actor: ByCommandLine, Act: StaffQueuesChanged, Subject: "li.wei", Code: "complaint.privacy,info_correction"},
			{ID: 1, At: noon, Actor: "chen.manager", Act: StaffAdded, Subject: "li.wei", Code: "agent"},
		}, withIDs(events))
		older, err := s.StaffEvents(ctx, events[0].ID, 10)
		require.NoError(t, err)
		require.Equal(t, events[1:], older)
	})
}

// withIDs numbers events from 1: numbers of refused entries may be left out.
func withIDs(events []StaffEvent) []StaffEvent {
	out := append([]StaffEvent(nil), events...)
	for i := range out {
		out[i].ID = int64(len(out) - i)
	}
	return out
}

func TestQueuesLimitWhatIsListedAndCounted(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		row, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		for name, want := range map[ticket.Queue]int{ticket.QueueOf(row.Kind, ""): 1, "complaint.other": 0} {
			queues := ticket.Queues{name, "complaint.service"}
			page, err := s.Queue(ctx, Filter{Queues: queues}, noon)
			require.NoError(t, err)
			require.Len(t, page.Tickets, want)
			require.Equal(t, want, page.Total)
			counts, err := s.Counts(ctx, "li.wei", noon, queues...)
			require.NoError(t, err)
			require.Equal(t, want, counts.Open)
		}
	})
}

func TestWhatIsTakenOnceIsGone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		s.now = func() time.Time { return noon }
		require.NoError(t, s.SessionStore().Commit("oidc:state", []byte("kept"), noon.Add(time.Minute)))
		var got atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if data, ok, err := s.TakeSession(ctx, "oidc:state"); err == nil && ok && string(data) == "kept" {
					got.Add(1)
				}
			})
		}
		all.Wait()
		require.Equal(t, int32(1), got.Load())
	})
}
