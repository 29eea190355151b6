package api

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/mocks"
	"golang.org/x/net/html"

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
