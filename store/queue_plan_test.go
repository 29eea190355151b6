package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/store/manytickets"
	"rightsdesk/store/mariadbtest"
	"rightsdesk/ticket"
)

var (
	ctx   = context.Background()
	until = time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC)
)

// crowd is a desk of a few thousand tickets, half of them open.
type crowd struct {
	*store.Store
	desk manytickets.Desk
	seen []store.Statement
}

func onCrowds(t *testing.T, test func(t *testing.T, c *crowd)) {
	for name, address := range map[string]func(*testing.T) string{
		"sqlite":  func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "desk.db") },
		"mariadb": func(t *testing.T) string { return mariadbtest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) {
			dsn := address(t)
			vault, err := seal.Open(seal.NewMasterKey())
			require.NoError(t, err)
			s, err := store.Open(dsn, vault)
			require.NoError(t, err)
			t.Cleanup(func() { _ = s.Close() })
			require.NoError(t, s.Migrate(ctx))
			policy, text, err := ticket.EmbeddedPolicy("cn")
			require.NoError(t, err)
			require.NoError(t, s.SavePolicy(ctx, policy.Ref(), text))
			c := &crowd{Store: s, desk: manytickets.Desk{Tickets: 3000, Open: 1500, Until: until,
				Agents: []ticket.AgentID{"li.wei", "wang.fang", "zhao.lei"}, Policy: policy}}
			require.NoError(t, c.desk.Fill(ctx, dsn, vault, nil))
			s.Watch(func(st store.Statement) { c.seen = append(c.seen, st) })
			test(t, c)
		})
	}
}

// access is how a statement gets at one table.
type access struct {
	table, index string
	scans        bool // all of it
	sorts        bool // what it found
}

var (
	liteTable = regexp.MustCompile(`^(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?(?:INDEX (\w+)|(INTEGER PRIMARY KEY)))?`)
	derived   = regexp.MustCompile(`^(<|counted$|one$|other$)`)
)

// plan reads the database's plan of a statement.
func (c *crowd) plan(t *testing.T, st store.Statement) (found []access) {
	t.Helper()
	rows, err := c.Explain(st)
	require.NoError(t, err, st.SQL)
	for _, row := range rows {
		if c.Backend() == store.SQLite {
			detail := fmt.Sprint(row["detail"])
			if m := liteTable.FindStringSubmatch(detail); m != nil && !derived.MatchString(m[2]) {
				found = append(found, access{table: m[2], index: strings.Replace(m[3]+m[4], "sqlite_autoindex_"+m[2]+"_1", "PRIMARY", 1), scans: m[1] == "SCAN"})
			} else if strings.HasPrefix(detail, "USE TEMP B-TREE FOR ORDER BY") && len(found) > 0 {
				found[len(found)-1].sorts = true
			}
			continue
		}
		table := text(row["table"])
		if table == "" || derived.MatchString(table) {
			continue
		}
		kind, extra := text(row["type"]), text(row["Extra"])
		found = append(found, access{table: table, index: text(row["key"]), scans: kind == "ALL" || kind == "index",
			sorts: strings.Contains(extra, "filesort")})
	}
	require.NotEmpty(t, found, "no access in the plan of %s", st.SQL)
	return found
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []byte:
		return string(v)
	}
	return fmt.Sprint(v)
}

// want is the index that a filter's keys are found along.
type want struct {
	filter store.Filter
	index  string
	sorts  bool // few enough, or not read by people a page at a time
	other  string
}

