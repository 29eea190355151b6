package api

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// What earlier releases stored is served no more freely than what is stored now.
func TestADownloadIsSavedAndNeverRunWhoeverAsks(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, heldBy("li.wei"))
	_, err := o.store.AddMessage(t.Context(), store.NewMessage{Number: n, Kind: store.MessageReply, At: monday, Text: "见附件",
		Files: []store.NewFile{{Name: "Ausweis.hta", Type: "image/png", Content: tinyPNG}}})
	require.NoError(t, err)
	files, err := o.store.Attachments(t.Context(), n)
	require.NoError(t, err)
	require.Len(t, files, 1)
	id := strconv.FormatInt(files[0].ID, 10)

	person := o.browser(en)
	o.proved(person, n)
	agent := o.as("li.wei")
	link, err := o.store.NewLink(t.Context(), n, store.LinkTrack, true, o.now, time.Hour)
	require.NoError(t, err)
	secret, _, err := o.store.CreateAPIToken(t.Context(), "li.wei", "test")
	require.NoError(t, err)
	withToken := func(path, token string) http.Header {
		req, err := http.NewRequest(http.MethodGet, o.url+v1Prefix+path, nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, http.StatusOK, resp.StatusCode)
		return resp.Header
	}
	for who, h := range map[string]http.Header{
		"person": person.get("/ticket/files/" + id).Header, "staff": agent.get(page(n) + "/files/" + id).Header,
		"person by token": withToken("/ticket/files/"+id, link), "staff by token": withToken("/tickets/"+string(n)+"/files/"+id, secret),
	} {
		assert.Equal(t, `attachment; filename=Ausweis.hta.png`, h.Get("Content-Disposition"), who)
		assert.Contains(t, h.Get("Content-Security-Policy"), "sandbox; default-src 'none'", who)
		assert.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), who)
		assert.Equal(t, "image/png", h.Get("Content-Type"), who)
		assert.Equal(t, "no-store", h.Get("Cache-Control"), who)
	}
}

func TestABrokenPictureIsRefusedInWordsAndTheOthersAreKept(t *testing.T) {
	w := newWeb(t)
	b := w.browser(en)
	p := b.upload("/request/complaint", b.start(ticket.Complaint), file{"a.png", string(tinyPNG[:40])}, file{"Ausweis.hta", string(tinyPNG)})
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Contains(t, p.Body, "the image is damaged or incomplete")
	assert.Contains(t, p.Body, "Ausweis.hta.png")
}
