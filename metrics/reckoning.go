package metrics

import (
	"context"
	"fmt"
	"time"

	"rightsdesk/ticket"
)

// reckoning is how the days of some tickets are counted: those of all policies that
// have the same horizons now and whose clocks pause for the same kinds.
type reckoning struct {
	digests []string
	ends    []time.Time // the horizons as instants; none: the policy can't be read
	pausing string      // kinds whose clock waits while the person is asked
}

// reckonings asks the planner, which alone knows about deadlines, until when a
// deadline lies within each of the horizons, for every policy that tickets may be
// pinned to. Mostly that is one answer for all of them.
func (d *Database) reckonings(ctx context.Context, now time.Time) ([]reckoning, error) {
	refs, err := d.config.Store.PolicyRefs(ctx)
	if err != nil {
		return nil, err
	}
	var out []reckoning
	at := map[string]int{}
	for _, ref := range refs {
		r, err := d.reckoning(ctx, ref, now)
		if err != nil {
			return nil, err
		}
		key := fmt.Sprint(r.ends, r.pausing)
		i, known := at[key]
		if !known {
			i = len(out)
			at[key] = i
			out = append(out, r)
		}
		out[i].digests = append(out[i].digests, ref.Digest)
	}
	if len(out) == 0 {
		out = []reckoning{{}} // no ticket has ever been filed
	}
	return out, nil
}

// reckoning of a policy that can't be read has no horizons: its tickets are
// counted all the same.
func (d *Database) reckoning(ctx context.Context, ref ticket.PolicyRef, now time.Time) (reckoning, error) {
	policy, err := d.config.Planner.Policy(ctx, ref)
	if err != nil {
		return reckoning{}, ctx.Err()
	}
	r := reckoning{}
	for _, k := range ticket.Kinds() {
		if policy.Kinds[k].Clock == ticket.ClockPauses {
			r.pausing += " " + string(k)
		}
	}
	for _, n := range horizons {
		end, err := d.config.Planner.Horizon(ctx, ref, now, n)
		if err != nil {
			return reckoning{}, err
		}
		r.ends = append(r.ends, end)
	}
	return r, nil
}
