package api

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/mocks"
	"golang.org/x/net/html"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// said is what the page's script says it had seen as sent.
func (p answerPage) said(act string) string {
	form := find(p.doc, func(n *html.Node) bool { return attr(n, "data-draft") == act })
	if form == nil {
		return ""
	}
	return attr(form, "data-said")
}

func TestASaveThatComesAfterTheSendingLeavesNoDraft(t *testing.T) {
	handle := mocks.NewWorkflowUpdateHandle(t)
	handle.On("Get", mock.Anything, mock.Anything).Return(nil)
	engine := mocks.NewClient(t)
	engine.On("UpdateWorkflow", mock.Anything, mock.Anything).Return(handle, nil)
	o := newOfficeOn(t, engine)
	n := o.filed(ticket.Complaint, heldBy("li.wei"))
	b := o.as("li.wei")
	for act, kind := range map[string]string{"ask": "question", "note": "note"} {
		said := b.get(page(n)).said(act)
		require.NotEmpty(t, said, act)
		save := url.Values{"act": {act}, "text": {"Please send the screenshot."}, "said": {said}}
		require.Equal(t, http.StatusNoContent, b.post(page(n)+"/draft", save).Status, act)
		require.Equal(t, http.StatusSeeOther, b.post(page(n)+"/"+act, url.Values{"text": save["text"], "lease": {"3"}}).Status, act)
		require.Equal(t, http.StatusConflict, b.post(page(n)+"/draft", save).Status, act)
		drafts, err := o.store.Draft(t.Context(), n, "li.wei")
		require.NoError(t, err)
		assert.NotContains(t, drafts, kind)

		save.Set("said", b.get(page(n)).said(act))
		require.Equal(t, http.StatusNoContent, b.post(page(n)+"/draft", save).Status, "what is typed on the page after it is kept")
	}
}

func TestWordsWhoseActNobodyHeardOfAreADraftAgain(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, heldBy("li.wei"))
	said := store.NewMessage{Number: n, Kind: store.MessageQuestion, Agent: "li.wei", At: o.now, Text: "Which account is it?", Pending: true}
	id, err := o.store.AddMessage(t.Context(), said)
	require.NoError(t, err)
	drafted := func() string { return o.as("li.wei").get(page(n)).form("form-ask").Get("text") }
	assert.Empty(t, drafted(), "its act may be under way")
	o.now = o.now.Add(2 * time.Minute)
	assert.Equal(t, "Which account is it?", drafted(), "the process was killed before it told the workflow")
	require.NoError(t, o.store.SaveDraft(t.Context(), n, "li.wei", string(store.MessageQuestion), "Which one?"))
	assert.Equal(t, "Which one?", drafted(), "what was typed since goes first")

	said.Text = "And which telephone?"
	said.DropDraft = true
	_, err = o.store.AddMessage(t.Context(), said)
	require.NoError(t, err)
	require.NoError(t, o.store.ConfirmMessage(t.Context(), n, id+1))
	assert.Empty(t, drafted(), "they have asked since")
}
