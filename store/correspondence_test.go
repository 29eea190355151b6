package store

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/seal"
	"rightsdesk/ticket"
)

func TestMessagesComeBackInOrderWithTheirFiles(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		token := seal.NewToken()
		upload, err := s.AddUpload(ctx, token, markedFile, "image/png", []byte(markedBytes))
		require.NoError(t, err)
		question, err := s.AddMessage(ctx, NewMessage{Number: n, Kind: MessageQuestion, Agent: "li.wei", At: noon, Text: "哪一个账户？"})
		require.NoError(t, err)
		reply, err := s.AddMessage(ctx, NewMessage{Number: n, Kind: MessageReply, At: noon, Text: markedReply, FormToken: token,
			Uploads: []UploadID{upload.ID}, Files: []NewFile{{Name: "b.pdf", Type: "application/pdf", Content: []byte("%PDF")}}})
		require.NoError(t, err)
		messages, err := s.Messages(ctx, n)
		require.NoError(t, err)
		require.Len(t, messages, 2)
		require.Equal(t, []int64{question, reply}, []int64{messages[0].ID, messages[1].ID})
		require.Equal(t, markedReply, messages[1].Text)
		require.Len(t, messages[1].Files, 2)
		require.Equal(t, markedFile, messages[1].Files[0].Name)
		one, err := s.Message(ctx, n, reply)
		require.NoError(t, err)
		require.Equal(t, messages[1], one)
		_, err = s.Message(ctx, file(t, s).Number, reply)
		require.ErrorIs(t, err, ErrNotFound, "a message is its ticket's own")
		_, _, err = s.AttachmentContent(ctx, file(t, s).Number, one.Files[0].ID)
		require.ErrorIs(t, err, ErrNotFound)
		sent, files, err := s.CountFromSubject(ctx, n)
		require.NoError(t, err)
		require.Equal(t, []int{1, 2}, []int{sent, files})
	})
}

func TestAMessageUnderTheSameKeyIsStoredOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n, other := file(t, s).Number, file(t, s).Number
		m := NewMessage{Number: n, Kind: MessageReply, At: noon, Text: markedReply, Key: "k", Files: []NewFile{{Name: "a", Content: []byte("a")}}}
		var all sync.WaitGroup
		var mu sync.Mutex
		ids := map[int64]bool{}
		for range 12 {
			all.Go(func() {
				id, err := s.AddMessage(ctx, m)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				ids[id] = true
			})
		}
		all.Wait()
		require.Len(t, ids, 1)
		require.Equal(t, 1, count(t, s, &messageRow{}))
		require.Equal(t, 1, count(t, s, &attachmentRow{}))
		m.Number = other
		id, err := s.AddMessage(ctx, m)
		require.NoError(t, err)
		require.False(t, ids[id])
	})
}

func TestADraftIsGoneOnlyWithItsSending(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		require.NoError(t, s.SaveDraft(ctx, n, "li.wei", "answer", "first"))
		require.NoError(t, s.SaveDraft(ctx, n, "li.wei", "answer", markedDraft))
		require.NoError(t, s.SaveDraft(ctx, n, "li.wei", DraftNote, markedNote))
		require.NoError(t, s.SaveDraft(ctx, n, "wang.fang", "answer", "hers"))
		drafts, err := s.Draft(ctx, n, "li.wei")
		require.NoError(t, err)
		require.Equal(t, map[string]string{"answer": markedDraft, "note": markedNote}, drafts)

		answer := NewMessage{Number: n, Kind: MessageAnswer, Agent: "li.wei", At: noon, Text: markedDraft, DropDraft: true}
		failing := answer
		failing.Uploads = []UploadID{4711}
		_, err = s.AddMessage(ctx, failing)
		require.ErrorIs(t, err, ErrNotFound)
		drafts, err = s.Draft(ctx, n, "li.wei")
		require.NoError(t, err)
		require.Len(t, drafts, 2, "nothing was sent")

		_, err = s.AddMessage(ctx, answer)
		require.NoError(t, err)
		_, err = s.AddNote(ctx, n, "li.wei", noon, markedNote)
		require.NoError(t, err)
		drafts, err = s.Draft(ctx, n, "li.wei")
		require.NoError(t, err)
		require.Empty(t, drafts)
		drafts, err = s.Draft(ctx, n, "wang.fang")
		require.NoError(t, err)
		require.Equal(t, map[string]string{"answer": "hers"}, drafts)
		notes, err := s.Notes(ctx, n)
		require.NoError(t, err)
		require.Len(t, notes, 1)
		require.Equal(t, Note{ID: notes[0].ID, Number: n, Agent: "li.wei", At: noon, Text: markedNote}, notes[0])
	})
}

