package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// errNoRepair: a person has to see to it.
var errNoRepair = errors.New("there is no repair for it; see docs/doctor.md")

// repair mends one finding. Each repair is made once, however often it is tried and
// from however many machines: store.ErrChanged says that the ticket is no longer as it
// was looked at.
//
// Where the workflow knows best it records itself anew, by an update whose id and
// revision make it one. Where the database knows best it is a transaction that counts
// the row's revision on, and then the workflow begins anew from it.
func (d *Doctor) repair(ctx context.Context, s sight, f Finding) error {
	made := store.Repair{Number: s.number, Drift: f.Drift, At: d.engine.now()}
	if s.row != nil {
		made.Seen = s.row.Rev
	}
	switch f.Drift {
	case contract.DriftWorkflowMissing, contract.DriftWorkflowEnded, contract.DriftWorkflowBehind:
		return d.restart(ctx, s, made)
	case contract.DriftWorkflowStray:
		return d.stop(ctx, s, made)
	case contract.DriftRetentionMissing:
		if err := d.engine.store.Repaired(ctx, made); err != nil {
			return err
		}
		return d.engine.keep(ctx, *s.keep)
	case contract.DriftTicketMissing:
		return d.fileAgain(ctx, s, made)
	case contract.DriftDatabaseBehind:
		return d.bringUp(ctx, s)
	case contract.DriftProjection:
		if !s.own.running() {
			return d.engine.store.Repaired(ctx, made)
		}
		return d.recordAnew(ctx, s, contract.Repair{Drift: f.Drift})
	case contract.DriftFacts:
		return d.engine.store.RestoreFacts(ctx, made, s.standing.Start)
	case contract.DriftAttributes:
		return d.recordAnew(ctx, s, contract.Repair{Drift: f.Drift})
	case contract.DriftProofMissing:
		return d.recordAnew(ctx, s, contract.Repair{Drift: f.Drift, ProofsLost: s.row.LostProofs})
	case contract.DriftAccountMissing:
		return d.recordAnew(ctx, s, contract.Repair{Drift: f.Drift, AccountLost: true})
	case contract.DriftWordsMissing:
		return d.markLost(ctx, s)
	case contract.DriftMailStuck:
		return d.settleMails(ctx, s, made)
	case contract.DriftPurgeUndone:
		if err := d.engine.store.Repaired(ctx, made); err != nil {
			return err
		}
		return d.engine.store.Purge(ctx, s.number, d.engine.now())
	case contract.DriftLockMissing:
		if err := d.engine.store.Repaired(ctx, made); err != nil {
			return err
		}
		return d.lockAway(ctx, s.row.State, s.number)
	case contract.DriftCalendarBehind:
		// Under the id by which a rollout would have told it.
		_, err := d.update(ctx, s.number, contract.UpdateReplan, fmt.Sprintf("replan-%d", s.calendar),
			contract.Replan{Calendar: s.calendar, At: d.engine.now()})
		return err
	}
	return errNoRepair
}

// restart begins the ticket's workflow anew from its row, in place of the run that is
// behind, if there is one.
func (d *Doctor) restart(ctx context.Context, s sight, made store.Repair) error {
	var instead store.Restart
	if s.own.running() {
		instead.Run = s.own.run
	}
	order := d.engine.store.OrderRestart
	if s.row.Rev == 0 {
		order = d.engine.store.OrderStart
	}
	delivery, err := order(ctx, made, instead)
	if err != nil {
		return err
	}
	return d.carry(ctx, delivery)
}

// stop ends the workflow of a ticket that has ended. What is left to do for it, a mail
// or its retention, is seen at the next look.
func (d *Doctor) stop(ctx context.Context, s sight, made store.Repair) error {
	if err := d.engine.store.Repaired(ctx, made); err != nil {
		return err
	}
	if err := d.engine.terminate(ctx, string(s.number), s.own.run); err != nil {
		return err
	}
	if s.row.PurgedAt.IsZero() {
		return nil
	}
	keeps, err := d.describe(ctx, contract.RetentionID(s.number))
	if err != nil || !keeps.running() {
		return err
	}
	return d.engine.terminate(ctx, contract.RetentionID(s.number), keeps.run)
}

// recordAnew has the workflow record itself, and with that its row say what it knows.
func (d *Doctor) recordAnew(ctx context.Context, s sight, r contract.Repair) error {
	if s.standing == nil {
		return errNoRepair
	}
	r.Rev = s.standing.Recorded
	_, err := d.update(ctx, s.number, contract.UpdateRepair, fmt.Sprintf("repair-%s-%d", r.Drift, r.Rev), r)
	return err
}

