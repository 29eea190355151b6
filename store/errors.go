package store

import "errors"

var (
	// ErrNotFound: there is no such thing.
	ErrNotFound = errors.New("not found")
	// ErrUnavailable: the database can't be reached or takes no writes now.
	ErrUnavailable = errors.New("database unavailable")
	// ErrOldSchema: the tables are older than this program.
	ErrOldSchema = errors.New("the database's tables are older than this program: run `rightsdesk migrate`")
	// ErrPurged: the ticket's personal data has been destroyed.
	ErrPurged = errors.New("purged")
	// ErrLocked: the ticket's personal data is locked away; see OpenRetained.
	ErrLocked = errors.New("locked away")
	// ErrExists: the name or number is taken.
	ErrExists = errors.New("exists already")
	// ErrTooManyFiles: the form has as many files as it may have.
	ErrTooManyFiles = errors.New("too many files")
	// ErrConflict: the same idempotency key came with another request.
	ErrConflict = errors.New("idempotency key used for another request")
	// ErrInProgress: the same request is being worked on.
	ErrInProgress = errors.New("request in progress")
	// ErrDraftSent: the words were sent before the draft of them came.
	ErrDraftSent = errors.New("sent already")
	// ErrBehind: the ticket's workflow stands where the ticket stood earlier.
	ErrBehind = errors.New("the workflow is behind the database")
	// ErrChanged: the ticket has changed since it was looked at.
	ErrChanged = errors.New("changed meanwhile")
	// ErrForeignEntry: a ticket's trail has an entry that the desk did not write.
	ErrForeignEntry = errors.New("the trail has an entry that the desk did not write: run `rightsdesk audit verify`")
	// ErrBadCursor: the cursor is not one of ours.
	ErrBadCursor = errors.New("unreadable cursor")
)

// IsUnavailable reports that err is for want of the database.
func IsUnavailable(err error) bool { return errors.Is(err, ErrUnavailable) }
