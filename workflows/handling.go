// Package workflows is the procedures of the desk: one file per kind of ticket
// that reads like the clause it carries out, and one per step they share. A
// ticket is one workflow from receipt to its end; what is kept afterwards is a
// second one, Retention.
//
// Nothing here does I/O. Every change of a ticket goes through handling.change:
// it is made under a lock, recorded in the database by one local activity, and
// shown to managers in the Temporal UI.
package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/workflow"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// handling is one ticket in the hands of the desk.
type handling struct {
	ctx   workflow.Context
	start contract.Start
	s     contract.State
	lock  workflow.Mutex
	log   log.Logger

	// gathered by a change, written by its commit
	events []contract.Event
	ledger []contract.LedgerEntry
	mails  []contract.MailOrder
	texts  []contract.TextOrder
	notice []contract.StaffNotice

	ended      *ending // set when something ends the ticket from outside its procedure
	sending    int     // mails and notices on their way
	dispatched []contract.Step
	mailed     map[contract.Step]contract.MailResult
	extend     bool // an extension's notice is on its way, or has yet to be judged
	shown      shown
	clockRev   int // counts what the clock's coroutine must look at

	task      time.Time     // when Temporal began the task that is being carried out; see began
	length    int           // of the history then
	recorded  int64         // the last revision that is in the database
	recovered bool          // this run began from what the database had; see recovery.go
	leftover  contract.Step // the answer that the run before it sent
}

// ending says that the ticket has ended and how; procedures pass it on as an
// error.
type ending struct {
	stage   ticket.Stage
	outcome ticket.Outcome
	act     contract.Act
	actor   contract.Actor
	letter  contract.Letter
	said    bool // the act is on record already
}

func (e *ending) Error() string { return "ended: " + string(e.stage) }

// errTooLong says that the history has grown long and nothing is in the air: the
// run hands its state to the next one.
var errTooLong = errors.New("history is long: continue as new")

// errUnchanged says that there is nothing to change after all, and nothing to
// record.
var errUnchanged = errors.New("nothing to change")

// conduct runs a kind's procedure from receipt to its end. A ticket ends by its
// procedure alone: cancelling the workflow in the Temporal UI does nothing, and
// an error nobody foresaw fails the workflow's task, which is tried again until a
// release has mended it, rather than the ticket.
func conduct(ctx workflow.Context, start contract.Start, procedure func(*handling) error) error {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	t := open(ctx, start)
	if err := t.receive(); err != nil {
		return err
	}
	if !t.over() {
		if err := t.proceed(procedure); err != nil {
			return err
		}
	}
	if err := t.settleDown(); err != nil {
		return err
	}
	if err := t.beginRetention(); err != nil {
		return err
	}
	return t.settleDown()
}

// proceed runs the procedure to its end and records that.
func (t *handling) proceed(procedure func(*handling) error) error {
	err := procedure(t)
	for errors.Is(err, errTooLong) {
		if err := t.quiet(); err != nil {
			return err
		}
		if t.ended == nil && t.tooLong() {
			t.lock.TryLock(t.ctx) // and keeps it: nothing changes any more
			return t.continueAsNew()
		}
		err = procedure(t) // something has come up: go on here, and hand over later
	}
	end := &ending{stage: ticket.Closed, outcome: t.s.Outcome, act: contract.ActClosed, actor: contract.BySystem}
	if err != nil && !errors.As(err, &end) {
		panic(fmt.Sprintf("workflows: ticket %s met an error nobody foresaw: %v", t.start.Number, err))
	}
	t.ended = end // from here on nothing else is taken
	return t.finish(*end)
}

// open restores or begins the state, and begins what runs beside the procedure:
// the updates, the reply clock and the watch over claims.
func open(ctx workflow.Context, start contract.Start) *handling {
	t := &handling{
		ctx:    ctx,
		start:  start,
		lock:   workflow.NewMutex(ctx),
		log:    workflow.GetLogger(ctx),
		mailed: map[contract.Step]contract.MailResult{},
	}
	if start.Resume != nil {
		t.s = *start.Resume
		t.recorded = t.s.Rev
	} else {
		t.s = contract.State{Stage: ticket.Received, Awaiting: ticket.AwaitingSubject, Category: start.Category}
		t.s.Clock = contract.Clock{From: start.ReceivedAt, SLA: ticket.OnTrack}
	}
	t.recovered = start.Recovered
	t.task = start.Task
	t.start.Resume, t.start.Recovered, t.start.Task = nil, false, time.Time{}
	t.restoreEnding()
	t.acceptUpdates()
	t.answerQueries()
	return t
}

