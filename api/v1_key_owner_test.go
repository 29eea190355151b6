package api

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// Whoever learns a member of staff's key (from a log of theirs, say) gets
// nothing by it: not their receipt, not their files, no place among them.
func TestV1AKeyIsItsOwnersAlone(t *testing.T) {
	d := newV1Desk(t)
	agent, key := d.staff("zhao.min", ticket.Agent), seal.NewToken()
	body := v1StaffRequest{V1Request: v1Complaint(), Channel: ticket.ChannelPhone, ReceivedAt: d.now.Add(-time.Hour)}
	pdf := map[string]string{v1UploadHeader: key, "Content-Type": "application/pdf", "Content-Disposition": `attachment; filename="proof.pdf"`}
	upload := v1Ask{method: "POST", path: "/uploads", token: agent, body: []byte("%PDF-1.4\n"), header: pdf}
	d.do(upload).into(http.StatusCreated, nil)

	var seen v1Uploads
	list := v1Ask{method: "GET", path: "/uploads", header: map[string]string{v1UploadHeader: key}}
	d.do(list).into(http.StatusOK, &seen)
	assert.Empty(t, seen.Uploads, "a stranger lists nothing")
	upload.token = ""
	d.do(upload).into(http.StatusCreated, nil) // into the stranger's own

	var theirs, own v1Receipt
	d.do(v1Ask{method: "POST", path: "/tickets/for-person", token: agent, key: key, body: body}).into(http.StatusCreated, &theirs)
	var all v1Ticket
	d.get("/tickets/"+string(theirs.Number), agent).into(http.StatusOK, &all)
	assert.Len(t, all.Personal.Files, 1, "the stranger's file did not come along")
	d.do(v1Ask{method: "POST", path: "/tickets", key: key, body: v1Complaint()}).into(http.StatusCreated, &own)
	assert.NotEqual(t, theirs.Number, own.Number)

	other := body
	other.Text = "Something else altogether, under the same key."
	d.do(v1Ask{method: "POST", path: "/tickets/for-person", token: agent, key: key, body: other}).problem(422, "idempotency_key_reused")
	changed := v1Complaint()
	changed.Text = "Something else altogether, under the same key."
	d.do(v1Ask{method: "POST", path: "/tickets", key: key, body: changed}).problem(422, "idempotency_key_reused")
}

func TestV1FilesOfAReplyWaitUnderItsTicket(t *testing.T) {
	d := newV1Desk(t)
	r := d.filed()
	link, err := d.store.NewLink(t.Context(), r.Number, store.LinkTrack, true, d.now, time.Hour)
	require.NoError(t, err)
	key := seal.NewToken()
	pdf := map[string]string{v1UploadHeader: key, "Content-Type": "application/pdf", "Content-Disposition": `attachment; filename="proof.pdf"`}
	var up v1Uploads
	d.do(v1Ask{method: "POST", path: "/uploads", token: link, body: []byte("%PDF-1.4\n"), header: pdf}).into(http.StatusCreated, &up)
	reply := v1Reply{Text: "See the file.", Uploads: []int64{up.Uploads[0].ID}}
	d.do(v1Ask{method: "POST", path: "/ticket/replies", token: link, key: key, body: reply}).into(http.StatusCreated, nil)
	files, err := d.store.Attachments(t.Context(), r.Number)
	require.NoError(t, err)
	assert.Len(t, files, 1)
	d.do(v1Ask{method: "POST", path: "/uploads", token: "nonsense", body: []byte("%PDF-1.4\n"), header: pdf}).problem(401, "not_authenticated")
}

func TestV1OneCallTakesNoMoreThanItsShare(t *testing.T) {
	d := newV1Desk(t)
	header := map[string]string{v1UploadHeader: seal.NewToken(), "Content-Type": "application/pdf"}
	d.do(v1Ask{method: "POST", path: "/uploads", body: append([]byte("%PDF-1.4\n"), make([]byte, uploadBody)...), header: header}).
		problem(http.StatusRequestEntityTooLarge, "body_too_large")
	_, _, err := d.store.Spend(t.Context(), "upload-bytes/network/192.0.2.1", bytesOfNetwork, 1, time.Hour, d.now)
	require.NoError(t, err)
	full := d.do(v1Ask{method: "POST", path: "/uploads", body: append([]byte("%PDF-1.4\n"), make([]byte, 1<<20)...), header: header})
	full.problem(http.StatusTooManyRequests, "too_many_tries")
	assert.NotEmpty(t, full.Header.Get("Retry-After"))
}
