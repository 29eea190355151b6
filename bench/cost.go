package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"

	"rightsdesk/bench/floor"
	"rightsdesk/bench/report"
	"rightsdesk/bench/tally"
	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// bill is what the tickets of one kind cost together.
type bill struct {
	n       int
	events  int
	actions floor.Actions
	bytes   int64 // of history

	transitions int64 // of the workflow's state: writes of a history shard
	rows        tally.Rows
	mails       int64
	cpu         map[string]time.Duration
	desk        int64 // bytes of the desk's database
	engine      int64 // and of Temporal's
	kept        int64 // bytes of Temporal's database for what keeps them afterwards
}

// cost brings tickets of each kind to their answer, one after the other, and
// counts what they cost.
func (f *flags) cost(ctx context.Context, s *stand) (string, error) {
	db, err := tally.Open(s.dsn)
	if err != nil {
		return "", err
	}
	defer db.Close()
	for _, kind := range f.Kinds { // the first of each kind takes longer
		if _, err := s.office.answered(ctx, kind); err != nil {
			return "", err
		}
	}
	bills := map[ticket.Kind]bill{}
	for _, kind := range f.Kinds {
		if bills[kind], err = f.billOf(ctx, s, db, kind); err != nil {
			return "", err
		}
	}
	policy, _, err := ticket.EmbeddedPolicy("cn")
	if err != nil {
		return "", err
	}
	if m := mean(bills, policy); f.Capacity != "" && m != (meanBill{}) {
		if err := report.Put(f.Capacity, "capacity", m.tables()); err != nil {
			return "", err
		}
	}
	return costTables(f.Kinds, bills), nil
}

func (f *flags) billOf(ctx context.Context, s *stand, db *tally.Database, kind ticket.Kind) (b bill, err error) {
	idle, err := s.idle(ctx)
	if err != nil {
		return b, err
	}
	before, err := s.now(ctx, db)
	if err != nil {
		return b, err
	}
	began := time.Now()
	var journeys []*journey
	var numbers []string
	for range f.Tickets {
		j, err := s.office.answer(ctx, kind)
		if err != nil {
			return b, err
		}
		journeys, numbers = append(journeys, j), append(numbers, j.number)
	}
	if err := s.allAnswered(ctx, numbers); err != nil {
		return b, err
	}
	took := time.Since(began)
	after, err := s.now(ctx, db)
	if err != nil {
		return b, err
	}
	b = bill{n: f.Tickets, rows: after.rows.Minus(before.rows), mails: after.mails - before.mails, desk: after.desk - before.desk,
		engine: after.engine - before.engine, cpu: map[string]time.Duration{}}
	for name, d := range after.cpu {
		b.cpu[name] = d - before.cpu[name] - time.Duration(idle[name]*float64(took))
	}
	for _, n := range numbers {
		h, err := tally.ReadHistory(ctx, s.engine, n)
		if err != nil {
			return b, err
		}
		b.events += len(h.Events)
		b.bytes += h.Bytes
		b.transitions += h.Transitions
		b.actions = b.actions.Plus(floor.CountActions(h.Events))
	}
	f.say("%-20s %d events", kind, b.events/b.n)
	b.kept, err = s.keeping(ctx, journeys)
	return b, err
}

// keeping ends tickets and says how many bytes Temporal's database has grown by when
// all that has to be kept of them waits in workflows of its own.
func (s *stand) keeping(ctx context.Context, journeys []*journey) (int64, error) {
	before, err := s.engineBytes(ctx)
	if err != nil {
		return 0, err
	}
	for _, j := range journeys {
		if err := j.solve(ctx); err != nil {
			return 0, err
		}
		err := await(ctx, 20*time.Second, func() (bool, error) {
			_, err := s.engine.DescribeWorkflowExecution(ctx, contract.RetentionID(ticket.Number(j.number)), "")
			var missing *serviceerror.NotFound
			if errors.As(err, &missing) {
				return false, nil
			}
			return err == nil, err
		})
		if err != nil {
			return 0, fmt.Errorf("keeping %s: %w", j.number, err)
		}
	}
	after, err := s.engineBytes(ctx)
	return after - before, err
}

// standing is everything that is counted, at one moment.
type standing struct {
	cpu          map[string]time.Duration
	rows         tally.Rows
	mails        int64
	desk, engine int64
}

