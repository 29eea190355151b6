package workflows_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/ticket"
)

// world is everything outside a workflow, in memory: it answers activities and
// remembers what it was asked. Deadlines and reminders are the real planner's.
type world struct {
	mu      sync.Mutex
	now     func() time.Time
	planner *deadline.Planner
	loaded  *schedules

	records  []recorded
	letters  []sent
	notices  []told
	acted    []actedOn
	kept     []contract.RetentionStart
	purged   []time.Time
	presence map[ticket.AgentID]time.Time
	tries    map[contract.Step]int

	keysAsked map[contract.Step]contract.AccountStep // under which the account system was asked; nil: not noted

	// how it answers; each may be changed by a story
	database  func() error                                               // nil: it is there
	post      func(contract.MailOrder, int) (contract.MailResult, error) // the nth try of a letter
	text      func(context.Context, contract.TextOrder) (contract.TextResult, error)
	account   func() (contract.AccountFound, error)                         // look-up
	obstacles func() (contract.ObstaclesFound, error)                       // what prevents a cancellation
	act       func(contract.AccountAct, int) (contract.AccountActed, error) // the nth try of a step
}

type recorded struct {
	at time.Time
	contract.Record
}

type sent struct {
	at time.Time // accepted or refused
	contract.MailOrder
	result contract.MailResult
}

type told struct {
	at time.Time
	contract.StaffNotice
}

type actedOn struct {
	at time.Time
	contract.AccountAct
	contract.AccountActed
}

func newWorld() *world {
	w := &world{loaded: &schedules{}, presence: map[ticket.AgentID]time.Time{}, tries: map[contract.Step]int{}}
	w.planner = deadline.NewPlanner(w.loaded, deadline.BuiltIn{})
	w.database = func() error { return nil }
	w.post = func(contract.MailOrder, int) (contract.MailResult, error) {
		return contract.MailResult{Accepted: w.now()}, nil
	}
	w.text = func(context.Context, contract.TextOrder) (contract.TextResult, error) {
		return contract.TextResult{Accepted: w.now()}, nil
	}
	w.account = func() (contract.AccountFound, error) { return contract.AccountFound{Found: true}, nil }
	w.obstacles = func() (contract.ObstaclesFound, error) { return contract.ObstaclesFound{}, nil }
	w.act = func(contract.AccountAct, int) (contract.AccountActed, error) {
		return contract.AccountActed{At: w.now()}, nil
	}
	return w
}

// away is the error of a counterpart that does not answer until a moment, and
// says so; nil from then on.
func (w *world) away(until string) error {
	left := moment(until).Sub(w.now())
	if left <= 0 {
		return nil
	}
	return temporal.NewApplicationErrorWithOptions("away", "away", temporal.ApplicationErrorOptions{NextRetryDelay: left})
}

// answer registers the world's activities under their names.
func (w *world) answer(env *testsuite.TestWorkflowEnvironment) {
	w.now = env.Now
	for name, do := range map[string]any{
		contract.ActivityPlanClock:      w.planner.PlanClock,
		contract.ActivityPlanWait:       w.planner.PlanWait,
		contract.ActivityNextMorning:    w.planner.NextMorning,
		contract.ActivityRecord:         w.record,
		contract.ActivityCheckPresence:  w.checkPresence,
		contract.ActivityPurgeRecords:   w.purgeRecords,
		contract.ActivityMailsInTheAir:  w.mailsInTheAir,
		contract.ActivitySendMail:       w.sendMail,
		contract.ActivitySendText:       w.text,
		contract.ActivityNotifyStaff:    w.notifyStaff,
		contract.ActivityLookUpAccount:  func(context.Context, contract.AccountRef) (contract.AccountFound, error) { return w.account() },
		contract.ActivityCheckObstacles: func(context.Context, contract.AccountRef) (contract.ObstaclesFound, error) { return w.obstacles() },
		contract.ActivityActOnAccount:   w.actOnAccount,
	} {
		env.RegisterActivityWithOptions(do, activity.RegisterOptions{Name: name})
	}
}

// record keeps a change as the store does: a revision that is there already
// changes nothing.
func (w *world) record(_ context.Context, r contract.Record) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.database(); err != nil {
		return err
	}
	if n := len(w.records); n > 0 && w.records[n-1].State.Rev >= r.State.Rev {
		return nil
	}
	w.records = append(w.records, recorded{w.now(), copied(r)})
	return nil
}

func (w *world) checkPresence(_ context.Context, in contract.CheckPresence) (contract.Presence, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return contract.Presence{Seen: w.presence[in.Agent]}, nil
}

func (w *world) purgeRecords(_ context.Context, in contract.PurgeRecords) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.purged = append(w.purged, in.At)
	return nil
}

// sendMail remembers the letter once it is accepted or refused for good.
func (w *world) sendMail(_ context.Context, o contract.MailOrder) (contract.MailResult, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if result, ok := w.settled(o.Step); ok {
		return result, nil
	}
	w.tries[o.Step]++
	result, err := w.post(o, w.tries[o.Step])
	if err == nil {
		w.letters = append(w.letters, sent{at: w.now(), MailOrder: o, result: result})
	}
	return result, err
}

func (w *world) notifyStaff(_ context.Context, n contract.StaffNotice) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notices = append(w.notices, told{w.now(), n})
	return nil
}

func (w *world) actOnAccount(_ context.Context, in contract.AccountAct) (contract.AccountActed, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.IndexFunc(w.acted, func(a actedOn) bool { return a.Key == in.Key }); i >= 0 && in.Act != contract.StepPurge {
		return w.acted[i].AccountActed, nil // it knows the key, and answers as it did first
	}
	w.tries[in.Key]++
	if w.keysAsked != nil {
		w.keysAsked[in.Key] = in.Act
	}
	acted, err := w.act(in, w.tries[in.Key])
	if err == nil {
		w.acted = append(w.acted, actedOn{w.now(), in, acted})
	}
	return acted, err
}

// refusedForGood is an error no retry can help with.
func refusedForGood() error {
	return temporal.NewNonRetryableApplicationError("refused", "account_system", nil)
}

// copied is a record as the database would keep it: later changes of the
// workflow's state don't reach it.
func copied(r contract.Record) (out contract.Record) {
	text, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		panic(err)
	}
	return out
}

// schedules is deadline.Schedules; a story loads another one in between.
type schedules struct {
	mu    sync.Mutex
	texts [][]byte
}

func (s *schedules) load(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.texts = append(s.texts, []byte(text))
}

func (s *schedules) Calendars(context.Context, string) ([][]byte, contract.CalendarVersion, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.texts, contract.CalendarVersion(len(s.texts)), nil
}

func (s *schedules) CalendarVersion(context.Context, string) (contract.CalendarVersion, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return contract.CalendarVersion(len(s.texts)), nil
}
