package desk

import (
	"context"
	"errors"
	"sync"
	"time"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// Courier takes to Temporal what could not be told at once: pending starts and
// the acts of people. Any number of couriers may run, in any process: each row
// is leased, and Temporal knows a delivery taken twice by its id.
type Courier struct {
	engine *engine
	beat   func()
	pace   pace
}

// pace is how a Courier divides its time.
type pace struct {
	look    time.Duration // between looks at an empty table
	most    time.Duration // longest wait while Temporal is away
	batch   int
	abreast int // deliveries under way at once
}

// NewCourier makes a Courier. It needs Store, Temporal and Planner of the Config.
func NewCourier(c Config) *Courier {
	c = c.withDefaults()
	return &Courier{
		engine: newEngine(c),
		beat:   c.Beat,
		pace:   pace{look: time.Second, most: 15 * time.Second, batch: 64, abreast: 8},
	}
}

// Run delivers until ctx ends. While Temporal or the database is away it tries
// ever less often, at least every 15 seconds.
func (c *Courier) Run(ctx context.Context) {
	wait := c.pace.look
	for ctx.Err() == nil {
		c.beat()
		n, err := c.Sweep(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			c.engine.log.Warn("deliveries wait", "retry_in", wait, "error", err)
			pause(ctx, wait)
			wait = min(2*wait, c.pace.most)
		case n == 0:
			wait = c.pace.look
			pause(ctx, wait)
		default: // what came behind these may be taken now
			wait = c.pace.look
		}
	}
}

// Sweep takes one batch of what is pending to Temporal and says how many rows
// it saw. An error says that Temporal or the database is away.
func (c *Courier) Sweep(ctx context.Context) (int, error) {
	rows, err := c.engine.store.PendingDeliveries(ctx, c.engine.now(), c.pace.batch)
	if err != nil {
		return 0, err
	}
	var (
		mu   sync.Mutex
		away error
		wg   sync.WaitGroup
	)
	turns := make(chan struct{}, c.pace.abreast)
	for _, route := range byTicket(rows) {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			if err := c.deliver(ctx, route); err != nil {
				mu.Lock()
				away = err
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return len(rows), away
}

// byTicket keeps what concerns one ticket in its order.
func byTicket(rows []store.Delivery) [][]store.Delivery {
	at := map[ticket.Number]int{}
	var routes [][]store.Delivery
	for _, row := range rows {
		i, ok := at[row.Number]
		if !ok || row.Number == "" {
			i = len(routes)
			at[row.Number] = i
			routes = append(routes, nil)
		}
		routes[i] = append(routes[i], row)
	}
	return routes
}

// deliver takes the rows of one ticket to Temporal, one after the other. What
// fails is put off, with all that comes after it.
func (c *Courier) deliver(ctx context.Context, rows []store.Delivery) error {
	for i, row := range rows {
		ctx, cancel := context.WithTimeout(ctx, carryTimeout)
		_, err := c.engine.carry(ctx, row)
		cancel()
		var refusal *ticket.Error
		if err == nil {
			continue
		}
		if errors.As(err, &refusal) {
			c.engine.log.Info("the workflow refused an act of the person", "ticket", row.Number, "act", row.Name, "code", refusal.Code)
			continue
		}
		c.engine.log.Warn("a delivery failed", "ticket", row.Number, "delivery", row.ID, "name", row.Name, "attempts", row.Attempts, "error", err)
		for _, later := range rows[i:] {
			c.putOff(ctx, later, err)
		}
		if IsUnavailable(err) {
			return err
		}
		return nil
	}
	return nil
}

// putOff says when a row is to be tried again: within 15 seconds while Temporal
// is away, ever later for one that it can't make sense of.
func (c *Courier) putOff(ctx context.Context, row store.Delivery, because error) {
	most := c.pace.most
	if !IsUnavailable(because) {
		most = 10 * time.Minute
	}
	wait := min(c.pace.look<<min(row.Attempts, 10), most)
	err := c.engine.store.DeliveryFailed(context.WithoutCancel(ctx), row.ID, c.engine.now().Add(wait))
	if err != nil {
		c.engine.log.Warn("putting a delivery off", "ticket", row.Number, "delivery", row.ID, "error", err)
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