// receive records the receipt, starts the reply clock and sends the receipt
// mail, with the code in it where both go to the same address. A security incident is told to the privacy officer at once (clause 7.4).
func (t *handling) receive() error {
	switch {
	case t.recovered:
		if err := t.takeUp(); err != nil {
			return err
		}
	case t.received():
		t.show(t.ctx)
	default:
		err := t.change(t.ctx, func(ctx workflow.Context) error {
			if err := t.startClock(ctx, t.start.ReceivedAt, t.start.Terms.Deadline, ticket.ClockStarted); err != nil {
				return err
			}
			receipt := contract.MailOrder{Letter: contract.LetterReceipt, To: contract.ToTyped, Due: t.s.Clock.Due}
			if t.codeTo() == receipt.To {
				t.beginVerifying()
				receipt = t.withCode(receipt)
			}
			t.post(receipt)
			if t.s.Category == ticket.CategorySecurityIncident {
				t.alertPrivacyOfficer()
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	workflow.Go(t.ctx, t.runClock)
	workflow.Go(t.ctx, t.watchLease)
	return nil
}

// change makes one change of the ticket: do checks and mutates the state, then
// all of it is recorded in one transaction. do must refuse before it mutates; the
// lock is waited for, so it looks again at what it was called for.
func (t *handling) change(ctx workflow.Context, do func(ctx workflow.Context) error) error {
	if err := t.lock.Lock(ctx); err != nil {
		return err
	}
	defer t.lock.Unlock()
	t.began()
	if err := do(ctx); err != nil {
		t.events, t.ledger, t.mails, t.texts, t.notice = nil, nil, nil, nil, nil
		if errors.Is(err, errUnchanged) {
			return nil
		}
		return err
	}
	return t.commit(ctx)
}

func (t *handling) commit(ctx workflow.Context) error {
	t.s.Rev++
	record := contract.Record{Number: t.start.Number, State: t.s, Task: t.began(), Once: askedOnce(ctx), Events: t.events, Ledger: t.ledger, Mails: t.mails}
	mails, texts, notices := t.mails, t.texts, t.notice
	t.events, t.ledger, t.mails, t.texts, t.notice = nil, nil, nil, nil, nil
	if err := local(ctx, contract.ActivityRecord, gist(record), record, nil); err != nil {
		return err
	}
	t.recorded = record.State.Rev
	t.show(ctx)
	for _, order := range mails {
		t.dispatch(order)
	}
	for _, order := range texts {
		t.dispatchText(order)
	}
	for _, notice := range notices {
		t.notify(notice)
	}
	return nil
}

// began is when Temporal began the task that is being carried out, and never earlier
// than that of a task before. Now moves on within a task, with every local activity: a
// worker that was held still in one would seem to be later than whoever took its place.
func (t *handling) began() time.Time {
	if n := workflow.GetInfo(t.ctx).GetCurrentHistoryLength(); n != t.length || t.task.IsZero() {
		t.length = n
		if now := t.now(); now.After(t.task) {
			t.task = now
		}
	}
	return t.task
}

// stage moves the ticket and says whom it now waits for.
func (t *handling) stage(s ticket.Stage, awaiting ticket.Awaiting) {
	if t.s.Stage != s {
		t.event(contract.BySystem, ticket.Nobody, contract.ActStage, contract.Code(s), 0)
	}
	t.s.Stage, t.s.Awaiting = s, awaiting
}

// event adds an entry to the audit trail of this change.
func (t *handling) event(actor contract.Actor, agent ticket.AgentID, act contract.Act, code contract.Code, object int64) {
	t.events = append(t.events, contract.Event{
		At: t.now(), Actor: actor, Agent: agent, Act: act, Code: code, Object: object,
	})
}

// tooLong says that the run should hand over to the next one. Nothing may be in
// the air then: what a mail's or an extension's coroutine waits for is not in the
// state.
func (t *handling) tooLong() bool {
	return t.sending == 0 && !t.extend && workflow.GetInfo(t.ctx).GetContinueAsNewSuggested()
}

func (t *handling) continueAsNew() error {
	next := t.start
	next.Resume, next.Task = &t.s, t.task
	return workflow.NewContinueAsNewError(t.ctx, workflow.GetInfo(t.ctx).WorkflowType.Name, next)
}

// finish records the end and stops the clock.
func (t *handling) finish(end ending) error {
	return t.change(t.ctx, func(workflow.Context) error {
		if !end.said && t.s.Stage != end.stage { // silence after an answer has closed it already
			t.event(end.actor, ticket.Nobody, end.act, contract.Code(end.outcome), 0)
		}
		t.s.Outcome = end.outcome
		t.s.Lease = contract.Lease{Number: t.s.Lease.Number}
		t.s.Account.Manual, t.s.Asked, t.s.WaitingSince = nil, nil, time.Time{}
		if t.s.ClosedAt.IsZero() {
			t.s.ClosedAt = t.now()
		}
		t.stopClock(t.now(), true)
		t.stage(end.stage, ticket.AwaitingNobody)
		if end.letter != "" {
			t.post(contract.MailOrder{Letter: end.letter, To: contract.ToProved})
		}
		return nil
	})
}

// quiet waits until no change is being made.
func (t *handling) quiet() error {
	return workflow.Await(t.ctx, func() bool { return t.unlocked() && workflow.AllHandlersFinished(t.ctx) })
}

// settleDown waits for what is still in the air: changes, mails and notices.
func (t *handling) settleDown() error {
	return workflow.Await(t.ctx, func() bool {
		return t.sending == 0 && !t.extend && t.unlocked() && workflow.AllHandlersFinished(t.ctx)
	})
}

func (t *handling) now() time.Time { return workflow.Now(t.ctx) }
