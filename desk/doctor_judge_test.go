package desk

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

var lookedAt = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

func stateAt(rev int64) contract.State {
	return contract.State{Rev: rev, Stage: ticket.InProgress, Awaiting: ticket.AwaitingAgent, Assignee: "li.wei",
		Lease: contract.Lease{Number: 2, Holder: "li.wei", Until: lookedAt}, Counter: 4,
		Clock: contract.Clock{Due: lookedAt.AddDate(0, 0, 9), SLA: ticket.OnTrack, Escalation: 1}}
}

// seen is a ticket at work in which nothing differs.
func seen(rev int64, change ...func(*sight)) sight {
	st := stateAt(rev)
	s := sight{number: "DSR-20260302-7K3F9QXM", at: lookedAt, goesOn: true,
		row:      &store.Surveyed{Ticket: store.Ticket{Stage: st.Stage, Rev: rev, State: st, FiledAt: lookedAt.AddDate(0, 0, -9)}},
		standing: &contract.Standing{State: stateAt(rev), Recorded: rev},
		own: execution{run: "r", status: enums.WORKFLOW_EXECUTION_STATUS_RUNNING, shown: shown{stage: st.Stage, sla: st.Clock.SLA,
			due: st.Clock.Due, assignee: st.Assignee, escalation: 1}},
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

func workflowAt(rev int64) func(*sight) {
	return func(s *sight) { s.standing.State.Rev, s.standing.Recorded = rev, rev }
}

func committing(s *sight) { s.standing.Changing, s.standing.Recorded = true, s.standing.State.Rev-1 }

func unsettled(since time.Duration) func(*sight) {
	return func(s *sight) { s.row.Unsettled, s.row.TaskAt = s.row.Rev, lookedAt.Add(-since) }
}

func movedOnTo(rev int64) func(*sight) {
	return func(s *sight) { s.again = &store.Ticket{Rev: rev} }
}

func ended(s *sight) {
	s.goesOn, s.row.Stage, s.row.State.Stage = false, ticket.Withdrawn, ticket.Withdrawn
	s.row.ClosedAt = lookedAt.AddDate(0, 0, -1)
	s.standing, s.own.status = nil, enums.WORKFLOW_EXECUTION_STATUS_COMPLETED
	s.keep = &contract.RetentionStart{}
	s.retention.status = enums.WORKFLOW_EXECUTION_STATUS_RUNNING
}

func unsent(step contract.Step, age time.Duration) func(*sight) {
	return func(s *sight) {
		s.row.Pending = append(s.row.Pending, store.Mail{Step: step, QueuedAt: lookedAt.Add(-age)})
	}
}

func TestADoctorTellsAChangeFromADrift(t *testing.T) {
	terminated := func(s *sight) { s.own.status = enums.WORKFLOW_EXECUTION_STATUS_TERMINATED }
	for name, row := range map[string]struct {
		sight sight
		want  []contract.Drift
	}{
		"all is well": {seen(5), nil},
		"a holder who is still there, and numbers that were given": {seen(5, func(s *sight) {
			s.standing.State.Lease.Until, s.standing.State.Counter = lookedAt.Add(time.Hour), 9
		}), nil},
		"it moved on while it was looked at":               {seen(5, workflowAt(7), movedOnTo(7)), nil},
		"a change is being made":                           {seen(5, workflowAt(5), func(s *sight) { s.standing.Changing = true }), []contract.Drift{contract.DriftWorkflowSilent}},
		"a change is being recorded":                       {seen(5, workflowAt(6), committing, movedOnTo(5)), []contract.Drift{contract.DriftWorkflowSilent}},
		"a record that is refused is of a workflow behind": {seen(6, committing, func(s *sight) { s.standing.State.Assignee = "wang.fang" }), []contract.Drift{contract.DriftWorkflowBehind}},
		"the database knows more":                          {seen(5, workflowAt(4)), []contract.Drift{contract.DriftWorkflowBehind}},
		"an act was cut off, and is seen to":               {seen(5, workflowAt(4), unsettled(time.Minute)), nil},
		"an act was cut off, and nobody saw to it":         {seen(5, workflowAt(4), unsettled(time.Hour)), []contract.Drift{contract.DriftWorkflowBehind}},
		"somebody was told of the act that is not known": {seen(5, workflowAt(4), unsettled(time.Minute), func(s *sight) { s.row.Told = 5 }),
			[]contract.Drift{contract.DriftWorkflowBehind}},
		"the workflow knows more":                    {seen(5, workflowAt(7), movedOnTo(5)), []contract.Drift{contract.DriftDatabaseBehind}},
		"the workflow knew more and has ended":       {seen(5, workflowAt(7), movedOnTo(5), terminated), []contract.Drift{contract.DriftDatabaseBehind}},
		"a workflow cut off half-way proves nothing": {seen(5, workflowAt(6), committing, movedOnTo(5), terminated), []contract.Drift{contract.DriftWorkflowEnded}},
		"it ended too early":                         {seen(5, terminated), []contract.Drift{contract.DriftWorkflowEnded}},
		"it is not there":                            {seen(5, func(s *sight) { s.own, s.standing = execution{}, nil }), []contract.Drift{contract.DriftWorkflowMissing}},
		"it waits to be started":                     {seen(0, func(s *sight) { s.own, s.standing, s.row.Ordered = execution{}, nil, true }), nil},
		"it was started just now":                    {seen(0, func(s *sight) { s.standing, s.silent, s.row.FiledAt = nil, true, lookedAt }), nil},
		"it does not answer":                         {seen(5, func(s *sight) { s.standing, s.silent = nil, true }), []contract.Drift{contract.DriftWorkflowSilent}},
		"one state, another row":                     {seen(5, func(s *sight) { s.standing.State.Assignee = "wang.fang"; s.own.shown.assignee = "wang.fang" }), []contract.Drift{contract.DriftProjection}},
		"facts that were edited":                     {seen(5, func(s *sight) { s.row.Kind, s.row.ReceivedAt = ticket.Complaint, lookedAt }), []contract.Drift{contract.DriftFacts}},
		"columns that were edited":                   {seen(5, func(s *sight) { s.row.Skewed = []string{"reply_due"} }), []contract.Drift{contract.DriftProjection}},
		"what people see in the Temporal UI":         {seen(5, func(s *sight) { s.own.shown.sla = ticket.Breached }), []contract.Drift{contract.DriftAttributes}},
		"a calendar loaded since":                    {seen(5, func(s *sight) { s.calendar = 1 }), []contract.Drift{contract.DriftCalendarBehind}},
		"a calendar that is being rolled out":        {seen(5, func(s *sight) { s.calendar, s.rollout = 1, true }), nil},
		"a letter on its way":                        {seen(5, unsent("question-4", time.Hour), func(s *sight) { s.standing.Sending = []contract.Step{"question-4"} }), nil},
		"a letter that was ordered just now":         {seen(5, unsent("question-4", time.Second)), nil},
		"a letter that nobody sends":                 {seen(5, unsent("question-4", time.Hour)), []contract.Drift{contract.DriftMailStuck}},
		"no policy":                                  {seen(5, func(s *sight) { s.noPolicy = true }), []contract.Drift{contract.DriftPolicyMissing}},

		"it has ended, and is kept":      {seen(5, ended), nil},
		"it has ended, and runs on":      {seen(5, ended, func(s *sight) { *s = seen(5, workflowAt(4)); s.goesOn = false }), []contract.Drift{contract.DriftWorkflowStray}},
		"it has ended, and settles down": {seen(5, func(s *sight) { s.goesOn = false; s.standing.Ended = true }), nil},
		"nothing purges it":              {seen(5, ended, func(s *sight) { s.retention = execution{} }), []contract.Drift{contract.DriftRetentionMissing}},
		"it was purged, and is back":     {seen(5, ended, func(s *sight) { s.retention.status = enums.WORKFLOW_EXECUTION_STATUS_COMPLETED }), []contract.Drift{contract.DriftPurgeUndone}},
		"nothing is kept of it":          {seen(5, ended, func(s *sight) { s.retention, s.keep = execution{}, nil }), nil},
		"its last letter was not sent":   {seen(5, ended, unsent("withdrawn-3", time.Hour), terminated), []contract.Drift{contract.DriftWorkflowEnded}},
		"its last letter was sent":       {seen(5, ended, unsent("withdrawn-3", time.Hour)), []contract.Drift{contract.DriftMailStuck}},
		"its last letter was given up":   {seen(5, ended, unsent("withdrawn-3", 11*24*time.Hour), terminated), []contract.Drift{contract.DriftMailStuck}},
		"retained and readable":          {seen(5, ended, func(s *sight) { s.row.Stage = ticket.Retained }), []contract.Drift{contract.DriftLockMissing}},
		"purged":                         {seen(5, ended, func(s *sight) { s.row.PurgedAt = lookedAt; s.retention = execution{} }), nil},
		"purged, and its workflow runs":  {seen(5, func(s *sight) { s.row.PurgedAt = lookedAt }), []contract.Drift{contract.DriftWorkflowStray}},
		"a workflow without a ticket":    {seen(5, func(s *sight) { s.row = nil }), []contract.Drift{contract.DriftTicketMissing}},
		"a retention without a ticket": {seen(5, func(s *sight) {
			s.row, s.standing, s.own = nil, nil, execution{}
			s.retention.status = enums.WORKFLOW_EXECUTION_STATUS_RUNNING
		}), []contract.Drift{contract.DriftRetentionStray}},
		"words, documents and account are gone": {seen(5, func(s *sight) { s.row.LostWords, s.row.LostProofs, s.row.LostAccount = []int64{7}, []int64{8}, true }),
			[]contract.Drift{contract.DriftWordsMissing, contract.DriftProofMissing, contract.DriftAccountMissing}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []contract.Drift
			for _, f := range row.sight.judge() {
				got = append(got, f.Drift)
			}
			assert.Equal(t, row.want, got)
		})
	}
}

func TestWhatOnlySeemedToDifferIsNoFinding(t *testing.T) {
	f := func(drift contract.Drift, workflow int64, detail string) Finding {
		return Finding{Drift: drift, Workflow: workflow, Detail: detail}
	}
	for name, row := range map[string]struct {
		before, now Finding
		lasts       bool
	}{
		"the same":                        {f(contract.DriftWorkflowBehind, 4, ""), f(contract.DriftWorkflowBehind, 4, ""), true},
		"another":                         {f(contract.DriftWorkflowMissing, 4, ""), f(contract.DriftWorkflowBehind, 4, ""), false},
		"one change that is not recorded": {f(contract.DriftWorkflowSilent, 4, "a change after 4"), f(contract.DriftWorkflowSilent, 4, "a change after 4"), true},
		"two changes after each other":    {f(contract.DriftWorkflowSilent, 4, "a change after 4"), f(contract.DriftWorkflowSilent, 5, "a change after 5"), false},
		"a list that is late":             {f(contract.DriftAttributes, 4, ""), f(contract.DriftAttributes, 5, ""), false},
		"a list that stays as it is":      {f(contract.DriftAttributes, 4, ""), f(contract.DriftAttributes, 4, ""), true},
	} {
		assert.Equal(t, row.lasts, lasts(row.now, []Finding{row.before}), name)
	}
}

func TestATicketThatMayBeAppealedAgainstGoesOn(t *testing.T) {
	o := newOffice(t)
	n := o.filed(t, complaint()).Number
	answered := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	closed := contract.State{Rev: 9, Stage: ticket.Closed, Outcome: ticket.Accepted, ClosedAt: answered.AddDate(0, 0, 16),
		Answer: contract.AnswerMail{Message: 1, Sent: 1, Delivered: answered}}
	for name, row := range map[string]struct {
		change func(*contract.State)
		at     time.Time
		goesOn bool
	}{
		"silence has closed it":        {func(*contract.State) {}, answered.AddDate(0, 0, 20), true},
		"the time for an appeal is up": {func(*contract.State) {}, answered.AddDate(0, 0, 31), false},
		"it is solved":                 {func(st *contract.State) { st.Solved = true }, answered.AddDate(0, 0, 20), false},
		"the appeal was answered":      {func(st *contract.State) { st.Appealed, st.Reopened = true, true }, answered.AddDate(0, 0, 20), false},
		"nobody could be written to":   {func(st *contract.State) { st.Answer.Delivered = time.Time{} }, answered.AddDate(0, 0, 20), false},
		"answered":                     {func(st *contract.State) { st.Stage = ticket.Answered }, answered.AddDate(0, 0, 31), true},
		"at work":                      {func(st *contract.State) { st.Stage = ticket.Triage }, answered.AddDate(0, 0, 31), true},
		"withdrawn":                    {func(st *contract.State) { st.Stage = ticket.Withdrawn }, answered, false},
	} {
		t.Run(name, func(t *testing.T) {
			st := closed
			row.change(&st)
			filed, err := o.store.SurveyOf(t.Context(), n)
			require.NoError(t, err)
			filed.Stage, filed.State, filed.ClosedAt = st.Stage, st, st.ClosedAt
			d := NewDoctor(Config{Store: o.store, Temporal: o.temporal, Planner: o.planner}, DoctorOptions{})
			s := sight{number: n, at: row.at, row: &filed}
			require.NoError(t, d.promised(t.Context(), &s))
			assert.Equal(t, row.goesOn, s.goesOn)
			assert.Equal(t, !row.goesOn, s.keep != nil, "what has ended is kept, and purged one day")
		})
	}
}
