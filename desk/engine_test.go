package desk

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// This test needs no server: it is about there being none.
func TestAnAddressWhereNobodyListensIsAway(t *testing.T) {
	lazy, err := client.NewLazyClient(client.Options{
		HostPort: "127.0.0.1:1",
		Logger:   sdklog.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil))),
	})
	require.NoError(t, err)
	defer lazy.Close()
	o := newOffice(t)
	o.engine.client = lazy
	o.staffBudget, o.actBudget = time.Second, time.Second

	began := time.Now()
	receipt, errs, err := o.File(t.Context(), complaint())
	require.NoError(t, err)
	require.Empty(t, errs)
	assert.Less(t, time.Since(began), time.Second)

	_, err = o.Claim(t.Context(), agent, receipt.Number)
	assert.ErrorIs(t, err, ErrEngineAway)
	outcome, err := o.Withdraw(t.Context(), receipt.Number)
	require.NoError(t, err)
	assert.True(t, outcome.Pending)
	assert.Less(t, time.Since(began), 4*time.Second)
}

func TestErrorsOfTheEngine(t *testing.T) {
	for name, row := range map[string]struct {
		err  error
		away bool
		code string
	}{
		"a refusal":            {err: refuse("already_answered", "agent", "li.wei"), code: "already_answered"},
		"nobody there":         {err: serviceerror.NewUnavailable("x"), away: true},
		"too slow":             {err: serviceerror.NewDeadlineExceeded("x"), away: true},
		"too much":             {err: serviceerror.NewResourceExhausted(0, "x"), away: true},
		"the wait ended":       {err: client.NewWorkflowUpdateServiceTimeoutOrCanceledError(context.DeadlineExceeded), away: true},
		"our own time":         {err: context.DeadlineExceeded, away: true},
		"a workflow that fell": {err: temporal.NewApplicationError("x", "PanicError")},
		"anything else":        {err: errors.New("x")},
	} {
		t.Run(name, func(t *testing.T) {
			err := understood("act", row.err)
			assert.Equal(t, row.away, errors.Is(err, ErrEngineAway))
			refused, ok := ticket.AsError(err)
			assert.Equal(t, row.code != "", ok)
			if ok {
				assert.Equal(t, row.code, refused.Code)
				assert.Equal(t, "li.wei", refused.Facts["agent"])
			}
		})
	}
}

func TestADeliverysPayloadArrivesAsTheTypeOfItsUpdate(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, complaint())
	d, err := o.store.AddDelivery(t.Context(), receipt.Number, store.OpUpdate, contract.UpdateReply,
		[]byte(asJSON(t, contract.Words{Message: 3, Files: 2})))
	require.NoError(t, err)
	_, err = o.engine.carry(t.Context(), d)
	require.NoError(t, err)
	payload, err := converter.GetDefaultDataConverter().ToPayload(o.temporal.told[0].Args[0])
	require.NoError(t, err)
	var words contract.Words
	require.NoError(t, converter.GetDefaultDataConverter().FromPayload(payload, &words))
	assert.Equal(t, contract.Words{Message: 3, Files: 2}, words)
}
