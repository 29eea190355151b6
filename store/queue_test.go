package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// fileAt files a ticket whose state is changed as the test needs it.
func fileAt(t *testing.T, s *Store, name string, change func(*contract.State)) ticket.Number {
	t.Helper()
	n := ticket.Number("DSR-20261123-" + name)
	file(t, s, func(f *Filing) { f.Number = n; f.Content.Person.Email = name + "@example.org" })
	st := aState(1)
	change(&st)
	require.NoError(t, s.Record(ctx, contract.Record{Number: n, State: st}))
	return n
}

func TestTheQueueShowsWhatItsFilterAsksFor(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		due := func(h int) func(*contract.State) {
			return func(st *contract.State) { st.Clock.Due = noon.Add(time.Duration(h) * time.Hour) }
		}
		with := func(h int, change func(*contract.State)) func(*contract.State) {
			return func(st *contract.State) { due(h)(st); change(st) }
		}
		overdue := fileAt(t, s, "00000001", with(-1, func(st *contract.State) { st.Clock.SLA = ticket.Breached; st.Clock.Escalation = 4 }))
		risky := fileAt(t, s, "00000002", with(1, func(st *contract.State) { st.Clock.SLA = ticket.AtRisk; st.Assignee = "li.wei" }))
		appealed := fileAt(t, s, "00000003", with(3, func(st *contract.State) { st.Appealed = true; st.Assignee = "wang.fang" }))
		fresh := fileAt(t, s, "00000004", with(4, func(st *contract.State) { st.Stage = ticket.Triage }))
		closed := fileAt(t, s, "10000005", with(2, func(st *contract.State) { st.Stage = ticket.Closed; st.Assignee = "li.wei" }))
		kept := fileAt(t, s, "10000006", with(2, func(st *contract.State) { st.Stage = ticket.Retained }))

		for name, c := range map[string]struct {
			filter Filter
			want   []ticket.Number
		}{
			"all":           {Filter{}, []ticket.Number{overdue, risky, closed, appealed, fresh}},
			"open":          {Filter{Open: true}, []ticket.Number{overdue, risky, appealed, fresh}},
			"mine":          {Filter{Mine: "li.wei", Open: true}, []ticket.Number{risky}},
			"assignee":      {Filter{Assignee: "li.wei"}, []ticket.Number{risky, closed}},
			"unassigned":    {Filter{Unassigned: true}, []ticket.Number{overdue, fresh}},
			"overdue":       {Filter{Overdue: true}, []ticket.Number{overdue}},
			"at risk":       {Filter{AtRisk: true}, []ticket.Number{risky}},
			"escalated":     {Filter{Escalated: true}, []ticket.Number{overdue}},
			"appeals":       {Filter{Appeals: true}, []ticket.Number{appealed}},
			"stage":         {Filter{Stage: ticket.Triage}, []ticket.Number{fresh}},
			"retained":      {Filter{Stage: ticket.Retained}, []ticket.Number{kept}},
			"kind":          {Filter{Kind: ticket.Complaint}, nil},
			"sla":           {Filter{SLA: ticket.AtRisk}, []ticket.Number{risky}},
			"number":        {Filter{Number: "dsr-20261123-1"}, []ticket.Number{closed}},
			"no wildcards":  {Filter{Number: "%"}, nil},
			"contact":       {Filter{Contacts: []string{" 00000004@EXAMPLE.org "}}, []ticket.Number{fresh}},
			"other contact": {Filter{Contacts: []string{"nobody@example.org"}}, nil},
		} {
			page, err := s.Queue(ctx, c.filter, noon)
			require.NoError(t, err, name)
			require.Equal(t, c.want, numbersOf(page), name)
			require.Equal(t, len(c.want), page.Total, name)
			require.Empty(t, page.Next, name)
		}
		counts, err := s.Counts(ctx, "li.wei", noon)
		require.NoError(t, err)
		require.Equal(t, QueueCounts{Open: 4, Mine: 1, Unassigned: 2, Overdue: 1, AtRisk: 1, Escalated: 1, Appeals: 1}, counts)
		open, err := s.OpenNumbers(ctx, risky, 1)
		require.NoError(t, err)
		require.Equal(t, []ticket.Number{appealed}, open)
	})
}

func TestPagesCoverTheQueueOnceEvenWhenDeadlinesAreEqual(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		for i := range 23 {
			file(t, s, func(f *Filing) {
				f.Number = ticket.Number(fmt.Sprintf("DSR-20261123-%08d", 23-i))
				f.ReplyDue = noon.Add(time.Duration(i/6) * time.Hour)
				f.ReceivedAt = noon.Add(-time.Duration(i/7) * time.Second)
			})
		}
		for _, order := range []Order{OrderDue, OrderReceived} {
			seen := map[ticket.Number]bool{}
			f := Filter{Limit: 5, Order: order}
			var last Ticket
			for pages := 1; ; pages++ {
				page, err := s.Queue(ctx, f, noon)
				require.NoError(t, err)
				require.Equal(t, 23, page.Total)
				for _, tk := range page.Tickets {
					require.False(t, seen[tk.Number])
					seen[tk.Number] = true
					if order == OrderDue {
						require.False(t, tk.ReplyDue.Before(last.ReplyDue))
					} else if !last.ReceivedAt.IsZero() {
						require.False(t, tk.ReceivedAt.After(last.ReceivedAt))
					}
					last = tk
				}
				if page.Next == "" {
					require.Equal(t, 5, pages)
					break
				}
				f.After = page.Next
			}
			require.Len(t, seen, 23)
		}
		_, err := s.Queue(ctx, Filter{After: "what?"}, noon)
		require.ErrorIs(t, err, ErrBadCursor)
		_, err = s.Queue(ctx, Filter{Order: "sideways"}, noon)
		require.ErrorIs(t, err, ErrBadCursor)
	})
}

func numbersOf(p Page) []ticket.Number {
	var numbers []ticket.Number
	for _, t := range p.Tickets {
		numbers = append(numbers, t.Number)
	}
	return numbers
}
