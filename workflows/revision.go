package workflows

// Revision counts the changes of the procedures. A worker tells Temporal its
// revision as its build id, so that a ticket's next step goes to a worker that
// knows the newest procedure, and never back to one that doesn't.
//
// Every kind of workflow moves on with the revision (it "auto-upgrades"): a ticket
// may live a year, and the program that began it should not have to. Where a
// running ticket would take another path than its history says, the change stands
// behind workflow.GetVersion, is listed in changes, and raises the revision by one.
const Revision = 1

// changes are those that running tickets have to be told of, by the id under which
// histories know them, with the revision that brought them.
var changes = map[string]int{
	"undoing-on-record":      1, // how far a correction is undone is on record step by step
	"withdrawn-when-stopped": 1, // staff are told of services that were stopped by the time of a withdrawal
}
