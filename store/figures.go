package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"rightsdesk/ticket"
)

// OpenFigure is how many open tickets of a kind stand at a stage.
type OpenFigure struct {
	Kind       ticket.Kind
	Stage      ticket.Stage
	Tickets    int
	Unassigned int
	Overdue    int   // their deadline has passed
	Due        []int // not overdue, and due by each of the horizons asked for
}

// OpenFigures counts the open tickets that are pinned to some policies (none
// named: to any). It reads an index alone, so that it stays cheap with many open
// tickets among many more.
func (s *Store) OpenFigures(ctx context.Context, digests []string, now time.Time, horizons []time.Time) ([]OpenFigure, error) {
	at := instantOf(now)
	columns := []string{"kind", "stage", "COUNT(*)", "COUNT(CASE WHEN assignee = '' THEN 1 END)", "COUNT(CASE WHEN reply_due < ? THEN 1 END)"}
	values := []any{at}
	for _, h := range horizons {
		columns = append(columns, "COUNT(CASE WHEN reply_due >= ? AND reply_due <= ? THEN 1 END)")
		values = append(values, at, instantOf(h))
	}
	query := s.read(ctx).Model(&ticketRow{}).Where("open = ?", true)
	if len(digests) > 0 {
		query = query.Where("policy_digest IN ?", digests)
	}
	const doing = "counting open tickets"
	rows, err := query.Select(strings.Join(columns, ", "), values...).Group("kind, stage").Rows()
	if err != nil {
		return nil, failed(doing, err)
	}
	defer rows.Close()
	var out []OpenFigure
	for rows.Next() {
		f := OpenFigure{Due: make([]int, len(horizons))}
		to := []any{&f.Kind, &f.Stage, &f.Tickets, &f.Unassigned, &f.Overdue}
		for i := range f.Due {
			to = append(to, &f.Due[i])
		}
		if err := rows.Scan(to...); err != nil {
			return nil, failed(doing, err)
		}
		out = append(out, f)
	}
	return out, failed(doing, rows.Err())
}

// WaitingFigure is how much waits, and since when the oldest of it.
type WaitingFigure struct {
	Count  int
	Oldest time.Time // zero: nothing waits
}

// WaitingDeliveries says what Temporal has not been told yet, by what it is.
func (s *Store) WaitingDeliveries(ctx context.Context) (map[DeliveryOp]WaitingFigure, error) {
	var rows []struct {
		Op  DeliveryOp
		N   int
		IDs int64 `gorm:"column:oldest"`
	}
	const doing = "counting pending deliveries"
	err := s.read(ctx).Model(&deliveryRow{}).Where("pending = ?", true).
		Select("op, COUNT(*) AS n, MIN(id) AS oldest").Group("op").Find(&rows).Error
	if err != nil {
		return nil, failed(doing, err)
	}
	out := map[DeliveryOp]WaitingFigure{}
	for _, r := range rows {
		var oldest deliveryRow // the lowest id came first; SQLite knows no type for MIN of a time
		if err := s.read(ctx).Select("created_at").Take(&oldest, "id = ?", r.IDs).Error; err != nil {
			return nil, failed(doing, err)
		}
		out[r.Op] = WaitingFigure{r.N, oldest.CreatedAt.time()}
	}
	return out, nil
}

// WaitingMails says which letters the mail server has neither accepted nor
// refused yet.
func (s *Store) WaitingMails(ctx context.Context) (WaitingFigure, error) {
	const doing = "counting pending mails"
	var n int64
	if err := s.read(ctx).Model(&mailRow{}).Where("status = ?", MailPending).Count(&n).Error; err != nil || n == 0 {
		return WaitingFigure{}, failed(doing, err)
	}
	var oldest []mailRow
	err := s.read(ctx).Select("queued_at").Where("status = ?", MailPending).Order("queued_at").Limit(1).Find(&oldest).Error
	figure := WaitingFigure{Count: int(n)}
	if len(oldest) > 0 {
		figure.Oldest = oldest[0].QueuedAt.time()
	}
	return figure, failed(doing, err)
}

// Unchained counts the audit entries that wait to be chained over all tickets:
// those behind the last one chained, and those that came late among the
// entries shortly before it.
func (s *Store) Unchained(ctx context.Context) (int, error) {
	total := 0
	for _, t := range trails() {
		var last, n int64
		err := s.read(ctx).Model(&chainRow{}).Where("trail = ?", t).Select("COALESCE(MAX(entry), 0)").Scan(&last).Error
		if err == nil {
			err = s.read(ctx).Table(string(t)+" AS entries").Where("entries.id > ?", last-lookBack).
				Where(fmt.Sprintf("NOT EXISTS (SELECT 1 FROM %s c WHERE c.trail = ? AND c.entry = entries.id)", chainRow{}.TableName()), t).
				Count(&n).Error
		}
		if err != nil {
			return 0, failed("counting unchained audit entries", err)
		}
		total += int(n)
	}
	return total, nil
}

// PoolFigures are the connections to the database.
type PoolFigures struct {
	Open, InUse, Idle int
	Waited            time.Duration // for a free connection, since the start, by all who waited
}

// Pool says how the connections stand. It asks nothing of the database.
func (s *Store) Pool() PoolFigures {
	p := s.pool.Stats()
	return PoolFigures{Open: p.OpenConnections, InUse: p.InUse, Idle: p.Idle, Waited: p.WaitDuration}
}
