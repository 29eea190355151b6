package ticket

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestQueuesHoldKindsOrCategories(t *testing.T) {
	qs, ok := ParseQueues([]string{"info_correction", " complaint.privacy", "info_correction"})
	assert.True(t, ok)
	assert.Equal(t, "complaint.privacy,info_correction", qs.String())
	assert.True(t, qs.Hold(InfoCorrection, ""))
	assert.True(t, qs.Hold(Complaint, CategoryPrivacy))
	assert.False(t, qs.Hold(Complaint, CategoryMarketing))
	assert.False(t, qs.Hold(Complaint, ""))
	assert.False(t, qs.Hold(AccountCancellation, ""))
	all, _ := ParseQueues([]string{"complaint"})
	assert.True(t, all.Hold(Complaint, CategoryMarketing))
	assert.True(t, Queues(nil).Hold(AccountCancellation, ""), "none configured: all")
	assert.Empty(t, qs.Of(Lead))
	assert.Equal(t, qs, qs.Of(Agent))
}

func TestAMisspeltQueueIsNotNoLimit(t *testing.T) {
	for _, name := range []string{"", "complaint.", "complaint.privcy", "holiday", "info_correction.privacy"} {
		_, ok := ParseQueues([]string{"complaint", name})
		assert.False(t, ok, name)
	}
}