func wants() map[string]want {
	mine := ticket.AgentID("li.wei")
	return map[string]want{
		"open":             {filter: store.Filter{Open: true}, index: "tickets_queue"},
		"mine":             {filter: store.Filter{Open: true, Mine: mine}, index: "tickets_assignee"},
		"assignee":         {filter: store.Filter{Open: true, Assignee: mine}, index: "tickets_assignee"},
		"unassigned":       {filter: store.Filter{Unassigned: true}, index: "tickets_queue"},
		"overdue":          {filter: store.Filter{Overdue: true}, index: "tickets_queue"},
		"at risk":          {filter: store.Filter{AtRisk: true}, index: "tickets_queue"},
		"escalated":        {filter: store.Filter{Escalated: true}, index: "tickets_queue"},
		"appeals":          {filter: store.Filter{Appeals: true}, index: "tickets_queue"},
		"open of a kind":   {filter: store.Filter{Open: true, Kind: ticket.Complaint}, index: "tickets_queue"},
		"open in a stage":  {filter: store.Filter{Open: true, Stage: ticket.Triage}, index: "tickets_in_stage"},
		"open, both":       {filter: store.Filter{Open: true, Stage: ticket.Triage, Kind: ticket.Complaint}, index: "tickets_in_stage_kind"},
		"open, newest 2":   {filter: store.Filter{Open: true, Stage: ticket.Triage, Order: store.OrderReceived}, index: "tickets_queue", sorts: true, other: "tickets_in_stage"},
		"at risk, both":    {filter: store.Filter{AtRisk: true, Stage: ticket.Triage, Kind: ticket.Complaint}, index: "tickets_queue"},
		"open in queues":   {filter: store.Filter{Open: true, Queues: ticket.Queues{"info_correction", "complaint.privacy"}}, index: "tickets_queue"},
		"open, newest":     {filter: store.Filter{Open: true, Order: store.OrderReceived}, index: "tickets_open_received"},
		"overdue, newest":  {filter: store.Filter{Overdue: true, Order: store.OrderReceived}, index: "tickets_queue", sorts: true},
		"all":              {filter: store.Filter{}, index: "tickets_shown"},
		"all, newest":      {filter: store.Filter{Order: store.OrderReceived}, index: "tickets_received"},
		"all in queues":    {filter: store.Filter{Queues: ticket.Queues{"info_correction"}}, index: "tickets_shown"},
		"kind":             {filter: store.Filter{Kind: ticket.AccountCancellation}, index: "tickets_shown_kind"},
		"sla":              {filter: store.Filter{SLA: ticket.Late}, index: "tickets_shown_sla"},
		"stage":            {filter: store.Filter{Stage: ticket.Closed}, index: "tickets_in_stage"},
		"retained":         {filter: store.Filter{Stage: ticket.Retained}, index: "tickets_in_stage"},
		"kind and stage":   {filter: store.Filter{Stage: ticket.Purged, Kind: ticket.Complaint}, index: "tickets_in_stage_kind"},
		"of an agent":      {filter: store.Filter{Assignee: mine}, index: "tickets_of"},
		"of an agent, too": {filter: store.Filter{Assignee: mine, Stage: ticket.Refused, Kind: ticket.Complaint}, index: "tickets_of"},
		"number":           {filter: store.Filter{Number: "DSR-2026"}, index: "tickets_number"},
		"number or tail":   {filter: store.Filter{Number: "DSR-2026", Random: "2026"}, index: "tickets_number", other: "tickets_tail", sorts: true},
		"number, overdue":  {filter: store.Filter{Number: "DSR-2026", Overdue: true}, index: "tickets_queue", sorts: true},
		"stuck":            {filter: store.Filter{Stuck: true}, index: "tickets_number", sorts: true},
		"contact":          {filter: store.Filter{Contacts: []string{"person0@mail.example"}}, index: "tickets_number", sorts: true},
	}
}

func TestEveryFilterOfTheQueueIsWalkedAlongItsIndex(t *testing.T) {
	onCrowds(t, func(t *testing.T, c *crowd) {
		for name, w := range wants() {
			for _, deep := range []bool{false, true} {
				c.seen = nil
				w.filter.Limit = 2
				page, err := c.Queue(ctx, w.filter, until)
				require.NoError(t, err, name)
				w.filter.After = page.Next
				if deep && page.Next == "" {
					continue
				}
				require.NotEmpty(t, c.seen, name)
				for i, st := range c.seen {
					for _, a := range c.plan(t, st) {
						c.check(t, name, st, a, w, i == len(c.seen)-1)
					}
				}
			}
		}
	})
}

