package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// fillUp gives a ticket marked words in every place that can hold words.
func fillUp(t *testing.T, s *Store) ticket.Number {
	t.Helper()
	f := aFiling(ticket.NewNumber(noon))
	require.NoError(t, s.SaveForm(ctx, Form{Token: f.FormToken, Values: map[string][]string{"text": {markedTyped}}}))
	upload, err := s.AddUpload(ctx, f.FormToken, markedFile, "image/png", []byte(markedBytes))
	require.NoError(t, err)
	f.Uploads = []UploadID{upload.ID}
	f.Content.Changes = []Change{{Field: "real_name", Old: markedName, Proposed: markedField}}
	_, _, err = s.File(ctx, f)
	require.NoError(t, err)
	n := f.Number
	require.NoError(t, s.SaveForm(ctx, Form{Token: "unsent", Values: map[string][]string{"text": {markedTyped}}}))
	_, err = s.AddUpload(ctx, "unsent", markedFile, "image/png", []byte(markedBytes))
	require.NoError(t, err)
	_, err = s.AddMessage(ctx, NewMessage{Number: n, Kind: MessageReply, At: noon, Text: markedReply, Key: markedReply,
		Files: []NewFile{{Name: markedFile, Type: "image/png", Content: []byte(markedBytes)}}})
	require.NoError(t, err)
	_, err = s.AddNote(ctx, n, "li.wei", noon, markedNote)
	require.NoError(t, err)
	require.NoError(t, s.SaveDraft(ctx, n, "li.wei", "answer", markedDraft))
	require.NoError(t, s.SaveAccount(ctx, n, AccountSnapshot{Ref: markedName, Contacts: []Contact{{Type: "email", Value: markedEmail}},
		Fields: map[string]string{"id_number": markedField, "nickname": markedName}}))
	try(t, s, n, issue(t, s, n, "code-1", ticket.LevelContact, markedEmail), noon)
	_, err = s.TryMail(ctx, contract.MailOrder{Number: n, Step: "receipt-1", Letter: contract.LetterReceipt, To: contract.ToTyped}, noon)
	require.NoError(t, err)
	_, err = s.NewLink(ctx, n, LinkTrack, true, noon, time.Hour)
	require.NoError(t, err)
	_, err = s.BeginIdempotent(ctx, "tickets", markedPhone, markedText, noon)
	require.NoError(t, err)
	require.NoError(t, s.FinishIdempotent(ctx, "tickets", markedPhone, 201, "application/json", []byte(markedText)))
	_, _, err = s.Allow(ctx, markedEmail, 5, time.Minute, noon)
	require.NoError(t, err)
	err = s.CreateAgent(ctx, Agent{ID: "li.wei", Name: "Li Wei", Email: markedStaff, Role: ticket.Agent})
	if err != nil {
		require.ErrorIs(t, err, ErrExists)
	}
	require.NoError(t, s.SessionStore().Commit("token", []byte(markedText), time.Now().Add(time.Hour)))
	addProof(t, s, n)
	if err := s.EnrolFactor(ctx, "li.wei", "JBSWY3DPEHPK3PXP", 1, []string{"code"}, noon); !errors.Is(err, ErrExists) {
		require.NoError(t, err)
	}
	return n
}

// scan looks for marked words in all files of a database.
func scan(t *testing.T, path, when string, extra ...[]byte) {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, word := range append([][]byte{[]byte("MARK"), []byte("Mark"), []byte("mark.wang"), []byte("王小明"), []byte("身份证")}, extra...) {
			require.False(t, bytes.Contains(content, word), "%s: %q stands in %s", when, word, filepath.Base(name))
		}
	}
}