// now counts, once the worker has chained the audit trail up to here.
func (s *stand) now(ctx context.Context, db *tally.Database) (st standing, err error) {
	err = await(ctx, time.Minute, func() (bool, error) {
		rows, err := db.Rows(ctx)
		return rows.Chained(), err
	})
	if err != nil {
		return st, fmt.Errorf("chaining the audit trail: %w", err)
	}
	if st.rows, err = db.Rows(ctx); err == nil {
		st.desk, err = db.Bytes(ctx)
	}
	if err == nil {
		st.mails, err = s.office.inbox.count(ctx)
	}
	if err == nil {
		st.cpu, err = s.cpuNow()
	}
	if err == nil {
		st.engine, err = s.engineBytes(ctx)
	}
	return st, err
}

// engineBytes is how large the embedded Temporal's database is; 0 where Temporal is
// elsewhere.
func (s *stand) engineBytes(ctx context.Context) (int64, error) {
	if s.DataDir == "" {
		return 0, nil
	}
	db, err := tally.Open("sqlite:" + filepath.Join(s.DataDir, "temporal.db"))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	return db.Bytes(ctx)
}

// idle is which part of a processor each process uses when nobody asks anything of
// it.
func (s *stand) idle(ctx context.Context) (map[string]float64, error) {
	const look = 2 * time.Second
	before, err := s.cpuNow()
	if err != nil {
		return nil, err
	}
	select {
	case <-time.After(look):
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	after, err := s.cpuNow()
	part := map[string]float64{}
	for name, d := range after {
		part[name] = float64(d-before[name]) / float64(look)
	}
	return part, err
}

func costTables(kinds []ticket.Kind, bills map[ticket.Kind]bill) string {
	per := report.NewTable("each ticket, to its answer", "#events", "#state transitions", "#actions", "#history, bytes", "#mails", "#rows kept", "#rows for a day at most",
		"#desk's database, bytes", "#Temporal's, bytes", "#Temporal's afterwards, to close and keep it")
	work := newWork(kinds, bills)
	kindsOf := report.NewTable("actions", "#started", "#activities", "#local activities", "#timers", "#updates", "#search attributes", "#all")
	rows := report.NewTable(header(kinds)...)
	tables := map[string]bool{}
	for _, kind := range kinds {
		b := bills[kind]
		kept, short := b.rows.Sum()
		each := func(n int64) float64 { return report.Each(float64(n), b.n) }
		per.Row(kind, each(int64(b.events)), each(b.transitions), each(int64(b.actions.Total())), each(b.bytes), each(b.mails), each(kept), each(short),
			known(each(b.desk)), known(each(b.engine)), known(each(b.kept)))
		work.row(kind, b)
		a := b.actions
		kindsOf.Row(kind, each(int64(a.Starts)), each(int64(a.Activities)), each(int64(a.Locals)), each(int64(a.Timers)), each(int64(a.Updates)),
			each(int64(a.Upserts)), each(int64(a.Total())))
		for table := range b.rows {
			tables[table] = true
		}
	}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		cells := []any{table}
		for _, kind := range kinds {
			cells = append(cells, report.Each(float64(bills[kind].rows[table]), bills[kind].n))
		}
		rows.Row(cells...)
	}
	return strings.Join([]string{per.String(), work.table.String(), kindsOf.String(), rows.String()}, "\n")
}

// known is a figure, or a dash where nothing was counted: a database that runs elsewhere
// does not say how large it is, or says it late.
func known(figure float64) any {
	if figure == 0 {
		return "–"
	}
	return figure
}

// work is the table of the processor time, with a column for each sort of process that
// was watched.
type work struct {
	names []string
	table *report.Table
}

func newWork(kinds []ticket.Kind, bills map[ticket.Kind]bill) work {
	var w work
	header := []string{"each ticket, CPU ms"}
	for _, sort := range sorts {
		if slices.ContainsFunc(kinds, func(k ticket.Kind) bool { return bills[k].cpu[sort.name] != 0 }) {
			w.names, header = append(w.names, sort.name), append(header, "#"+sort.words)
		}
	}
	w.table = report.NewTable(append(header, "#all")...)
	return w
}

func (w work) row(kind ticket.Kind, b bill) {
	cells, sum := []any{kind}, 0.0
	for _, name := range w.names {
		ms := report.Each(float64(b.cpu[name])/float64(time.Millisecond), b.n)
		cells, sum = append(cells, ms), sum+ms
	}
	w.table.Row(append(cells, known(sum))...)
}

func header(kinds []ticket.Kind) []string {
	names := []string{"rows"}
	for _, k := range kinds {
		names = append(names, fmt.Sprint("#", k))
	}
	return names
}
