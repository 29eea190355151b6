package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/evidence"
	"rightsdesk/ticket"
)

func TestThePrivacyOfficerDownloadsTheEvidence(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, heldBy("li.wei"))
	officer := o.as("sun.officer")
	require.Contains(t, officer.get(page(n)).Body, page(n)+"/evidence")
	require.NotContains(t, o.as("chen.manager").get(page(n)).Body, page(n)+"/evidence")

	p := officer.get(page(n) + "/evidence")
	require.Equal(t, http.StatusOK, p.Status)
	require.Equal(t, `attachment; filename=evidence-`+string(n)+`.json`, p.Header.Get("Content-Disposition"))
	require.NotContains(t, p.Body, "王小明")
	f, _, err := evidence.Verify([]byte(p.Body), nil)
	require.NoError(t, err)
	require.Equal(t, "sun.officer", f.MadeBy)
	require.Equal(t, evidence.History{Why: "the workflow engine did not answer"}, f.Workflow)
	trail := o.acts(n)
	require.Equal(t, contract.ActEvidenceExported, trail[len(trail)-1].Act)
	require.Contains(t, officer.get(page(n)).text(), "Evidence exported")

	require.Equal(t, http.StatusNotFound, officer.get(page("DSR-20260105-99999999")+"/evidence").Status)
}

func TestV1EvidenceIsTheFileByteByByte(t *testing.T) {
	d := newV1Desk(t)
	n := string(d.filed().Number)
	a := d.get("/tickets/"+n+"/evidence", d.staff("sun.officer", ticket.PrivacyOfficer))
	require.Equal(t, http.StatusOK, a.Status, a.Text)
	require.Equal(t, "application/json", a.Header.Get("Content-Type"))
	f, _, err := evidence.Verify([]byte(a.Text), nil)
	require.NoError(t, err)
	require.Equal(t, evidence.History{Why: "the workflow engine no longer keeps all of it"}, f.Workflow)
	d.get("/tickets/DSR-20260105-99999999/evidence", d.staff("second.officer", ticket.PrivacyOfficer)).problem(http.StatusNotFound, "not_found")
}
