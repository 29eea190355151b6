package ticket

import (
	"slices"
	"strings"
)

// Queue names tickets of one sort: a kind ("info_correction"), or one category
// of complaints ("complaint.security_incident").
type Queue string

// QueueOf is the narrowest queue that holds tickets of this sort.
func QueueOf(k Kind, c Category) Queue {
	if c == "" {
		return Queue(k)
	}
	return Queue(string(k) + "." + string(c))
}

// AllQueues lists the queues there are.
func AllQueues() []Queue {
	var out []Queue
	for _, k := range Kinds() {
		out = append(out, QueueOf(k, ""))
	}
	for _, c := range Categories() {
		out = append(out, QueueOf(Complaint, c))
	}
	return out
}

// Parts are the kind, and the category if the queue is of one.
func (q Queue) Parts() (Kind, Category) {
	k, c, _ := strings.Cut(string(q), ".")
	return Kind(k), Category(c)
}

// Queues are those a member of staff is limited to; none is no limit.
type Queues []Queue

// ParseQueues reads names of queues. One that is unknown makes all of them
// unreadable: a limit misspelt must not become none.
func ParseQueues(names []string) (Queues, bool) {
	var out Queues
	for _, name := range names {
		q, ok := ParseOne(strings.TrimSpace(name), AllQueues())
		if !ok {
			return nil, false
		}
		if !slices.Contains(out, q) {
			out = append(out, q)
		}
	}
	slices.Sort(out)
	return out, true
}

// Hold reports whether tickets of this sort are in one of the queues.
func (qs Queues) Hold(k Kind, c Category) bool {
	return len(qs) == 0 || slices.Contains(qs, QueueOf(k, "")) || slices.Contains(qs, QueueOf(k, c))
}

// Of are the queues that limit a role: leads and those above, and whoever only
// looks, see every queue.
func (qs Queues) Of(r Role) Queues {
	if r != Agent {
		return nil
	}
	return qs
}

// String joins the names with commas.
func (qs Queues) String() string {
	names := make([]string, len(qs))
	for i, q := range qs {
		names[i] = string(q)
	}
	return strings.Join(names, ",")
}
