package desk

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

func TestALinkGoesToTheAddressOnRecordAndNowhereElse(t *testing.T) {
	o := newOffice(t)
	receipt := o.filed(t, complaint())
	for name, row := range map[string]struct {
		number, address string
		mails           int
	}{
		"both right":      {string(receipt.Number), " WANG@Example.com ", 1},
		"another address": {string(receipt.Number), "li@example.com", 0},
		"no such ticket":  {"DSR-20260101-00000000", "wang@example.com", 0},
		"no number":       {"hello", "wang@example.com", 0},
	} {
		t.Run(name, func(t *testing.T) {
			o.mailed.mails = nil
			require.NoError(t, o.RequestLink(t.Context(), row.number, row.address, "192.0.2.1"), "one answer for all")
			o.Wait()
			require.Len(t, o.mailed.mails, row.mails)
			if row.mails == 0 {
				return
			}
			mail := o.mailed.mails[0]
			assert.Equal(t, "wang@example.com", mail.To, "as on record, not as typed")
			link, err := o.store.LinkByToken(t.Context(), mail.Token, o.clock)
			require.NoError(t, err)
			assert.Equal(t, receipt.Number, link.Number)
			assert.False(t, link.Proved)
		})
	}
}

func TestLinksAreLimitedWhetherOrNotTheTicketExists(t *testing.T) {
	for _, known := range []bool{true, false} {
		o := newOffice(t)
		number := "DSR-20260101-00000000"
		if known {
			number = string(o.filed(t, complaint()).Number)
		}
		for range limitLinkTicket.max {
			require.NoError(t, o.RequestLink(t.Context(), number, "wang@example.com", "192.0.2.1"))
		}
		err := o.RequestLink(t.Context(), number, "wang@example.com", "192.0.2.1")
		assert.Equal(t, CodeTooManyTries, refusal(t, err).Code)
		o.Wait()
	}
}

func TestALinkNeedsAnAddress(t *testing.T) {
	o := newOffice(t)
	err := o.RequestLink(t.Context(), "x", "nobody", "192.0.2.1")
	assert.Equal(t, &ticket.Error{Code: CodeEmailInvalid, Field: InputEmail}, refusal(t, err))
}
