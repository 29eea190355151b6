package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// inTask is a record made in a task that Temporal began so long after noon.
func inTask(after time.Duration, r contract.Record) contract.Record {
	r.Task = noon.Add(after)
	for i := range r.Events {
		r.Events[i].At = r.Task
	}
	for i := range r.Ledger {
		r.Ledger[i].At = r.Task
	}
	return r
}

func acts(t *testing.T, s *Store, n ticket.Number) (out []string) {
	t.Helper()
	events, err := s.Events(ctx, n)
	require.NoError(t, err)
	for _, e := range events[1:] { // the receipt
		out = append(out, string(e.Act)+" "+string(e.Code))
	}
	return out
}

func TestAChangeThatIsMadeAgainTheSameWayLeavesNoTrace(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		require.NoError(t, s.Record(ctx, inTask(time.Minute, aRecord(n, 1))))
		again := inTask(2*time.Minute, aRecord(n, 1))
		again.State.VerifiedAt = again.Task
		require.NoError(t, s.Record(ctx, again))
		require.Equal(t, []string{"stage in_progress", "claimed "}, acts(t, s, n))
		require.Equal(t, []int{1, 1}, []int{count(t, s, &ledgerRow{}), count(t, s, &mailRow{})})
		read, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		require.Equal(t, again.State, read.State)
		require.NoError(t, s.Record(ctx, inTask(3*time.Minute, aRecord(n, 2))))
	})
}

func TestAnotherChangeTakesThePlaceOfThoseThatWereCutOff(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		words := func() int64 {
			id, err := s.AddMessage(ctx, NewMessage{Number: n, Kind: MessageAnswer, Agent: "li.wei", Pending: true, At: noon, Text: "x"})
			require.NoError(t, err)
			return id
		}
		kept, cut := words(), words()
		decided := func(id int64) contract.Event {
			return contract.Event{Actor: contract.ByStaff, Agent: "li.wei", Act: contract.ActDecided, Object: id}
		}
		before := aRecord(n, 1)
		before.Events = append(before.Events, decided(kept))
		require.NoError(t, s.Record(ctx, inTask(time.Minute, before)))
		first := aRecord(n, 2)
		first.Events = append(first.Events, decided(cut), contract.Event{Actor: contract.BySystem, Act: contract.ActAnswered, Object: kept})
		require.NoError(t, s.Record(ctx, inTask(2*time.Minute, first)))
		require.NoError(t, s.Record(ctx, inTask(2*time.Minute+time.Second, aRecord(n, 3))))
		_, err := s.TryMail(ctx, aRecord(n, 3).Mails[0], noon)
		require.NoError(t, err)

		other := contract.Record{Number: n, State: aState(2), Events: []contract.Event{{Actor: contract.BySystem, Act: contract.ActReminded}}}
		other.State.Clock.Pauses = []contract.Pause{{From: noon}}
		other = inTask(3*time.Minute, other)
		require.NoError(t, s.Record(ctx, other))
		require.NoError(t, s.Record(ctx, other), "the same again is a retry")

		read, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		require.Equal(t, other.State, read.State)
		require.Equal(t, []string{"stage in_progress", "claimed ", "decided ", "stage in_progress", "claimed ", "decided ", "answered ",
			"stage in_progress", "claimed ", "made_again 2-3", "reminded "}, acts(t, s, n))
		ledger, err := s.Ledger(ctx, n)
		require.NoError(t, err)
		require.Len(t, ledger, 4)
		require.Equal(t, contract.LedgerEntry{At: other.Task, Event: ticket.ClockMadeAgain, Actor: contract.BySystem, Due: other.State.Clock.Due},
			ledger[3], "how the clock stands")
		for step, there := range map[int]bool{1: true, 2: false, 3: true} {
			_, err := s.MailOf(ctx, n, contract.StepOf(contract.LetterQuestion, step))
			require.Equal(t, there, err == nil, "letter %d: 1 was ordered before, 3 is being sent", step)
		}
		for id, pending := range map[int64]bool{kept: false, cut: true} {
			m, err := s.Message(ctx, n, id)
			require.NoError(t, err)
			require.Equal(t, pending, m.Pending)
		}
		require.NoError(t, s.Record(ctx, inTask(4*time.Minute, aRecord(n, 3))))
		_, found := verify(t, s, nil)
		require.Empty(t, found)
	})
}

func TestNoChangeTakesThePlaceOfOneThatSomebodyWasToldOf(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		require.NoError(t, s.Record(ctx, inTask(time.Minute, aRecord(n, 1))))
		require.NoError(t, s.Record(ctx, inTask(2*time.Minute, aRecord(n, 2))))
		require.NoError(t, s.Record(ctx, inTask(3*time.Minute, aRecord(n, 3))))
		require.NoError(t, s.Told(ctx, n, 2))
		require.NoError(t, s.Told(ctx, n, 1), "an answer that comes late")
		other := aRecord(n, 2)
		other.State.Assignee = "wang.fang"
		require.ErrorIs(t, s.Record(ctx, inTask(time.Hour, other)), ErrBehind)
		other = aRecord(n, 3)
		other.State.Assignee = "wang.fang"
		require.NoError(t, s.Record(ctx, inTask(time.Hour, other)))
	})
}