func TestTheDatabaseFileNeverShowsAWordAndNoKeyOncePurged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "desk.db")
	s := openForTest(t, "sqlite:"+path)
	n := fillUp(t, s)
	scan(t, path, "in use")
	var secret secretRow
	require.NoError(t, s.db.Take(&secret, "number = ?", n).Error)
	require.NotEmpty(t, secret.DataKey)

	require.NoError(t, s.LockAway(ctx, n, []KeptField{{Field: "id_number", Until: noon}}, noon))
	scan(t, path, "locked away", secret.Account[:32])
	require.NoError(t, s.db.Take(&secret, "number = ?", n).Error)

	require.NoError(t, s.Purge(ctx, n, noon))
	scan(t, path, "purged", secret.DataKey, secret.DataKey[8:40], secret.Content[:32], secret.Kept[:32])
	require.NoError(t, s.db.Exec("VACUUM").Error)
	scan(t, path, "vacuumed", secret.DataKey)
}

func TestAPurgedTicketSaysNothingPersonalAndKeepsItsTrail(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n, other := fillUp(t, s), file(t, s).Number
		require.NoError(t, s.Record(ctx, aRecord(n, 1)))
		require.NoError(t, s.Purge(ctx, n, noon.Add(time.Hour)))
		require.NoError(t, s.Purge(ctx, n, noon.Add(2*time.Hour)))

		for name, err := range everyPersonalRead(s, n) {
			require.ErrorIs(t, err, ErrPurged, name)
			require.NotContains(t, strings.ToUpper(err.Error()), "MARK")
		}
		page, err := s.Queue(ctx, Filter{Contacts: []string{markedEmail}, Stage: ticket.Purged}, noon)
		require.NoError(t, err)
		require.Empty(t, page.Tickets)

		purged, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		require.Equal(t, []any{ticket.Purged, ticket.Purged, ticket.AwaitingNobody, noon.Add(time.Hour)},
			[]any{purged.Stage, purged.State.Stage, purged.Awaiting, purged.PurgedAt})
		events, err := s.Events(ctx, n)
		require.NoError(t, err)
		require.Len(t, events, 4)
		require.Equal(t, contract.Event{At: noon.Add(time.Hour), Actor: contract.BySystem, Act: contract.ActPurged}, events[3])
		ledger, err := s.Ledger(ctx, n)
		require.NoError(t, err)
		require.Len(t, ledger, 1)
		mails, err := s.Mails(ctx, n)
		require.NoError(t, err)
		require.Len(t, mails, 2)

		require.NoError(t, s.Record(ctx, aRecord(n, 2)))
		purged, err = s.Ticket(ctx, n)
		require.NoError(t, err)
		require.Equal(t, ticket.Purged, purged.Stage, "a late record brings nothing back")
		_, err = s.Content(ctx, other)
		require.NoError(t, err, "other tickets are as they were")
	})
}

// everyPersonalRead asks for all that is personal of a ticket, and for leave to
// add to it.
func everyPersonalRead(s *Store, n ticket.Number) map[string]error {
	errs := map[string]error{}
	_, errs["content"] = s.Content(ctx, n)
	_, errs["account"] = s.Account(ctx, n)
	errs["save account"] = s.SaveAccount(ctx, n, AccountSnapshot{})
	_, errs["messages"] = s.Messages(ctx, n)
	_, errs["message"] = s.Message(ctx, n, 1)
	_, errs["add message"] = s.AddMessage(ctx, NewMessage{Number: n, Kind: MessageReply, At: noon, Text: markedReply})
	_, errs["notes"] = s.Notes(ctx, n)
	_, errs["add note"] = s.AddNote(ctx, n, "li.wei", noon, markedNote)
	_, errs["attachments"] = s.Attachments(ctx, n)
	_, _, errs["attachment"] = s.AttachmentContent(ctx, n, 1)
	_, errs["draft"] = s.Draft(ctx, n, "li.wei")
	errs["save draft"] = s.SaveDraft(ctx, n, "li.wei", "answer", markedDraft)
	_, errs["proved contact"] = s.ProvedContact(ctx, n)
	_, _, errs["issue code"] = s.IssueCode(ctx, n, "code-9", ticket.LevelContact, contract.ToTyped, markedEmail, noon, time.Hour)
	return errs
}

