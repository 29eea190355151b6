package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// What nobody asks for again is marked, so that it can be found if Temporal forgets it.
func TestOnlyAnActThatNobodyRepeatsIsRecordedAsAskedForOnce(t *testing.T) {
	s := begin(t, ticket.Complaint, "2026-03-02 10:00")
	s.at("2026-03-02 10:05", proves())
	s.at("2026-03-02 10:10", li.claims())
	s.at("2026-03-02 10:15", repaired(contract.Repair{Drift: contract.DriftProjection}))
	s.at("2026-03-02 10:20", replans(1))
	s.breaksOff("2026-03-02 10:30")
	s.run()
	var once []contract.Act
	for _, r := range s.records {
		if r.Once {
			once = append(once, r.Events[0].Act)
		}
	}
	require.Equal(t, []contract.Act{contract.ActClaimed, contract.ActRepaired}, once)
	require.Greater(t, len(s.records), len(once))
}
