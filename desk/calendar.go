package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"

	"rightsdesk/calendar"
	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// rollout is the payload of a delivery that starts contract.WorkflowCalendarRollout.
type rollout struct {
	Name  string                `json:"name"`
	Start contract.RolloutStart `json:"start"`
}

func rolloutID(name string, v contract.CalendarVersion) string {
	return fmt.Sprintf("calendar-rollout-%s-%d", name, v)
}

// LoadCalendar adds a published schedule to a calendar and has the deadline of
// every open ticket computed anew, at once or as soon as Temporal is back. An
// error of the schedule names its line and the mend. After any other error,
// load it again: what is done twice changes nothing. Who may is seen to at the
// door (ticket.MayLoadCalendar).
func (d *Desk) LoadCalendar(ctx context.Context, name string, text []byte, by ticket.AgentID) (contract.CalendarVersion, error) {
	if !slices.Contains(calendar.Names(), name) {
		return 0, fmt.Errorf("no calendar is named %q; the names are %s", name, strings.Join(calendar.Names(), ", "))
	}
	if _, err := calendar.ParseSchedule(bytes.NewReader(text)); err != nil {
		return 0, err
	}
	version, err := d.store.LoadCalendar(ctx, name, text, by, d.now())
	if err != nil {
		return 0, fmt.Errorf("storing a schedule: %w", err)
	}
	payload, err := json.Marshal(rollout{Name: name, Start: contract.RolloutStart{Calendar: version}})
	if err != nil {
		return 0, err
	}
	delivery, err := d.store.AddDelivery(ctx, "", store.OpStart, contract.WorkflowCalendarRollout, payload)
	if err != nil {
		return 0, fmt.Errorf("the schedule is stored, its rollout is not; load it again: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.actBudget)
	defer cancel()
	if _, err := d.engine.carry(ctx, delivery); err != nil {
		d.log.Warn("the calendar's rollout waits for the courier", "calendar", name, "version", int(version), "error", err)
	}
	return version, nil
}

// WaitRollout waits until every open ticket has been visited. ErrEngineAway says
// that Temporal could not be asked before ctx ended; the rollout goes on all the
// same.
func (d *Desk) WaitRollout(ctx context.Context, name string, v contract.CalendarVersion) (contract.RolloutResult, error) {
	var result contract.RolloutResult
	for {
		err := d.engine.client.GetWorkflow(ctx, rolloutID(name, v), "").Get(ctx, &result)
		if err == nil {
			return result, nil
		}
		var pending *serviceerror.NotFound // not started yet
		if err = understood("waiting for a rollout", err); !errors.As(err, &pending) && !errors.Is(err, ErrEngineAway) {
			return result, err
		}
		select {
		case <-ctx.Done():
			return result, err
		case <-time.After(500 * time.Millisecond):
		}
	}
}