func TestWhatIsLockedAwayOpensOnlyOnRecord(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		s.now = func() time.Time { return noon }
		n, until := fillUp(t, s), noon.Add(365*24*time.Hour)
		_, err := s.OpenRetained(ctx, n, "chen.po", markedReason, noon)
		require.ErrorIs(t, err, ErrNotFound, "nothing is locked away yet")
		kept := []KeptField{{Field: "id_number", Until: until, Basis: "网络安全法 21"}}
		require.NoError(t, s.LockAway(ctx, n, kept, until))
		require.NoError(t, s.LockAway(ctx, n, nil, noon))
		for name, err := range everyPersonalRead(s, n) {
			require.ErrorIs(t, err, ErrLocked, name)
		}
		page, err := s.Queue(ctx, Filter{Contacts: []string{markedEmail}}, noon)
		require.NoError(t, err)
		require.Empty(t, page.Tickets)

		_, err = s.OpenRetained(ctx, n, "chen.po", " ", noon)
		refused, ok := ticket.AsError(err)
		require.True(t, ok)
		require.Equal(t, "reason", refused.Field)
		opened, err := s.OpenRetained(ctx, n, "chen.po", markedReason, noon.Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, []RetainedField{{KeptField: kept[0], Value: markedField}}, opened.Fields)
		require.Equal(t, []time.Time{noon, until}, []time.Time{opened.LockedAt, opened.Until})
		require.Equal(t, markedText, opened.Content.Text)
		require.Len(t, opened.Attachments, 2)
		require.Len(t, opened.Messages, 2)
		require.Equal(t, []any{MessageReason, markedReason}, []any{opened.Messages[1].Kind, opened.Messages[1].Text})
		events, err := s.Events(ctx, n)
		require.NoError(t, err)
		last := events[len(events)-1]
		require.Equal(t, contract.Event{At: noon.Add(time.Hour), Actor: contract.ByStaff, Agent: "chen.po",
			Act: contract.ActRetainedOpened, Object: opened.Messages[1].ID}, last)
		locked, err := s.Ticket(ctx, n)
		require.NoError(t, err)
		require.Equal(t, []time.Time{noon, until}, []time.Time{locked.LockedAt, locked.KeptUntil})

		require.NoError(t, s.Purge(ctx, n, until))
		_, err = s.OpenRetained(ctx, n, "chen.po", markedReason, until)
		require.ErrorIs(t, err, ErrPurged)
	})
}

// The purge at the account system comes when everything else is locked away.
func TestTheAccountIsStillNamedWhileLockedAway(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n, unknown := fillUp(t, s), file(t, s).Number
		for range 2 {
			ref, err := s.AccountRef(ctx, n)
			require.NoError(t, err)
			require.Equal(t, markedName, ref)
			_, err = s.AccountRef(ctx, unknown)
			require.ErrorIs(t, err, ErrNotFound, "nobody looked it up")

			require.NoError(t, s.LockAway(ctx, n, nil, noon), "nothing is kept but the key")
			require.NoError(t, s.LockAway(ctx, unknown, []KeptField{{Field: "phone"}}, noon))
			_, err = s.Account(ctx, n)
			require.ErrorIs(t, err, ErrLocked)
		}
		opened, err := s.OpenRetained(ctx, n, "chen.po", markedReason, noon)
		require.NoError(t, err)
		require.Empty(t, opened.Fields)

		require.NoError(t, s.Purge(ctx, n, noon))
		_, err = s.AccountRef(ctx, n)
		require.ErrorIs(t, err, ErrPurged)
		require.NotContains(t, err.Error(), "MARK")
		_, err = s.AccountRef(ctx, "DSR-20260302-00000000")
		require.ErrorIs(t, err, ErrNotFound)
	})
}