// A process that was held still comes to itself after its task was carried out by
// another.
func TestALateWorkerChangesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		late := inTask(time.Minute, aRecord(n, 1))
		require.NoError(t, s.Record(ctx, inTask(2*time.Minute, aRecord(n, 1))))
		late.State.Assignee = "wang.fang"
		require.ErrorIs(t, s.Record(ctx, late), ErrBehind)
		require.ErrorIs(t, s.Record(ctx, inTask(time.Minute+time.Second, aRecord(n, 2))), ErrBehind, "what it goes on with is past too")
		require.NoError(t, s.Record(ctx, inTask(3*time.Minute, aRecord(n, 2))))
	})
}

// A note changes nothing of a ticket's state, and is on the trail all the same.
func TestAnotherChangeToTheSameStateIsOnTheTrail(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		noted := func(id int64) contract.Record {
			return contract.Record{Number: n, State: aState(1),
				Events: []contract.Event{{Actor: contract.ByStaff, Agent: "li.wei", Act: contract.ActNoted, Object: id}}}
		}
		require.NoError(t, s.Record(ctx, inTask(time.Minute, noted(11))))
		require.NoError(t, s.Record(ctx, inTask(2*time.Minute, noted(12))))
		require.Equal(t, []string{"noted ", "made_again 1-1", "noted "}, acts(t, s, n))
	})
}

func TestNoChangeTakesThePlaceOfOneWhoseLetterIsOut(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		require.NoError(t, s.Record(ctx, inTask(time.Minute, aRecord(n, 1))))
		require.NoError(t, s.Record(ctx, inTask(2*time.Minute, aRecord(n, 2))))
		letter := aRecord(n, 2).Mails[0]
		_, err := s.TryMail(ctx, letter, noon)
		require.NoError(t, err)
		require.NoError(t, s.MailAccepted(ctx, contract.MailOrder{Number: n, Step: letter.Step}, "id", noon))
		other := aRecord(n, 2)
		other.State.Assignee = "wang.fang"
		require.ErrorIs(t, s.Record(ctx, inTask(time.Hour, other)), ErrBehind)
		require.NoError(t, s.Record(ctx, inTask(time.Hour, aRecord(n, 3))))
	})
}

// An earlier release noted nobody who was told.
func TestWhatAnEarlierReleaseRecordedIsNotReplaced(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		require.NoError(t, s.Record(ctx, inTask(time.Minute, aRecord(n, 3))))
		require.NoError(t, s.db.Exec("UPDATE tickets SET task_at = NULL, told = 0").Error)
		require.ErrorIs(t, s.Record(ctx, inTask(time.Hour, aRecord(n, 2))), ErrBehind)
		require.NoError(t, s.Record(ctx, inTask(time.Hour, aRecord(n, 4))))
		require.ErrorIs(t, s.Record(ctx, inTask(2*time.Hour, aRecord(n, 3))), ErrBehind)
		require.NoError(t, s.Record(ctx, inTask(2*time.Hour, aRecord(n, 4))))
	})
}

// Who asked for an act, its worker and Temporal may all be killed between its record and
// its end: such acts can be found, and only such.
func TestAnActIsUnsettledUntilSomebodyIsToldOrAnotherTakesItsPlace(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		unsettled := func() (revs []int64) {
			acts, err := s.Unsettled(ctx, noon.Add(time.Hour), 10)
			require.NoError(t, err)
			for _, a := range acts {
				require.Equal(t, n, a.Number)
				revs = append(revs, a.Rev)
			}
			return revs
		}
		asked := func(after time.Duration, rev int64) contract.Record {
			r := inTask(after, aRecord(n, rev))
			r.Once = true
			return r
		}
		require.NoError(t, s.Record(ctx, inTask(time.Minute, aRecord(n, 1))))
		require.Empty(t, unsettled(), "what the workflow does by itself it does again")
		require.NoError(t, s.Record(ctx, asked(2*time.Minute, 2)))
		require.NoError(t, s.Record(ctx, inTask(2*time.Minute, aRecord(n, 3))), "what follows from the act")
		require.Equal(t, []int64{2}, unsettled())
		early, err := s.Unsettled(ctx, noon.Add(time.Minute), 10)
		require.NoError(t, err)
		require.Empty(t, early, "whoever asked may yet be told")
		require.NoError(t, s.Told(ctx, n, 1))
		require.Equal(t, []int64{2}, unsettled(), "told of an earlier one")
		require.NoError(t, s.Told(ctx, n, 2))
		require.Empty(t, unsettled())

		require.NoError(t, s.Record(ctx, asked(4*time.Minute, 4)))
		other := aRecord(n, 4)
		other.State.Assignee = "wang.fang"
		require.NoError(t, s.Record(ctx, inTask(5*time.Minute, other)))
		require.Empty(t, unsettled(), "it was forgotten, and what takes its place is not an act")

		require.NoError(t, s.Record(ctx, asked(6*time.Minute, 5)))
		require.NoError(t, s.Settled(ctx, Unsettled{Number: n, Rev: 4}))
		require.Equal(t, []int64{5}, unsettled(), "another one was settled")
		require.NoError(t, s.Settled(ctx, Unsettled{Number: n, Rev: 5}))
		require.Empty(t, unsettled())
	})
}
