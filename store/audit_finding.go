package store

import "rightsdesk/ticket"

// AuditWrong is what is wrong with an entry of the trail or a link of the chain
// over all tickets.
type AuditWrong string

const (
	AuditChanged    AuditWrong = "changed"    // it, or the hash of the one before, is not what was hashed
	AuditForged     AuditWrong = "forged"     // the desk did not write it, or its hash was changed
	AuditMissing    AuditWrong = "missing"    // entries before this one are gone
	AuditInserted   AuditWrong = "inserted"   // it has another entry's place
	AuditRemoved    AuditWrong = "removed"    // it was chained, and is gone
	AuditReplaced   AuditWrong = "replaced"   // it is not what was chained under its id
	AuditUnreadable AuditWrong = "unreadable" // a field holds what can't stand there
	AuditNoTrail    AuditWrong = "no_trail"   // the ticket has no entry at all
	AuditNoTicket   AuditWrong = "no_ticket"  // the entry's ticket is gone
	LinkChanged     AuditWrong = "link"       // a link of the chain over all tickets was changed
	LinksMissing    AuditWrong = "links"      // links before this one are gone
	HeadChanged     AuditWrong = "head"       // the chain does not end where its head says
	HeadCutOff      AuditWrong = "cut_off"    // the chain ends before the head that was kept
	HeadRewritten   AuditWrong = "rewritten"  // the chain has another hash where the head was kept
)

// AuditFinding names what is wrong.
type AuditFinding struct {
	Wrong    AuditWrong
	Number   ticket.Number // of the ticket; empty: of none
	Ledger   bool          // an entry of the clock's ledger, not of the trail
	Entry    int64         // id; 0: none
	Seq      int64         // place within the ticket; 0: none
	Position int64         // in the chain over all tickets; 0: none
	Count    int64         // how many are missing before it
}

// AuditReport says what was looked at.
type AuditReport struct {
	Tickets  int64 // with a trail
	Entries  int64 // of the trail
	Ledger   int64 // lines of the clocks' ledgers
	Waiting  int64 // not yet in the chain over all tickets
	Adopted  int64 // written by an earlier release and chained afterwards
	Findings int64
	Head     AuditHead
}
