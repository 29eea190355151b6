package store

import (
	"encoding/json"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/seal"
	"rightsdesk/ticket"
)

func TestAFiledTicketIsAllThere(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		f := aFiling(ticket.NewNumber(noon))
		kept, err := s.AddUpload(ctx, f.FormToken, markedFile, "image/png", []byte(markedBytes))
		require.NoError(t, err)
		_, err = s.AddUpload(ctx, f.FormToken, "dropped.png", "image/png", []byte("x"))
		require.NoError(t, err)
		f.Uploads = []UploadID{kept.ID}
		f.Files = []NewFile{{Name: "scan.pdf", Type: "application/pdf", Content: []byte("%PDF")}}

		filed, start, err := s.File(ctx, f)
		require.NoError(t, err)
		require.NotNil(t, start)
		require.Equal(t, ticket.Received, filed.Stage)
		require.Equal(t, f.ReplyDue, filed.ReplyDue)
		require.Equal(t, ticket.OnTrack, filed.SLA)
		require.True(t, filed.Starting)
		read, err := s.Ticket(ctx, f.Number)
		require.NoError(t, err)
		require.Equal(t, filed, read)

		content, err := s.Content(ctx, f.Number)
		require.NoError(t, err)
		require.Equal(t, f.Content, content)

		files, err := s.Attachments(ctx, f.Number)
		require.NoError(t, err)
		require.Len(t, files, 2)
		require.Equal(t, markedFile, files[0].Name)
		file, bytes, err := s.AttachmentContent(ctx, f.Number, files[0].ID)
		require.NoError(t, err)
		require.Equal(t, markedBytes, string(bytes))
		require.Equal(t, int64(len(markedBytes)), file.Size)
		messages, sent, err := s.CountFromSubject(ctx, f.Number)
		require.NoError(t, err)
		require.Equal(t, []int{0, 2}, []int{messages, sent})

		events, err := s.Events(ctx, f.Number)
		require.NoError(t, err)
		require.Equal(t, []contract.Event{{At: noon, Actor: contract.BySubject, Act: contract.ActReceived, Code: "web"}}, events)

		pending, err := s.PendingDeliveries(ctx, noon.Add(FirstTry), 10)
		require.NoError(t, err)
		require.Len(t, pending, 1)
		require.Equal(t, OpStart, pending[0].Op)
		require.Equal(t, contract.WorkflowAccountCancellation, pending[0].Name)
		require.Equal(t, start.ID, pending[0].ID)
		require.Equal(t, start.Payload, pending[0].Payload)
		var told contract.Start
		require.NoError(t, json.Unmarshal(pending[0].Payload, &told))
		require.Equal(t, f.Number, told.Number)

		policy, err := s.Policy(ctx, "d1")
		require.NoError(t, err)
		require.Equal(t, "name: cn", string(policy))

		form, err := s.Form(ctx, f.FormToken)
		require.NoError(t, err)
		require.Equal(t, f.Number, form.Number)
		require.Zero(t, count(t, s, &uploadRow{}))
	})
}

func TestAFormSentManyTimesAtOnceBecomesOneTicket(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		token := seal.NewToken()
		upload, err := s.AddUpload(ctx, token, markedFile, "image/png", []byte(markedBytes))
		require.NoError(t, err)
		var all sync.WaitGroup
		var mu sync.Mutex
		numbers, fresh := map[ticket.Number]int{}, 0
		for range 16 {
			all.Go(func() {
				f := aFiling(ticket.NewNumber(noon))
				f.FormToken, f.Uploads = token, []UploadID{upload.ID}
				filed, start, err := s.File(ctx, f)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				numbers[filed.Number]++
				if start != nil {
					fresh++
				}
			})
		}
		all.Wait()
		require.Len(t, numbers, 1)
		require.Equal(t, 1, fresh)
		for _, row := range []any{&ticketRow{}, &secretRow{}, &attachmentRow{}, &eventRow{}, &deliveryRow{}, &policyRow{}} {
			require.Equal(t, 1, count(t, s, row), "%T", row)
		}
	})
}

func TestAFilingThatFailsLeavesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		f := aFiling(ticket.NewNumber(noon))
		require.NoError(t, s.SaveForm(ctx, Form{Token: f.FormToken, Kind: f.Kind, Locale: f.Locale, Values: map[string][]string{"text": {markedTyped}}}))
		f.Uploads = []UploadID{4711}
		_, _, err := s.File(ctx, f)
		require.ErrorIs(t, err, ErrNotFound)
		require.NotContains(t, err.Error(), "MARK")
		for _, row := range []any{&ticketRow{}, &secretRow{}, &contactRow{}, &attachmentRow{}, &eventRow{}, &deliveryRow{}, &policyRow{}} {
			require.Zero(t, count(t, s, row), "%T", row)
		}
		form, err := s.Form(ctx, f.FormToken)
		require.NoError(t, err)
		require.Equal(t, []string{markedTyped}, form.Values["text"])

		f.Uploads = nil
		_, start, err := s.File(ctx, f)
		require.NoError(t, err)
		require.NotNil(t, start)
	})
}

func TestANumberIsGivenOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		first := file(t, s)
		_, _, err := s.File(ctx, aFiling(first.Number))
		require.ErrorIs(t, err, ErrExists)
		require.Equal(t, 1, count(t, s, &secretRow{}))
	})
}

func TestFormsAreKeptSealedUntilTheyExpire(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		f := Form{Token: seal.NewToken(), Kind: ticket.Complaint, Locale: ticket.English,
			Values: map[string][]string{"text": {markedTyped}}, ExpiresAt: noon.Add(FormLifetime)}
		require.NoError(t, s.SaveForm(ctx, f))
		f.Values["name"] = []string{markedName}
		require.NoError(t, s.SaveForm(ctx, f))
		read, err := s.Form(ctx, f.Token)
		require.NoError(t, err)
		require.Equal(t, f, read)
		_, err = s.Form(ctx, "another")
		require.ErrorIs(t, err, ErrNotFound)

		var ids []UploadID
		for range MaxUploads {
			u, err := s.AddUpload(ctx, f.Token, markedFile, "image/png", []byte(markedBytes))
			require.NoError(t, err)
			ids = append(ids, u.ID)
		}
		_, err = s.AddUpload(ctx, f.Token, "sixth", "image/png", nil)
		require.ErrorIs(t, err, ErrTooManyFiles)
		require.ErrorIs(t, s.RemoveUpload(ctx, "another", ids[0]), ErrNotFound)
		require.NoError(t, s.RemoveUpload(ctx, f.Token, ids[0]))
		uploads, err := s.Uploads(ctx, f.Token)
		require.NoError(t, err)
		require.Len(t, uploads, MaxUploads-1)
		require.Equal(t, markedFile, uploads[0].Name)

		n, err := s.DeleteExpiredForms(ctx, noon)
		require.NoError(t, err)
		require.Zero(t, n)
		n, err = s.DeleteExpiredForms(ctx, noon.Add(FormLifetime))
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Zero(t, count(t, s, &uploadRow{}))
	})
}

func TestASessionWritesOneFormAtATime(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		stage := func(token, session string) {
			require.NoError(t, s.OnlyForm(ctx, token, session))
			_, err := s.AddUpload(ctx, token, "a.png", "image/png", []byte("x"))
			require.NoError(t, err)
		}
		left := func(token string) int {
			uploads, err := s.Uploads(ctx, token)
			require.NoError(t, err)
			return len(uploads)
		}
		stage("one", "s1")
		stage("one", "s1")
		require.Equal(t, 2, left("one"), "its own form is left alone")
		stage("two", "s1")
		stage("three", "s2")
		stage("four", "") // in no session
		stage("five", "")
		require.Equal(t, []int{0, 1, 1, 1, 1}, []int{left("one"), left("two"), left("three"), left("four"), left("five")})

		f := aFiling(ticket.NewNumber(noon))
		require.NoError(t, s.OnlyForm(ctx, f.FormToken, "s1"))
		_, _, err := s.File(ctx, f)
		require.NoError(t, err)
		stage("six", "s1")
		form, err := s.Form(ctx, f.FormToken)
		require.NoError(t, err)
		require.Equal(t, f.Number, form.Number, "one that was sent stays sent")
	})
}

func TestAFormSentOnceTakesNothingMore(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		f := aFiling(ticket.NewNumber(noon))
		_, _, err := s.File(ctx, f)
		require.NoError(t, err)
		_, err = s.AddUpload(ctx, f.FormToken, "late.png", "image/png", nil)
		require.ErrorIs(t, err, ErrNotFound)
		require.NoError(t, s.SaveForm(ctx, Form{Token: f.FormToken, Values: map[string][]string{"text": {"again"}}}))
		form, err := s.Form(ctx, f.FormToken)
		require.NoError(t, err)
		require.Equal(t, f.Number, form.Number)
		require.Empty(t, form.Values)
	})
}
