package stack

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// everything lists all tickets, the retained ones too.
func everything(t *testing.T, records *store.Store) []store.Ticket {
	t.Helper()
	var all []store.Ticket
	for _, stage := range []ticket.Stage{"", ticket.Retained, ticket.Purged} {
		page, err := records.Queue(t.Context(), store.Filter{Stage: stage, Limit: 200}, time.Now())
		require.NoError(t, err)
		all = append(all, page.Tickets...)
	}
	return all
}

func TestAnEmptyDeskIsFilledOnce(t *testing.T) {
	s, err := Start(context.Background(), Options{DataDir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	began := time.Now()
	require.NoError(t, s.Demonstrate(t.Context()))
	took := time.Since(began)
	assert.Less(t, took, time.Minute)

	records, err := s.Records()
	require.NoError(t, err)
	defer records.Close()
	kinds, stages := map[ticket.Kind]int{}, map[ticket.Stage]int{}
	locales, assignees := map[ticket.Locale]int{}, map[ticket.AgentID]int{}
	all := everything(t, records)
	awaiting := map[ticket.Awaiting]int{}
	for _, one := range all {
		awaiting[one.Awaiting]++
		kinds[one.Kind]++
		stages[one.Stage]++
		locales[one.Locale]++
		assignees[one.Assignee]++
	}
	page, err := records.Queue(t.Context(), store.Filter{}, time.Now())
	require.NoError(t, err)
	assert.GreaterOrEqual(t, page.Total, 25)
	assert.Len(t, kinds, len(ticket.Kinds()))
	assert.GreaterOrEqual(t, len(stages), 8, "%v", stages)
	assert.Len(t, locales, len(ticket.Locales()))
	assert.NotZero(t, awaiting[ticket.AwaitingApprover], "a decision waits for its second person")
	counts, err := records.Counts(t.Context(), ticket.Nobody, time.Now())
	require.NoError(t, err)
	assert.GreaterOrEqual(t, counts.Overdue, 3)
	assert.NotZero(t, counts.AtRisk)
	assert.NotZero(t, counts.Appeals)
	assert.Zero(t, counts.Starting)
	t.Logf("%d tickets in %s: %v %v %v %+v", len(all), took, kinds, stages, assignees, counts)

	require.NoError(t, s.Demonstrate(t.Context()))
	again := everything(t, records)
	assert.Len(t, again, len(all))
	for i := range min(len(all), len(again)) {
		assert.Equal(t, all[i].Number, again[i].Number)
	}
	agents, err := records.CountAgents(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1+len(demoStaff), agents)
}