// bringUp brings a row up to its workflow. One that has ended records nothing any more:
// then its last state is recorded for it.
func (d *Doctor) bringUp(ctx context.Context, s sight) error {
	refiled, err := d.filedAgain(ctx, s)
	if err != nil {
		return err
	}
	if s.own.running() {
		r := contract.Repair{Drift: contract.DriftDatabaseBehind}
		if refiled {
			r = contract.Repair{Drift: contract.DriftTicketMissing, WordsLost: true}
		}
		return d.recordAnew(ctx, s, r)
	}
	st := s.standing.State
	st.WordsLost = st.WordsLost || refiled
	if err := d.engine.store.Record(ctx, contract.Record{Number: s.number, State: st}); err != nil {
		if errors.Is(err, store.ErrBehind) {
			return store.ErrChanged
		}
		return err
	}
	if st.Stage != ticket.Retained {
		return nil
	}
	return d.lockAway(ctx, st, s.number)
}

// filedAgain reports that the row was made by fileAgain and nothing has been recorded
// since: the words are lost, and the workflow does not know.
func (d *Doctor) filedAgain(ctx context.Context, s sight) (bool, error) {
	if s.row == nil || s.row.Rev != 0 {
		return false, nil
	}
	events, err := d.engine.store.Events(ctx, s.number)
	return slices.ContainsFunc(events, func(e contract.Event) bool {
		return e.Act == contract.ActRepaired && e.Code == contract.Code(contract.DriftTicketMissing)
	}), err
}

// fileAgain makes a row for a workflow that has none. At the next look the row is
// behind, and is brought up.
func (d *Doctor) fileAgain(ctx context.Context, s sight, made store.Repair) error {
	err := d.engine.store.FileLost(ctx, s.standing.Start, s.standing.State, made.At)
	if errors.Is(err, store.ErrExists) {
		return store.ErrChanged
	}
	if err != nil {
		return err
	}
	row, err := d.engine.store.SurveyOf(ctx, s.number)
	if err != nil {
		return err
	}
	s.row = &row
	return d.bringUp(ctx, s)
}

// markLost puts a message without words where the state names one that is gone.
func (d *Doctor) markLost(ctx context.Context, s sight) error {
	for _, id := range s.row.LostWords {
		err := d.engine.store.AddLostMessage(ctx, s.number, id, d.engine.now())
		if errors.Is(err, store.ErrExists) {
			if _, err := d.engine.store.Message(ctx, s.number, id); err == nil {
				continue // another doctor's
			}
			return fmt.Errorf("message %d is another ticket's by now", id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// settleMails enters what became of letters that nobody sends any more. What this run
// of the workflow has heard, it tells. What an earlier run ordered was settled when it
// handed over: how, nobody knows, and it counts as accepted.
func (d *Doctor) settleMails(ctx context.Context, s sight, made store.Repair) error {
	for _, step := range s.stuckMails() {
		result := contract.MailResult{Accepted: made.At}
		switch {
		case s.heard(step):
			result = s.standing.Letters[slices.IndexFunc(s.standing.Letters, func(l contract.Heard) bool { return l.Step == step })].Result
		case s.givenUp(step):
			result = contract.MailResult{Refused: true}
		}
		if err := d.engine.store.SettleMail(ctx, made, step, result); err != nil {
			return err
		}
	}
	return nil
}

// lockAway locks away what is retained, as the record of becoming so does.
func (d *Doctor) lockAway(ctx context.Context, st contract.State, number ticket.Number) error {
	account, err := d.engine.store.Account(ctx, number)
	switch {
	case errors.Is(err, store.ErrLocked), errors.Is(err, store.ErrPurged):
		return nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return err
	}
	return d.engine.store.LockAway(ctx, number, account.Kept, st.Account.KeptUntil)
}

func (d *Doctor) update(ctx context.Context, number ticket.Number, name, id string, args any) (contract.Done, error) {
	ctx, cancel := context.WithTimeout(ctx, carryTimeout)
	defer cancel()
	return d.engine.update(ctx, number, name, id, args)
}

func (d *Doctor) carry(ctx context.Context, delivery store.Delivery) error {
	ctx, cancel := context.WithTimeout(ctx, carryTimeout)
	defer cancel()
	_, err := d.engine.carry(ctx, delivery)
	return err
}
