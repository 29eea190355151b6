package activities_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/activities"
	"rightsdesk/contract"
	"rightsdesk/mail/mailtest"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestALetterLeavesOnceHoweverOftenItIsAsked(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.Complaint)
	mails := activities.NewMails(d.post)
	order := contract.MailOrder{Number: number, Step: "receipt-1", Letter: contract.LetterReceipt, To: contract.ToTyped}
	first, err := mails.SendMail(t.Context(), order)
	require.NoError(t, err)
	assert.True(t, d.now.Equal(first.Accepted))
	second, err := mails.SendMail(t.Context(), order)
	require.NoError(t, err)
	assert.True(t, first.Accepted.Equal(second.Accepted))

	sent, read := d.only()
	assert.Equal(t, markedTyped, sent.To)
	assert.Equal(t, "<receipt-1."+string(number)+"@desk.example>", read.Header.Get("Message-Id"))
	assert.Equal(t, "<ticket."+string(number)+"@desk.example>", read.Header.Get("References"))
	assert.Contains(t, read.Text, "Monday, 23 March 2026")
	link, err := d.store.LinkByToken(t.Context(), linkIn(read.Text), d.now.AddDate(1, 0, 1))
	require.NoError(t, err, "the link works for more than a year")
	assert.False(t, link.Proved)
	row, err := d.store.MailOf(t.Context(), number, "receipt-1")
	require.NoError(t, err)
	assert.Equal(t, store.MailAccepted, row.Status)
}

func TestALetterPutOffIsRetriedAndOneRefusedIsNot(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.Complaint)
	mails := activities.NewMails(d.post)
	order := contract.MailOrder{Number: number, Step: "receipt-1", Letter: contract.LetterReceipt, To: contract.ToTyped}
	d.smtp.AnswerRcpt(451)
	_, err := mails.SendMail(t.Context(), order)
	d.retryable(err)
	row, err := d.store.MailOf(t.Context(), number, order.Step)
	require.NoError(t, err)
	assert.Equal(t, store.MailPending, row.Status)
	assert.Equal(t, 451, row.LastCode)
	result, err := mails.SendMail(t.Context(), order)
	require.NoError(t, err)
	assert.False(t, result.Accepted.IsZero())

	order.Step = "receipt-2"
	d.smtp.AnswerRcpt(550)
	for range 2 { // the second time from the record: the server would say yes
		result, err = mails.SendMail(t.Context(), order)
		require.NoError(t, err)
		assert.Equal(t, contract.MailResult{Refused: true, Code: 550}, result)
	}
	assert.Len(t, d.smtp.Messages(), 1)
}

func TestAProcessThatDiesBeforeItsRecordSendsAgainUnderTheSameID(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.Complaint)
	d.post.Sender = &dying{Sender: d.post.Sender, lives: 1}
	mails := activities.NewMails(d.post)
	order := contract.MailOrder{Number: number, Step: "receipt-1", Letter: contract.LetterReceipt, To: contract.ToTyped}
	_, err := mails.SendMail(t.Context(), order)
	d.retryable(err)
	for range 3 {
		_, err = mails.SendMail(t.Context(), order)
		require.NoError(t, err)
	}
	taken := d.smtp.Messages()
	require.Len(t, taken, 2, "at least once, and no more than it must be")
	assert.Equal(t, mailtest.Parse(t, taken[0].Raw).Header.Get("Message-Id"), mailtest.Parse(t, taken[1].Raw).Header.Get("Message-Id"))
}

var sixDigits = regexp.MustCompile(`(?m)^\s+(\d{6})$`)

func TestACodeGoesToTheContactOnFileAndEachAttemptHasItsOwn(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.AccountCancellation)
	require.NoError(t, d.store.SaveAccount(t.Context(), number, store.AccountSnapshot{Ref: "a-1",
		Contacts: []store.Contact{{Type: "phone", Value: markedPhone}, {Type: "email", Value: markedFile}}}))
	d.post.Sender = &dying{Sender: d.post.Sender, lives: 1}
	mails := activities.NewMails(d.post)
	order := contract.MailOrder{Number: number, Step: "code-1", Letter: contract.LetterCode, To: contract.ToOnFile, Code: true}
	_, err := mails.SendMail(t.Context(), order)
	d.retryable(err)
	_, err = mails.SendMail(t.Context(), order)
	require.NoError(t, err)

	taken := d.smtp.Messages()
	require.Len(t, taken, 2)
	codes := make([]string, 2)
	for i, m := range taken {
		assert.Equal(t, markedFile, m.To)
		text := mailtest.Parse(t, m.Raw).Text
		d.quiet(text)
		codes[i] = sixDigits.FindStringSubmatch(text)[1]
	}
	if codes[0] != codes[1] {
		_, result, err := d.store.TryCode(t.Context(), number, codes[0], d.now)
		require.NoError(t, err)
		assert.Equal(t, store.CodeWrong, result, "a newer code replaces an earlier one")
	}
	proved, result, err := d.store.TryCode(t.Context(), number, codes[1], d.now)
	require.NoError(t, err)
	assert.Equal(t, store.CodeOK, result)
	assert.Equal(t, ticket.LevelAccount, proved.Level)
	assert.True(t, proved.Delivered)
}

