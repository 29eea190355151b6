package store

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

const markedPicture = "\x89PNG marked picture ZQ-proof"

func addProof(t *testing.T, s *Store, n ticket.Number) int64 {
	t.Helper()
	id, _, err := s.AddProof(ctx, n, ticket.ProofIdentity, "key-"+string(n), []NewFile{{Name: "front.png", Type: "image/png", Content: []byte(markedPicture)}},
		noon, contract.UpdateProofSent, func(id int64) []byte { return []byte(strconv.FormatInt(id, 10)) })
	require.NoError(t, err)
	return id
}

func TestADocumentIsSealedUnderAKeyOfItsOwnAndDestroyedWithTheVerdict(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		id := addProof(t, s, n)
		require.Equal(t, id, addProof(t, s, n), "the same key twice is one document")
		proofs, err := s.Proofs(ctx, n)
		require.NoError(t, err)
		require.Len(t, proofs, 1)
		require.Equal(t, "front.png", proofs[0].Files[0].Name)
		_, content, err := s.ProofContent(ctx, n, proofs[0].Files[0].ID)
		require.NoError(t, err)
		require.Equal(t, markedPicture, string(content))

		row, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		state := row.State
		state.Rev, state.Stage = row.Rev+1, ticket.Verifying
		state.Clock = contract.Clock{From: row.ReceivedAt, Due: row.ReplyDue, SLA: ticket.OnTrack}
		state.Proofs = []contract.Proof{{ID: id, Kind: ticket.ProofIdentity}}
		require.NoError(t, s.Record(ctx, contract.Record{Number: n, State: state}))
		_, _, err = s.ProofContent(ctx, n, proofs[0].Files[0].ID)
		require.NoError(t, err, "nothing was decided yet")

		state.Rev++
		state.Proofs = []contract.Proof{{ID: id, Kind: ticket.ProofIdentity, Done: true}}
		require.NoError(t, s.Record(ctx, contract.Record{Number: n, State: state, Events: []contract.Event{
			{At: noon, Actor: contract.ByStaff, Act: contract.ActProofRefused, Object: id}}}))
		_, _, err = s.ProofContent(ctx, n, proofs[0].Files[0].ID)
		require.ErrorIs(t, err, ErrNotFound)
		after, err := s.Proofs(ctx, n)
		require.NoError(t, err)
		require.Empty(t, after[0].Files)
		require.False(t, after[0].DestroyedAt.IsZero())
		var keys int64
		require.NoError(t, s.db.Table("proofs").Where("data_key IS NOT NULL").Count(&keys).Error)
		require.Zero(t, keys, "its key is destroyed too")
	})
}

func TestWhatIsSentToProveIsDestroyedWhenTheTicketIsAnswered(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		id := addProof(t, s, n)
		row, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		state := row.State
		state.Rev, state.Stage = row.Rev+1, ticket.Answered
		state.Clock = contract.Clock{From: row.ReceivedAt, Due: row.ReplyDue, SLA: ticket.InTime}
		state.Proofs = []contract.Proof{{ID: id, Kind: ticket.ProofIdentity}}
		require.NoError(t, s.Record(ctx, contract.Record{Number: n, State: state}))
		proofs, err := s.Proofs(ctx, n)
		require.NoError(t, err)
		require.Empty(t, proofs[0].Files)
	})
}

func TestAChangedContactIsKnownForAWhile(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		require.NoError(t, s.ContactChanged(ctx, "New@Example.com", noon))
		require.NoError(t, s.ContactChanged(ctx, "new@example.com", noon))
		changed, err := s.ContactChangedSince(ctx, " new@example.com ", noon.Add(-1))
		require.NoError(t, err)
		require.True(t, changed)
		changed, err = s.ContactChangedSince(ctx, "new@example.com", noon)
		require.NoError(t, err)
		require.False(t, changed, "it has rested")
		changed, err = s.ContactChangedSince(ctx, "other@example.com", noon.Add(-1))
		require.NoError(t, err)
		require.False(t, changed)
	})
}
