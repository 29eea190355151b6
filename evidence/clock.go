package evidence

import (
	"fmt"
	"time"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// added sums up how long the clock ran and stood, until a time.
func added(c Clock, until time.Time) Clock {
	c.Until, c.Ran, c.Stood = time.Time{}, 0, 0
	if len(c.Entries) == 0 {
		return c
	}
	c.Until = until
	if last := c.Entries[len(c.Entries)-1].At; last.After(until) {
		c.Until = last
	}
	for i, e := range c.Entries {
		end := c.Until
		if i+1 < len(c.Entries) {
			end = c.Entries[i+1].At
		}
		if took := end.Sub(e.At).Microseconds(); e.Running {
			c.Ran += took
		} else {
			c.Stood += took
		}
	}
	return c
}

// check says what is wrong with a clock of a ticket.
func (c Clock) check(number ticket.Number) error {
	previous := ClockEntry{}
	for _, e := range c.Entries {
		switch {
		case e.Seq != previous.Seq+1:
			return fmt.Errorf("ledger entry %d stands behind %d: entries are missing, moved or inserted", e.Seq, previous.Seq)
		case e.Digest(number, previous.Hash) != e.Hash:
			return fmt.Errorf("ledger entry %d or the one before was changed: its hash is not that of what it says", e.Seq)
		case e.At.Before(previous.At):
			return fmt.Errorf("ledger entry %d is earlier than the one before", e.Seq)
		}
		previous = e
	}
	again := added(c, c.Until)
	if c.Until != again.Until || c.Ran != again.Ran || c.Stood != again.Stood {
		return fmt.Errorf("the clock's intervals don't add up: it ran for %s and stood for %s", took(again.Ran), took(again.Stood))
	}
	if len(c.Entries) > 0 && c.Ran+c.Stood != c.Until.Sub(c.Entries[0].At).Microseconds() {
		return fmt.Errorf("the clock's intervals don't add up to the time from its first entry")
	}
	return nil
}

func took(microseconds int64) time.Duration { return time.Duration(microseconds) * time.Microsecond }

// approvals finds the entries of a trail by which somebody stood for a decision.
func approvals(trail []Entry) []Approval {
	found := []Approval{}
	for _, e := range trail {
		switch e.Act {
		case contract.ActDecided, contract.ActApproved, contract.ActApprovalRefused, contract.ActTaskTicked:
			found = append(found, Approval{Seq: e.Seq, Act: e.Act, Agent: e.Agent, At: e.At})
		}
	}
	return found
}