func TestWithoutAnAccountTheCodeLooksSentAndReachesNobody(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.AccountCancellation)
	mails := activities.NewMails(d.post)
	order := contract.MailOrder{Number: number, Step: "code-1", Letter: contract.LetterCode, To: contract.ToOnFile, Code: true}
	result, err := mails.SendMail(t.Context(), order)
	require.NoError(t, err)
	assert.True(t, d.now.Equal(result.Accepted))
	assert.Empty(t, d.smtp.Messages())
	row, err := d.store.MailOf(t.Context(), number, "code-1")
	require.NoError(t, err)
	assert.Equal(t, store.MailAccepted, row.Status)
	assert.Empty(t, row.MessageID, "by which the mail log knows that nothing was sent")
	latest, err := d.store.LatestVerification(t.Context(), number)
	require.NoError(t, err)
	assert.True(t, latest.Delivered, "a typed code is then wrong in the same way as any")
}

func TestAnAddressNotProvedGetsNobodysWords(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.Complaint)
	asked := d.say(number, store.MessageQuestion, "You wrote: "+markedText)
	mails := activities.NewMails(d.post)
	order := contract.MailOrder{Number: number, Step: "question-1", Letter: contract.LetterQuestion, To: contract.ToProved, Message: asked}
	_, err := mails.SendMail(t.Context(), order)
	require.NoError(t, err)
	sent, read := d.only()
	assert.Equal(t, markedTyped, sent.To)
	d.quiet(read.Subject + read.Text + read.HTML)
	assert.Contains(t, read.Text, "read the details on the ticket's page")

	d.prove(number, markedTyped)
	order.Step = "question-2"
	_, err = mails.SendMail(t.Context(), order)
	require.NoError(t, err)
	read = mailtest.Parse(t, d.smtp.Messages()[1].Raw)
	assert.Contains(t, read.Text, "You wrote: "+markedText)
	assert.Contains(t, read.Text, "the end of Tuesday, 17 March 2026", "15 days of silence close it")
	link, err := d.store.LinkByToken(t.Context(), linkIn(read.Text), d.now)
	require.NoError(t, err)
	assert.True(t, link.Proved)
}

func TestNoMailCarriesInternalWords(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.Complaint)
	d.prove(number, markedTyped)
	mails := activities.NewMails(d.post)
	for i, kind := range []store.MessageKind{store.MessageReason, store.MessageReply} {
		_, err := mails.SendMail(t.Context(), contract.MailOrder{Number: number, Step: contract.StepOf(contract.LetterAnswer, i),
			Letter: contract.LetterQuestion, To: contract.ToProved, Message: d.say(number, kind, markedText)})
		d.final(err)
	}
	note, err := d.store.AddNote(t.Context(), number, "li.wei", d.now, markedText)
	require.NoError(t, err)
	_, err = mails.SendMail(t.Context(), contract.MailOrder{Number: number, Step: "question-9",
		Letter: contract.LetterQuestion, To: contract.ToProved, Message: note + 1000})
	d.final(err)
	assert.Empty(t, d.smtp.Messages())
}