func TestSealedTextOpensOnlyWhereItStands(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n, other := file(t, s).Number, file(t, s).Number
		add := func(n ticket.Number, text string) int64 {
			id, err := s.AddMessage(ctx, NewMessage{Number: n, Kind: MessageReply, At: noon, Text: text})
			require.NoError(t, err)
			return id
		}
		first, second, foreign := add(n, "first"), add(n, "second"), add(other, "foreign")
		body := func(id int64) []byte {
			var row messageRow
			require.NoError(t, s.db.Take(&row, id).Error)
			return row.Body
		}
		put := func(model any, column string, sealed []byte, where ...any) {
			require.NoError(t, s.db.Model(model).Where(where[0], where[1:]...).Update(column, sealed).Error)
		}
		own := body(first)
		for name, sealed := range map[string][]byte{"another row": body(second), "another ticket": body(foreign)} {
			put(&messageRow{}, "body", sealed, "id = ?", first)
			_, err := s.Message(ctx, n, first)
			require.ErrorIs(t, err, seal.ErrUnreadable, name)
		}
		put(&messageRow{}, "body", own, "id = ?", first)
		_, err := s.Message(ctx, n, first)
		require.NoError(t, err)

		put(&secretRow{}, "content", own, "number = ?", n)
		_, err = s.Content(ctx, n)
		require.ErrorIs(t, err, seal.ErrUnreadable, "another table")

		var keys secretRow
		require.NoError(t, s.db.Take(&keys, "number = ?", other).Error)
		put(&secretRow{}, "data_key", keys.DataKey, "number = ?", n)
		put(&secretRow{}, "content", keys.Content, "number = ?", n)
		_, err = s.Content(ctx, n)
		require.ErrorIs(t, err, seal.ErrUnreadable, "another ticket, key and all")
	})
}

func TestStaffWordsArePendingUntilTheirActIsAccepted(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		add := func(kind MessageKind, text string) int64 {
			id, err := s.AddMessage(ctx, NewMessage{Number: n, Kind: kind, Agent: "li.wei", At: noon, Text: text, Pending: true, DropDraft: true,
				Files: []NewFile{{Name: "a", Content: []byte("a")}}})
			require.NoError(t, err)
			return id
		}
		pending := func(id int64) bool {
			m, err := s.Message(ctx, n, id)
			require.NoError(t, err)
			return m.Pending
		}
		byDesk, byEvent, byState, refused := add(MessageAnswer, "1"), add(MessageQuestion, "2"), add(MessageAnswer, "3"), add(MessageAnswer, markedDraft)
		require.True(t, pending(byDesk))
		require.NoError(t, s.ConfirmMessage(ctx, n, byDesk))
		require.NoError(t, s.ConfirmMessage(ctx, n, byDesk))
		require.False(t, pending(byDesk))

		st := aState(1)
		st.Decision = &contract.Decision{By: "li.wei", At: noon, Message: byState}
		require.NoError(t, s.Record(ctx, contract.Record{Number: n, State: st, Events: []contract.Event{
			{At: noon, Actor: contract.ByStaff, Act: contract.ActAsked, Object: byEvent},
			{At: noon, Actor: contract.BySubject, Act: contract.ActVerified, Object: refused}, // the id of a verification
		}}))
		require.False(t, pending(byEvent))
		require.False(t, pending(byState))
		require.True(t, pending(refused))
		words, err := s.WordsOf(ctx, n, byState)
		require.NoError(t, err)
		whole, err := s.Message(ctx, n, byState)
		require.NoError(t, err)
		require.Len(t, whole.Files, 1)
		whole.Files = nil
		require.Equal(t, whole, words)

		st.Rev, st.Answer.Message = 2, add(MessageAnswer, "4")
		require.NoError(t, s.Record(ctx, contract.Record{Number: n, State: st}))
		require.False(t, pending(st.Answer.Message), "a state that names more than the one before")
		require.NoError(t, s.DropMessage(ctx, n, st.Answer.Message, false))

		for range 2 {
			require.NoError(t, s.DropMessage(ctx, n, refused, true))
		}
		_, err = s.Message(ctx, n, refused)
		require.ErrorIs(t, err, ErrNotFound)
		require.NoError(t, s.DropMessage(ctx, n, byEvent, true))
		require.False(t, pending(byEvent), "what was accepted stays")
		note, err := s.AddNote(ctx, n, "li.wei", noon, markedNote)
		require.NoError(t, err)
		require.NoError(t, s.DropNote(ctx, n, note, true))
		require.NoError(t, s.DropNote(ctx, n, note, true))
		drafts, err := s.Draft(ctx, n, "li.wei")
		require.NoError(t, err)
		require.Equal(t, map[string]string{"answer": markedDraft, DraftNote: markedNote}, drafts)
		files, err := s.Attachments(ctx, n)
		require.NoError(t, err)
		require.Len(t, files, 4)

		reply, err := s.AddMessage(ctx, NewMessage{Number: n, Kind: MessageReply, At: noon, Text: markedReply, Key: "k"})
		require.NoError(t, err)
		require.NoError(t, s.DropMessage(ctx, n, reply, false))
		_, err = s.Message(ctx, n, reply)
		require.ErrorIs(t, err, ErrNotFound)
	})
}
