package e2e

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/desk"
	"rightsdesk/evidence"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// The attack: somebody changes a row of the database while the desk runs.
func TestARowTamperedWithUnderTheDesksFeetIsFound(t *testing.T) {
	o := openOffice(t)
	number := o.complaint()
	o.answers(agent, number, granted)

	verify := func() (store.AuditReport, []store.AuditFinding) {
		var found []store.AuditFinding
		report, err := o.records.VerifyAudit(t.Context(), nil, func(f store.AuditFinding) { found = append(found, f) })
		require.NoError(t, err)
		return report, found
	}
	o.eventually(func() bool { // the worker chains what was written
		report, found := verify()
		require.Empty(t, found)
		return report.Waiting == 0 && report.Head.Position > 10
	})

	o.evidenceOf(number)
	o.rotates(number)

	_, err := o.sql().Exec("UPDATE events SET agent = 'nobody.else' WHERE number = ? AND act = 'decided'", number)
	require.NoError(t, err)
	_, found := verify()
	require.True(t, slices.ContainsFunc(found, func(f store.AuditFinding) bool {
		return f.Wrong == store.AuditChanged && f.Number == number && f.Entry != 0
	}), "%+v", found)
}

// evidenceOf takes the evidence, with the digest of what Temporal really keeps.
func (o *office) evidenceOf(number ticket.Number) {
	o.t.Helper()
	text, err := o.desk.ExportEvidence(o.t.Context(), officer, number)
	require.NoError(o.t, err)
	key, err := o.records.EvidenceKey(o.t.Context())
	require.NoError(o.t, err)
	f, _, err := evidence.Verify(text, key)
	require.NoError(o.t, err)
	require.True(o.t, f.Workflow.Available, f.Workflow.Why)
	require.Greater(o.t, f.Workflow.Events, int64(10))
	require.Equal(o.t, 1, f.Workflow.Runs)
	require.Len(o.t, f.Workflow.Digest, 64)
	require.Equal(o.t, agent.ID, f.Decision.By)
	require.NotContains(o.t, string(text), "Recorded Person")
	require.NotContains(o.t, string(text), "example.net")
	again, err := o.desk.ExportEvidence(o.t.Context(), officer, number)
	require.NoError(o.t, err)
	same, _, err := evidence.Verify(again, key)
	require.NoError(o.t, err)
	require.Equal(o.t, f.Workflow, same.Workflow, "the same history has the same digest")
}

// rotates changes the key while api and worker run, and has them go on.
func (o *office) rotates(number ticket.Number) {
	o.t.Helper()
	_, err := seal.Rotate(o.Database.MasterKeyFile)
	require.NoError(o.t, err)
	_, err = o.records.Rewrap(o.t.Context())
	require.NoError(o.t, err)
	_, err = seal.Retire(o.Database.MasterKeyFile, func(old []seal.KeyID) error {
		left, err := o.records.SealedUnder(o.t.Context(), old)
		require.Empty(o.t, left)
		return err
	})
	require.NoError(o.t, err)
	_, err = o.records.Content(o.t.Context(), number)
	require.NoError(o.t, err)
	// Filed, mailed, verified and answered under the new key.
	o.answers(agent, o.filed(desk.Request{Kind: ticket.Complaint, Category: ticket.CategoryPrivacy,
		Person: store.Person{Email: "after@example.net"}, Text: "And what about my address?"}, "after@example.net"), granted)
}
