package deadline

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

// Whatever the day, make-up Saturdays and holidays among them: a deadline lies
// within the horizon of n exactly when the console says that n working days or
// fewer are left.
func TestAHorizonAgreesWithTheDaysLeft(t *testing.T) {
	p := NewPlanner(BuiltIn{}, BuiltIn{})
	for _, name := range ticket.EmbeddedPolicies() {
		policy, _, err := ticket.EmbeddedPolicy(name)
		require.NoError(t, err)
		for day := range 40 { // over Spring Festival
			now := time.Date(2026, 2, 1+day, 9, 30, 0, 0, time.UTC)
			for _, n := range []int{0, 1, 3, 5} {
				horizon, err := p.Horizon(t.Context(), policy.Ref(), now, n)
				require.NoError(t, err)
				for h := 0; h < 24*30; h += 7 {
					due := now.Add(time.Duration(h) * time.Hour)
					left, err := p.DaysLeft(t.Context(), policy.Ref(), now, due)
					require.NoError(t, err)
					assert.Equal(t, left <= n, !due.After(horizon), "%s: at %s, due %s, n=%d, %d left", name, now, due, n, left)
				}
			}
		}
	}
}
