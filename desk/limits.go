package desk

import (
	"context"
	"time"

	"rightsdesk/ticket"
)

// limit is how often something may be tried under one key. The counts stand in
// the database, so that they hold across processes; the keys are stored hashed.
type limit struct {
	name   string
	max    int
	window time.Duration
}

var (
	limitActs  = limit{"act", 30, time.Hour}   // acts on one ticket
	limitWords = limit{"words", 20, time.Hour} // messages on one ticket

	limitCodeTicket  = limit{"code-ticket", 10, 10 * time.Minute}
	limitCodeNetwork = limit{"code-network", 60, 10 * time.Minute}

	limitLinkTicket  = limit{"link-ticket", 5, time.Hour}
	limitLinkContact = limit{"link-contact", 5, time.Hour}
	limitLinkNetwork = limit{"link-network", 30, time.Hour}
)

// allow counts one try, and refuses it in words when there were too many.
func (d *Desk) allow(ctx context.Context, l limit, key string) error {
	ok, retryAt, err := d.store.Allow(ctx, l.name+"/"+key, l.max, l.window, d.now())
	if err != nil || ok {
		return err
	}
	return ticket.Refuse(CodeTooManyTries, "retry_at", retryAt.Format(time.RFC3339))
}