func TestTheAnswerTellsWhatWasDoneMasked(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.InfoCorrection)
	d.prove(number, markedTyped)
	require.NoError(t, d.store.SaveAccount(t.Context(), number, store.AccountSnapshot{Ref: "a-1",
		Fields: map[string]string{"phone": markedPhone, "name": "Old Name"}}))
	answer := d.say(number, store.MessageAnswer, "Your phone number has been changed.")
	mails := activities.NewMails(d.post)
	order := contract.MailOrder{Number: number, Step: "answer-1", Letter: contract.LetterAnswer, To: contract.ToProved, Message: answer}

	_, err := mails.SendMail(t.Context(), order)
	d.retryable(err) // nothing has been decided: there is nothing to tell

	d.record(number, func(s *contract.State) {
		s.Decision = &contract.Decision{By: "li.wei", Outcome: ticket.Partly, Reason: ticket.ReasonEvidenceMissing, Message: answer,
			Fields: []contract.FieldDecision{{Field: "phone", Accept: true}, {Field: "name", Reason: ticket.ReasonEvidenceMissing}}}
		s.Account.Applied = []contract.FieldName{"phone"}
	})
	_, err = mails.SendMail(t.Context(), order)
	require.NoError(t, err)
	_, read := d.only()
	assert.Contains(t, read.Text, "Mobile number: changed from 138******12 to 139******34")
	assert.Contains(t, read.Text, "Name or nickname: not changed (Necessary evidence is missing)")
	assert.Contains(t, read.Text, "Result: partly accepted.")
	assert.Contains(t, read.Text, "Your phone number has been changed.")
	assert.Contains(t, read.Text, "12377")
	assert.Contains(t, read.Text, "within 30 days")
	assert.NotContains(t, read.Text, "Reply due")
	d.quiet(read.Text + read.HTML)
}

func TestAfterThePurgeNothingIsSent(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.Complaint)
	require.NoError(t, activities.NewRecords(d.store).PurgeRecords(t.Context(), contract.PurgeRecords{Number: number, At: d.now}))
	for _, to := range []contract.Recipient{contract.ToTyped, contract.ToOnFile, contract.ToProved} {
		result, err := activities.NewMails(d.post).SendMail(t.Context(), contract.MailOrder{Number: number,
			Step: contract.StepOf(to, 1), Letter: contract.LetterClosedNoReply, To: to})
		require.NoError(t, err)
		assert.True(t, result.Refused)
	}
	assert.Empty(t, d.smtp.Messages())
}

func TestAMailForATicketThatIsNotThereIsNotRetried(t *testing.T) {
	d := newDesktop(t)
	_, err := activities.NewMails(d.post).SendMail(t.Context(), contract.MailOrder{Number: "DSR-20260302-00000000",
		Step: "receipt-1", Letter: contract.LetterReceipt, To: contract.ToTyped})
	d.final(err)
}

func TestEveryLetterCanBeSent(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.AccountCancellation)
	d.prove(number, markedTyped)
	d.record(number, func(s *contract.State) {
		s.Decision = &contract.Decision{By: "li.wei", Outcome: ticket.Accepted}
		s.Asked = &contract.Question{Message: 1, At: d.now}
	})
	require.NoError(t, d.store.SaveAccount(t.Context(), number, store.AccountSnapshot{Ref: "a-1",
		Obstacles: []store.ObstacleWords{{Code: "unpaid_bill", ZH: "账单未付", EN: "A bill is unpaid"}}}))
	for i, letter := range contract.Letters() {
		_, err := activities.NewMails(d.post).SendMail(t.Context(), contract.MailOrder{Number: number,
			Step: contract.StepOf(letter, i), Letter: letter, To: contract.ToProved})
		require.NoError(t, err, letter)
		read := mailtest.Parse(t, d.smtp.Messages()[i].Raw)
		d.quiet(read.Text)
		if letter == contract.LetterObstacles {
			assert.Contains(t, read.Text, "- A bill is unpaid")
		}
	}
}

func TestTheCodeIsNotEnoughForARealNameAndTheLetterSaysSo(t *testing.T) {
	d := newDesktop(t)
	mails := activities.NewMails(d.post)
	letter := func(number ticket.Number, step contract.Step) string {
		t.Helper()
		d.prove(number, markedTyped)
		_, err := mails.SendMail(t.Context(), contract.MailOrder{Number: number, Step: step, Letter: contract.LetterVerified, To: contract.ToProved})
		require.NoError(t, err)
		taken := d.smtp.Messages()
		return mailtest.Parse(t, taken[len(taken)-1].Raw).Text
	}
	plain := letter(d.file(ticket.InfoCorrection), "verified-2")
	assert.Contains(t, plain, "You need not do anything more")
	number := d.file(ticket.InfoCorrection, store.Change{Field: "real_name", Proposed: markedName})
	needed := letter(number, "verified-2")
	assert.NotContains(t, needed, "You need not do anything more")
	assert.Contains(t, needed, "choose one of the ways under “Prove your real name”")
	d.record(number, func(s *contract.State) { s.Stage, s.Level = ticket.Triage, ticket.LevelReal })
	assert.Contains(t, letter(number, "verified-3"), "You need not do anything more")
}
