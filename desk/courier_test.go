package desk

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestWhatWaitedIsDeliveredOnceTemporalIsBack(t *testing.T) {
	o := newOffice(t)
	o.temporal.set(func(s *temporalStub) { s.away = true })
	receipt := o.filed(t, complaint())
	reply, err := o.Reply(t.Context(), receipt.Number, Words{Text: "补充一句"})
	require.NoError(t, err)
	assert.True(t, reply.Pending)
	withdrawn, err := o.Withdraw(t.Context(), receipt.Number)
	require.NoError(t, err)
	assert.True(t, withdrawn.Pending)

	_, err = o.courier.Sweep(t.Context())
	assert.ErrorIs(t, err, ErrEngineAway)

	o.temporal.set(func(s *temporalStub) { s.away = false })
	drain(t, o)
	require.Len(t, o.temporal.started, 1)
	var names []string
	for _, u := range o.temporal.told {
		names = append(names, u.UpdateName)
	}
	assert.Equal(t, []string{contract.UpdateReply, contract.UpdateWithdraw}, names, "in the order in which they came")
	row, err := o.store.Ticket(t.Context(), receipt.Number)
	require.NoError(t, err)
	assert.False(t, row.Starting)
}

// drain sweeps as a courier does whose waits are over at once.
func drain(t *testing.T, o *office) {
	t.Helper()
	ahead := time.Minute
	o.courier.engine.now = func() time.Time { ahead += time.Minute; return time.Now().Add(ahead) }
	for range 20 {
		n, err := o.courier.Sweep(t.Context())
		require.NoError(t, err)
		if n == 0 {
			return
		}
	}
	t.Fatal("deliveries never end")
}

func TestADeliveryTakenTwiceIsOneAct(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, complaint())
	delivery, err := o.store.AddDelivery(t.Context(), receipt.Number, store.OpUpdate, contract.UpdateWithdraw, []byte(`{}`))
	require.NoError(t, err)
	for range 2 { // two workers, one row: the mark of the first was lost
		_, err := o.engine.carry(t.Context(), delivery)
		require.NoError(t, err)
	}
	assert.Len(t, o.temporal.told, 1)
	assert.Equal(t, "delivery-", o.temporal.told[0].UpdateID[:9])

	start := store.Delivery{ID: 99, Number: receipt.Number, Op: store.OpStart, Name: contract.WorkflowComplaint, Payload: []byte(`{}`)}
	_, err = o.engine.carry(t.Context(), start)
	require.NoError(t, err, "already started is started")
}

func TestARefusalEndsADelivery(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, complaint())
	o.temporal.answer = refuses("already_withdrawn")
	_, err := o.store.AddDelivery(t.Context(), receipt.Number, store.OpUpdate, contract.UpdateWithdraw, []byte(`{}`))
	require.NoError(t, err)
	drain(t, o)
	n, err := o.store.PendingCount(t.Context())
	require.NoError(t, err)
	assert.Zero(t, n)
	assert.Contains(t, o.log.String(), "already_withdrawn")
}

func TestAnActOnAnEndedTicketEndsAsClosed(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, complaint())
	o.temporal.set(func(s *temporalStub) { s.started = nil })
	early, err := o.Solved(t.Context(), receipt.Number)
	require.NoError(t, err)
	assert.True(t, early.Pending, "its workflow is lost, and the ticket goes on: what is done waits for the doctor")
	_, err = o.Claim(t.Context(), agent, receipt.Number)
	assert.ErrorIs(t, err, ErrEngineAway)

	ended := contract.State{Rev: 1, Stage: ticket.Withdrawn, Awaiting: ticket.AwaitingNobody}
	require.NoError(t, o.store.Record(t.Context(), contract.Record{Number: receipt.Number, State: ended}))
	outcome, err := o.Solved(t.Context(), receipt.Number)
	require.NoError(t, err)
	require.NotNil(t, outcome.Refused)
	assert.Equal(t, CodeTicketClosed, outcome.Refused.Code)
	_, err = o.Claim(t.Context(), agent, receipt.Number)
	assert.Equal(t, CodeTicketClosed, refusal(t, err).Code)
}

func TestADeliveryNobodyUnderstandsHoldsUpOnlyItsTicket(t *testing.T) {
	o := newOffice(t)
	bad, good := o.filed(t, complaint()), o.filed(t, complaint())
	o.temporal.answer = func(name string, _ []byte) (contract.Done, error) {
		if name == "nonsense" {
			return contract.Done{}, errors.New("unknown update")
		}
		return contract.Done{}, nil
	}
	for number, name := range map[ticket.Number]string{bad.Number: "nonsense", good.Number: contract.UpdateWithdraw} {
		_, err := o.store.AddDelivery(t.Context(), number, store.OpUpdate, name, []byte(`{}`))
		require.NoError(t, err)
	}
	n, err := o.courier.Sweep(t.Context())
	require.NoError(t, err, "Temporal is there")
	assert.Equal(t, 2, n)
	left, err := o.store.PendingCount(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, left)
}

func TestRunDeliversAndEndsWithItsContext(t *testing.T) {
	o := newOffice(t)
	o.temporal.set(func(s *temporalStub) { s.away = true })
	o.filed(t, complaint())
	o.temporal.set(func(s *temporalStub) { s.away = false })
	o.courier.pace.look = 10 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); o.courier.Run(ctx) }()
	assert.Eventually(t, func() bool {
		n, err := o.store.PendingCount(t.Context())
		return err == nil && n == 0
	}, 5*time.Second, 20*time.Millisecond)
	cancel()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("the courier does not stop")
	}
}
