package store

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"rightsdesk/ticket"
)

// QueueCounts are the figures over the queue. All count open tickets, but for
// Stuck: what can't be kept or purged is stuck too.
type QueueCounts struct {
	Open        int
	Mine        int
	Unassigned  int
	Overdue     int
	AtRisk      int
	Escalated   int
	Appeals     int
	Provisional int
	Starting    int `gorm:"column:unstarted"` // workflow not started yet
	Stuck       int

	AsOf time.Time `gorm:"-"` // when all but Mine were counted; zero: just now
}

// Counts counts the open tickets for the figures over the queue, or over some
// queues. A few thousand are counted at every look. Of more, a count is shared by
// everybody for a few seconds, and says so: how old it may be stands at figures.
// What is one's own is always counted.
func (s *Store) Counts(ctx context.Context, me ticket.AgentID, now time.Time, queues ...ticket.Queue) (QueueCounts, error) {
	const doing = "counting the queue"
	c, err := s.figures.of(ctx, ticket.Queues(queues).String(), func(ctx context.Context) (QueueCounts, error) {
		return s.count(ctx, now, queues)
	})
	if err != nil || me == ticket.Nobody {
		return c, failed(doing, err)
	}
	var mine int64
	err = within(s.read(ctx).Table(s.along("tickets_assignee")), queues).Where("assignee = ? AND open = ?", me, true).Count(&mine).Error
	c.Mine = int(mine)
	return c, failed(doing, err)
}

func (s *Store) count(ctx context.Context, now time.Time, queues ticket.Queues) (QueueCounts, error) {
	var c QueueCounts
	at := instantOf(now)
	err := within(s.read(ctx).Table(s.along("tickets_queue")), queues).Where("open = ?", true).Select(
		"COUNT(*) AS open, COUNT(CASE WHEN assignee = '' THEN 1 END) AS unassigned, COUNT(CASE WHEN reply_due < ? THEN 1 END) AS overdue, "+
			"COUNT(CASE WHEN sla = ? AND reply_due >= ? THEN 1 END) AS at_risk, COUNT(CASE WHEN escalation > 0 THEN 1 END) AS escalated, "+
			"COUNT(CASE WHEN appealed THEN 1 END) AS appeals, COUNT(CASE WHEN provisional THEN 1 END) AS provisional, "+
			"COUNT(CASE WHEN unstarted THEN 1 END) AS unstarted",
		at, ticket.AtRisk, at).Scan(&c).Error
	if err != nil {
		return c, err
	}
	var stuck int64
	err = within(s.read(ctx).Table("tickets"), queues).Where("number IN (SELECT number FROM troubles)").Count(&stuck).Error
	c.Stuck = int(stuck)
	return c, err
}

// figures keep what was counted over large queues: it takes as long as there are
// tickets to count, and is asked for with every page of the queue.
type figures struct {
	many  int           // so many tickets are counted at every look
	fresh time.Duration // so old a count is shown as it is
	stale time.Duration // and up to so old while it is made anew; an older one never
	now   func() time.Time

	mu    sync.Mutex
	kept  map[string]QueueCounts // by the queues they are over
	under singleflight.Group
}

func newFigures() *figures {
	return &figures{many: 2000, fresh: 5 * time.Second, stale: 15 * time.Second, now: time.Now, kept: map[string]QueueCounts{}}
}

// countTime bounds a count that nobody waits for.
const countTime = time.Minute

// of gives the figures over some queues: those that are kept, or what count says.
func (f *figures) of(ctx context.Context, queues string, count func(context.Context) (QueueCounts, error)) (QueueCounts, error) {
	f.mu.Lock()
	kept, known := f.kept[queues]
	f.mu.Unlock()
	if !known { // unknown, or few: what somebody did a moment ago is in it
		return f.keep(ctx, queues, count)
	}
	age := f.now().Sub(kept.AsOf)
	if age <= f.fresh {
		return kept, nil
	}
	anew := f.under.DoChan(queues, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), countTime)
		defer cancel()
		return f.keep(ctx, queues, count)
	})
	if age <= f.stale {
		return kept, nil
	}
	select {
	case done := <-anew:
		c, _ := done.Val.(QueueCounts)
		return c, done.Err
	case <-ctx.Done():
		return QueueCounts{}, ctx.Err()
	}
}

// keep counts, and keeps the count if it was of many tickets.
func (f *figures) keep(ctx context.Context, queues string, count func(context.Context) (QueueCounts, error)) (QueueCounts, error) {
	begun := f.now()
	c, err := count(ctx)
	if err != nil {
		return c, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.Open <= f.many {
		delete(f.kept, queues)
		return c, nil
	}
	c.AsOf = begun
	f.kept[queues] = c
	return c, nil
}
