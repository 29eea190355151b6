// Package manytickets fills an empty desk with as many tickets as are asked for, in
// minutes, for tests and benchmarks of a desk that has been in use for years. It is
// no way into a desk that people use: it writes rows, and no workflow has made them.
//
// What it writes is what the desk itself would have written: data keys wrapped under
// the vault, contents and messages sealed in their places, contacts as keyed hashes,
// each ticket's audit trail and ledger chained and sealed. store.VerifyAudit finds
// nothing wrong with it. Left out is the chain over all tickets (audit_chain): a
// worker makes it, as it does of everything that was written lately. Left out too
// are files, notes and proofs.
package manytickets

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"rightsdesk/seal"
	"rightsdesk/ticket"
)

// Desk is what to fill a database with. The same Desk gives the same tickets, but
// for what is sealed.
type Desk struct {
	Tickets int
	Open    int              // so many of the newest
	Until   time.Time        // the newest was received then, the oldest three years before
	Agents  []ticket.AgentID // among whom the tickets are spread; they are not made
	Policy  *ticket.Policy   // of all tickets; its text must be stored already
}

// How a Desk is spread out.
const (
	years    = 3
	surge    = 26 * 24 * time.Hour // most open tickets were received within so long
	term     = 21 * 24 * time.Hour // from receipt to deadline: about 15 working days
	busyOne  = 997                 // of so many tickets one is of the same company
	visitors = 5                   // so many tickets are of four persons
)

// Fill writes the tickets of the desk to the database at dsn, an address as
// store.Open takes it, which store.Migrate has made ready and which holds no ticket.
// It tells of its progress if asked to. The database's statistics are made anew at
// the end, as both databases do by themselves in the course of time.
func (d Desk) Fill(ctx context.Context, dsn string, vault *seal.Vault, progress func(done int)) error {
	if d.Tickets < 1 || d.Open < 0 || d.newest() > d.Tickets || len(d.Agents) == 0 || d.Policy == nil {
		return fmt.Errorf("filling a desk: of %d tickets at most two thirds can be open, and agents and a policy are needed", d.Tickets)
	}
	w, err := open(dsn)
	if err != nil {
		return fmt.Errorf("filling a desk: %w", err)
	}
	defer w.close()
	if progress == nil {
		progress = func(int) {}
	}
	if err := d.write(ctx, w, vault, progress); err != nil {
		return fmt.Errorf("filling a desk: %w", err)
	}
	return w.analyse(ctx)
}

// newest is among how many of the newest tickets two of three are open.
func (d Desk) newest() int { return (d.Open*3 + 1) / 2 }

// isOpen reports whether ticket i, counted from the oldest, is open.
func (d Desk) isOpen(i int) bool {
	back := d.Tickets - 1 - i // 0 is the newest
	return back < d.newest() && back%3 != 2
}

// received is when ticket i was received: the newest within the last weeks, the
// others evenly over the years.
func (d Desk) received(i int) time.Time {
	old := d.Tickets - d.newest()
	begin, span, at, of := d.Until.AddDate(-years, 0, 0), time.Duration(0), i, max(old, 1)
	span = d.Until.Add(-surge).Sub(begin)
	if i >= old {
		begin, span, at, of = d.Until.Add(-surge), surge, i-old, d.newest()
	}
	return begin.Add(time.Duration(float64(span) * (float64(at) + 0.5) / float64(of))).UTC().Truncate(time.Microsecond)
}

// shanghai is where the days of ticket numbers are counted.
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// Number is the number of ticket i, counted from the oldest.
func (d Desk) Number(i int) ticket.Number {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	bits := d.dice(i, 1).Uint64()
	var tail [8]byte
	for k := range tail {
		tail[k] = letters[bits>>(5*k)&31]
	}
	return ticket.Number("DSR-" + d.received(i).In(shanghai).Format("20060102") + "-" + string(tail[:]))
}

// person says whose ticket i is. Some people come again, and one company often.
func (d Desk) person(i int) int {
	switch {
	case i%busyOne == 0:
		return 0
	case i%visitors == 0:
		return i - 1
	}
	return i
}

// Email is the address given in the form of ticket i.
func (d Desk) Email(i int) string { return fmt.Sprintf("person%d@mail.example", d.person(i)) }

func (d Desk) phone(i int) string   { return fmt.Sprintf("+86138%08d", d.person(i)) }
func (d Desk) account(i int) string { return fmt.Sprintf("account%d", d.person(i)) }

// dice throws for one thing about ticket i.
func (d Desk) dice(i int, about uint64) *rand.Rand { return rand.New(rand.NewPCG(uint64(i), about)) }
