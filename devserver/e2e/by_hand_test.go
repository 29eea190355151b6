package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/devserver/people"
	"rightsdesk/devserver/stack"
	"rightsdesk/ticket"
)

// A desk that is told of no account system: staff find out whose the account is, and do
// each of its acts by hand, an erasure two of them. All of it by the JSON interface.
func TestWithoutAnAccountSystemStaffDoItsActsByHand(t *testing.T) {
	w := beginWith(t, stack.Options{ByHand: true, TrustedProxies: []string{"127.0.0.1"}})
	records, err := w.Records()
	require.NoError(t, err)
	t.Cleanup(func() { records.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	office, err := people.Open(ctx, w.Form[:len(w.Form)-1], w.Mail, records, 2)
	require.NoError(t, err)
	cases := []*people.Case{office.New(ticket.AccountCancellation, people.Answered), office.New(ticket.InfoCorrection, people.Answered)}
	require.NoError(t, people.Lead(ctx, cases, 2))
	require.Equal(t, []string{"file", "claim", "check-identity", "/ticket/consequences", "decide", "approve",
		"task-done", "task-done", "task-done"}, cases[0].Acts, "the person confirms by the link that was mailed; services stopped by one, data erased by two")
	require.Equal(t, []string{"file", "claim", "check-identity", "decide", "approve", "task-done"}, cases[1].Acts)
}
