package activities_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/activities"
	"rightsdesk/desk"
	"rightsdesk/ticket"
)

func TestATrackingLinkIsMailedIntoTheTicketsConversation(t *testing.T) {
	d := newDesktop(t)
	number := d.file(ticket.Complaint)
	links := activities.NewLinks(d.post)
	require.NoError(t, links.SendLink(t.Context(), desk.LinkMail{Number: number, Locale: ticket.Chinese, To: markedTyped, Token: "tok-en_1"}))
	sent, read := d.only()
	assert.Equal(t, markedTyped, sent.To)
	assert.Contains(t, read.Text, "https://desk.example/track/tok-en_1\n")
	assert.Contains(t, read.Subject, "您的工单链接")
	assert.Equal(t, "<ticket."+string(number)+"@desk.example>", read.Header.Get("In-Reply-To"))
	d.quiet(read.Text)

	d.smtp.AnswerRcpt(550)
	err := links.SendLink(t.Context(), desk.LinkMail{Number: number, Locale: ticket.Chinese, To: markedTyped, Token: "t"})
	require.Error(t, err)
	d.quiet(err.Error())
}
