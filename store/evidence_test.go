package store

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/evidence"
	"rightsdesk/ticket"
)

func anOrder(t testing.TB, by ticket.AgentID) EvidenceOrder {
	t.Helper()
	policy, _, err := ticket.EmbeddedPolicy("cn")
	require.NoError(t, err)
	return EvidenceOrder{By: by, At: noon.Add(2 * time.Hour), Product: "test", Policy: policy,
		Workflow: evidence.History{Available: true, Runs: 1, Events: 41, Digest: "d"}}
}

func TestEvidenceHoldsNothingPersonalAndSurvivesThePurge(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := fillUp(t, s)
		r := aRecord(n, 1)
		r.State.Decision = &contract.Decision{By: "li.wei", At: noon, Outcome: ticket.Accepted, Message: 1, Approved: "wang.fang", FourEyes: true}
		r.State.Account = contract.Account{Done: []contract.AccountStep{contract.StepStopServices, contract.StepErase}, NoReturn: noon}
		r.Events = append(r.Events, contract.Event{At: noon.Add(time.Minute), Actor: contract.ByStaff, Agent: "wang.fang", Act: contract.ActApproved})
		require.NoError(t, s.Record(ctx, r))
		public, err := s.EvidenceKey(ctx)
		require.NoError(t, err)

		export := func() evidence.File {
			text, err := s.ExportEvidence(ctx, n, anOrder(t, "sun.officer"))
			require.NoError(t, err)
			for _, word := range []string{"MARK", "Mark", "mark.wang", "王小明", "身份证", "110101"} {
				require.False(t, bytes.Contains(text, []byte(word)), "%q stands in the evidence", word)
			}
			f, _, err := evidence.Verify(text, public)
			require.NoError(t, err)
			return f
		}
		before := export()
		require.NoError(t, s.LockAway(ctx, n, nil, noon))
		require.NoError(t, s.Purge(ctx, n, noon.Add(time.Hour)))
		after := export()

		events, err := s.Events(ctx, n)
		require.NoError(t, err)
		require.Len(t, events, len(after.Trail))
		require.Equal(t, contract.Event{At: noon.Add(2 * time.Hour), Actor: contract.ByStaff, Agent: "sun.officer",
			Act: contract.ActEvidenceExported}, events[len(events)-1], "taking it is on record, in the file too")
		require.Equal(t, before.Trail, after.Trail[:len(before.Trail)])
		require.Equal(t, before.Clock, after.Clock)
		require.Equal(t, before.Verification, after.Verification)
		require.Len(t, after.Verification, 1)
		require.Equal(t, before.Mails, after.Mails)
		require.Len(t, after.Mails, 2)
		require.Equal(t, before.Fulfilment.Done, after.Fulfilment.Done)
		require.Equal(t, before.Fulfilment.KeptByPolicy, after.Fulfilment.KeptByPolicy)
		require.NotEmpty(t, after.Fulfilment.KeptByPolicy)
		require.Equal(t, ticket.AgentID("wang.fang"), after.Decision.ApprovedBy)
		require.Equal(t, ticket.AgentID("wang.fang"), after.Approvals[0].Agent)
		require.Equal(t, noon.Add(time.Hour), after.Ticket.PurgedAt)

		chainAll(t, s)
		_, found := verify(t, s, nil)
		require.Empty(t, found)
		_, err = s.ExportEvidence(ctx, "DSR-20261123-00000000", anOrder(t, ticket.Nobody))
		require.ErrorIs(t, err, ErrNotFound)
	})
}

func TestEvidenceOfATrailThatWasTamperedWithDoesNotVerify(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := threeTickets(t, s)[0]
		require.NoError(t, s.db.Exec("UPDATE events SET agent = 'zhao.liu' WHERE number = ? AND seq = 3", n).Error)
		text, err := s.ExportEvidence(ctx, n, anOrder(t, ticket.Nobody))
		require.NoError(t, err)
		_, _, err = evidence.Verify(text, nil)
		require.ErrorContains(t, err, "entry 3 of the trail")
	})
}

func TestTheSigningKeyIsMadeOnceAndSealed(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		var all sync.WaitGroup
		keys := make([][]byte, 8)
		for i := range keys {
			all.Go(func() { keys[i], _ = s.EvidenceKey(ctx) })
		}
		all.Wait()
		for _, k := range keys {
			require.Len(t, k, 32)
			require.Equal(t, keys[0], k)
		}
		private, err := s.signingKey(ctx)
		require.NoError(t, err)
		var row signingKeyRow
		require.NoError(t, s.db.Take(&row).Error)
		require.NotContains(t, string(row.Private), string(private.Seed()))

		stranger := *s
		stranger.vault = newVault(t)
		_, err = stranger.EvidenceKey(ctx)
		require.Error(t, err)
		require.NoError(t, s.db.Exec("UPDATE signing_keys SET public_key = ?", make([]byte, 32)).Error)
		_, err = s.EvidenceKey(ctx)
		require.ErrorContains(t, err, "was changed")
	})
}