// check looks at one access of the queue's statements: the keys, the tickets
// themselves, and the total.
func (c *crowd) check(t *testing.T, name string, st store.Statement, a access, w want, last bool) {
	t.Helper()
	says := fmt.Sprintf("%s: %+v: %s", name, a, st.SQL)
	switch {
	case a.table == "ticket_contacts":
		assert.False(t, a.scans, says)
	case a.table == "troubles": // few at all times
	case strings.Contains(st.SQL, "SELECT * FROM"):
		assert.False(t, a.scans, says)
		assert.Equal(t, "PRIMARY", a.index, says)
	default:
		assert.Contains(t, []string{w.index, w.other, indexOfTotal(w)}, a.index, says)
		walked := w.index == "tickets_received" && a.index == w.index && strings.Contains(st.SQL, "LIMIT")
		assert.True(t, !a.scans || walked, says)
		assert.True(t, !a.sorts || w.sorts, says)
	}
}

// indexOfTotal is the index that the total is counted along: in no order.
func indexOfTotal(w want) string {
	if w.filter.Order == store.OrderReceived {
		return map[bool]string{true: "tickets_queue", false: "tickets_shown"}[strings.Contains(w.index, "open") || w.index == "tickets_queue"]
	}
	return w.index
}

func TestTheFiguresAndTheOpenTicketsAreReadAlongTheirIndexes(t *testing.T) {
	onCrowds(t, func(t *testing.T, c *crowd) {
		for index, read := range map[string]func() error{
			"tickets_queue":     func() error { _, err := c.Counts(ctx, "", until); return err },
			"tickets_open":      func() error { _, err := c.OpenNumbers(ctx, c.desk.Number(0), 100); return err },
			"tickets_unsettled": func() error { _, err := c.Unsettled(ctx, until, 100); return err },
			"tickets_assignee":  func() error { _, err := c.Counts(ctx, "li.wei", until); return err },
		} {
			c.seen = nil
			require.NoError(t, read())
			seen := slices.DeleteFunc(c.seen, func(st store.Statement) bool {
				return strings.Contains(st.SQL, "troubles") // few: each leads to its ticket
			})
			st := seen[len(seen)-1]
			for _, a := range c.plan(t, st) {
				assert.Equal(t, access{table: "tickets", index: index}, a, st.SQL)
			}
		}
	})
}

func TestNothingOfATicketIsLookedForInAllOfThem(t *testing.T) {
	onCrowds(t, func(t *testing.T, c *crowd) {
		n := c.desk.Number(c.desk.Tickets - 3)
		link, err := c.NewLink(ctx, n, store.LinkSession, true, until, time.Hour)
		require.NoError(t, err)
		c.seen = nil
		for name, read := range map[string]func() error{
			"ticket":      func() error { _, err := c.Ticket(ctx, n); return err },
			"content":     func() error { _, err := c.Content(ctx, n); return err },
			"account":     func() error { _, err := c.Account(ctx, n); return ignoring(err, store.ErrNotFound) },
			"events":      func() error { _, err := c.Events(ctx, n); return err },
			"ledger":      func() error { _, err := c.Ledger(ctx, n); return err },
			"mails":       func() error { _, err := c.Mails(ctx, n); return err },
			"messages":    func() error { _, err := c.Messages(ctx, n); return err },
			"link":        func() error { _, err := c.LinkByToken(ctx, link, until); return err },
			"pending":     func() error { _, err := c.PendingDeliveries(ctx, until, 10); return err },
			"how many":    func() error { _, err := c.PendingCount(ctx); return err },
			"from person": func() error { _, _, err := c.CountFromSubject(ctx, n); return err },
		} {
			require.NoError(t, read(), name)
		}
		require.Greater(t, len(c.seen), 11)
		full := map[string]bool{"tickets": true, "ticket_secrets": true, "ticket_contacts": true, "messages": true, "events": true,
			"ledger_entries": true, "mails": true, "links": true, "deliveries": true}
		for _, st := range c.seen {
			for _, a := range c.plan(t, st) {
				assert.False(t, a.scans && full[a.table], "%+v: %s", a, st.SQL)
			}
		}
	})
}

func ignoring(err, known error) error {
	if err != nil && strings.Contains(err.Error(), known.Error()) {
		return nil
	}
	return err
}
