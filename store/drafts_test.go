package store

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestADraftThatComesAfterItsSendingIsNotKept(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		none := func(why string) {
			t.Helper()
			drafts, err := s.Draft(ctx, n, "li.wei")
			require.NoError(t, err)
			require.Empty(t, drafts, why)
		}
		require.NoError(t, s.SaveTypedDraft(ctx, n, "li.wei", "question", "which acc", 0))
		asked, err := s.AddMessage(ctx, NewMessage{Number: n, Kind: MessageQuestion, Agent: "li.wei", At: noon, Text: "which account?", DropDraft: true})
		require.NoError(t, err)
		require.ErrorIs(t, s.SaveTypedDraft(ctx, n, "li.wei", "question", "which account?", asked-1), ErrDraftSent)
		none("the script's last save came late")

		note, err := s.AddNote(ctx, n, "li.wei", noon, markedNote)
		require.NoError(t, err)
		require.ErrorIs(t, s.SaveTypedDraft(ctx, n, "li.wei", DraftNote, markedNote, note-1), ErrDraftSent)
		none("so did the note's")

		require.NoError(t, s.SaveTypedDraft(ctx, n, "li.wei", "question", "and which day?", asked))
		require.NoError(t, s.SaveTypedDraft(ctx, n, "li.wei", "answer", "Dear", asked-1), "words of another kind were not sent")
		require.NoError(t, s.SaveTypedDraft(ctx, n, "wang.fang", "question", "hers", asked-1), "nor a colleague's")
		drafts, err := s.Draft(ctx, n, "li.wei")
		require.NoError(t, err)
		require.Equal(t, map[string]string{"question": "and which day?", "answer": "Dear"}, drafts)
	})
}

func TestSendingAndSavingAtOnceLeavesNoDraft(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		for range 20 {
			said, err := s.AddMessage(ctx, NewMessage{Number: n, Kind: MessageQuestion, Agent: "li.wei", At: noon, Text: "before", DropDraft: true})
			require.NoError(t, err)
			var both sync.WaitGroup
			both.Go(func() {
				_, err := s.AddMessage(ctx, NewMessage{Number: n, Kind: MessageQuestion, Agent: "li.wei", At: noon, Text: "words", DropDraft: true})
				assert.NoError(t, err)
			})
			both.Go(func() {
				if err := s.SaveTypedDraft(ctx, n, "li.wei", "question", "words", said); err != nil {
					assert.ErrorIs(t, err, ErrDraftSent)
				}
			})
			both.Wait()
			drafts, err := s.Draft(ctx, n, "li.wei")
			require.NoError(t, err)
			require.Empty(t, drafts)
		}
	})
}
