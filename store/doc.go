// Package store keeps everything the desk must not lose, in MySQL or SQLite:
// tickets as projections of their workflows, what people wrote and uploaded, the
// audit trail, the clock's ledger, mails, codes, links, staff, and what still has
// to be told to Temporal.
//
// What is personal is sealed with a data key of its ticket before it reaches the
// database, and bound to its place (ticket, table, row), so that a stolen file
// says nothing and rows can't be swapped. Destroying the data key is the purge.
//
// All times are UTC with microseconds. A method that finds nothing returns
// ErrNotFound; one that can't reach the database returns ErrUnavailable; what
// was purged or locked away answers ErrPurged or ErrLocked. No error carries
// personal data or a secret. All methods may be called by many goroutines and
// many processes at once.
package store
