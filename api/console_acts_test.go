package api

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestOnlyWhatIsPossibleNowIsOffered(t *testing.T) {
	now := monday
	base := func() onTicket {
		state := contract.State{Stage: ticket.InProgress, Level: ticket.LevelAccount}
		return onTicket{now: now, level: ticket.LevelContact,
			terms: ticket.Terms{Verification: ticket.Verification{Level: ticket.LevelContact}},
			ticket: store.Ticket{Kind: ticket.Complaint, Stage: ticket.InProgress, Level: ticket.LevelAccount, SLA: ticket.OnTrack,
				ReplyDue: now.Add(time.Hour), State: state}}
	}
	mine := func(x *onTicket) { x.ticket.LeaseHolder = "me" }
	others := func(x *onTicket) { x.ticket.LeaseHolder = "li.wei" }
	stage := func(s ticket.Stage) func(*onTicket) { return func(x *onTicket) { x.ticket.Stage = s } }
	decided := func(by ticket.AgentID) func(*onTicket) {
		return func(x *onTicket) { x.ticket.State.Decision = &contract.Decision{By: by, FourEyes: true} }
	}
	appeal := func(x *onTicket) {
		x.ticket.Appealed, x.ticket.State.Reopened = true, true
		x.ticket.State.Handlers = []ticket.AgentID{"li.wei"}
	}
	escalated := func(x *onTicket) { x.ticket.Escalation = 2 }
	extendable := func(x *onTicket) { x.terms.Extension = ticket.Term{Count: 2, Unit: ticket.Month} }

	for name, c := range map[string]struct {
		change []func(*onTicket)
		role   ticket.Role
		want   []actName
	}{
		"free":                     {nil, ticket.Agent, []actName{actClaim, actNote}},
		"free, seen by a lead":     {nil, ticket.Lead, []actName{actClaim, actNote, actAssign}},
		"in my hands":              {with1(mine), ticket.Agent, []actName{actDecide, actAsk, actNote, actEscalate, actCategorise, actRelease}},
		"in other hands":           {with1(others), ticket.Agent, []actName{actNote}},
		"in other hands, lead":     {with1(others), ticket.Lead, []actName{actNote, actAssign}},
		"mine, not verified yet":   {with1(mine, stage(ticket.Verifying), func(x *onTicket) { x.ticket.Level = 0 }), ticket.Agent, []actName{actDecide, actNote, actEscalate, actCategorise, actRelease}},
		"mine, waiting for reply":  {with1(mine, stage(ticket.WaitingOnSubject), func(x *onTicket) { x.ticket.State.Asked = &contract.Question{} }), ticket.Agent, []actName{actDecide, actNote, actEscalate, actCategorise, actRelease}},
		"mine, real name to check": {with1(mine, func(x *onTicket) { x.level = ticket.LevelReal; x.ticket.Kind = ticket.InfoCorrection }), ticket.Agent, []actName{actCheckIdentity, actDecide, actAsk, actNote, actEscalate, actRelease}},
		"mine, account to check": {with1(mine, stage(ticket.Verifying), func(x *onTicket) {
			x.ticket.Kind, x.ticket.Level, x.ticket.State.Account.ByHand, x.terms.Verification.Level = ticket.AccountCancellation, 0, true, ticket.LevelAccount
		}), ticket.Agent, []actName{actCheckIdentity, actDecide, actNote, actEscalate, actRelease}},
		"real name checked":          {with1(mine, func(x *onTicket) { x.level, x.ticket.Level = ticket.LevelReal, ticket.LevelReal }), ticket.Agent, []actName{actDecide, actAsk, actNote, actEscalate, actCategorise, actRelease}},
		"my own decision":            {with1(mine, decided("me")), ticket.Agent, []actName{actNote, actEscalate, actCategorise, actRelease}},
		"somebody else's decision":   {with1(others, decided("li.wei")), ticket.Agent, []actName{actApprove, actNote}},
		"approved already":           {with1(others, decided("li.wei"), func(x *onTicket) { x.ticket.State.Decision.Approved = "wang.fang" }), ticket.Agent, []actName{actNote}},
		"an appeal, for an agent":    {with1(appeal), ticket.Agent, []actName{actNote}},
		"an appeal, for the officer": {with1(appeal), ticket.PrivacyOfficer, []actName{actClaim, actNote, actAssign}},
		"an appeal I handled":        {with1(appeal, func(x *onTicket) { x.ticket.State.Handlers = []ticket.AgentID{"me"} }), ticket.PrivacyOfficer, []actName{actNote, actAssign}},
		"appeal decided, I handled":  {with1(appeal, decided("sun.officer"), func(x *onTicket) { x.ticket.State.Handlers = []ticket.AgentID{"me"} }), ticket.Agent, []actName{actNote}},
		"escalated, agent":           {with1(escalated), ticket.Agent, []actName{actClaim, actNote}},
		"escalated, lead":            {with1(escalated), ticket.Lead, []actName{actClaim, actNote, actAcknowledge, actAssign}},
		"acknowledged by a lead":     {with1(escalated, func(x *onTicket) { x.ticket.State.Clock.AckedBy = ticket.Lead }), ticket.Lead, []actName{actClaim, actNote, actAssign}},
		"acknowledged below me":      {with1(escalated, func(x *onTicket) { x.ticket.State.Clock.AckedBy = ticket.Lead }), ticket.Manager, []actName{actClaim, actNote, actAcknowledge, actAssign}},
		"extension not in policy":    {nil, ticket.Manager, []actName{actClaim, actNote, actAssign}},
		"extension allowed":          {with1(extendable), ticket.Manager, []actName{actClaim, actNote, actExtend, actAssign}},
		"extension for a lead":       {with1(extendable), ticket.Lead, []actName{actClaim, actNote, actAssign}},
		"extended once":              {with1(extendable, func(x *onTicket) { x.ticket.State.Clock.Extended = true }), ticket.Manager, []actName{actClaim, actNote, actAssign}},
		"too late to extend":         {with1(extendable, func(x *onTicket) { x.now = x.ticket.ReplyDue.Add(time.Second) }), ticket.Manager, []actName{actClaim, actNote, actAssign}},
		"last second to extend":      {with1(extendable, func(x *onTicket) { x.now = x.ticket.ReplyDue.Add(999 * time.Millisecond) }), ticket.Manager, []actName{actClaim, actNote, actExtend, actAssign}},
		"a task by hand":             {with1(stage(ticket.Fulfilling), func(x *onTicket) { x.ticket.State.Account.Manual = &contract.ManualTask{Step: contract.StepErase} }), ticket.Agent, []actName{actClaim, actTaskDone, actNote}},
		"a task I ticked first": {with1(stage(ticket.Fulfilling), func(x *onTicket) {
			x.ticket.State.Account.Manual = &contract.ManualTask{Step: contract.StepErase, First: "me"}
		}), ticket.Agent, []actName{actClaim, actNote}},
		"answered":          {with1(stage(ticket.Answered), func(x *onTicket) { x.ticket.State.Answer.Delivered = now }), ticket.Manager, []actName{actBounced, actNote}},
		"answered and read": {with1(stage(ticket.Answered), func(x *onTicket) { x.ticket.State.Answer.Delivered, x.ticket.State.Answer.ReadAt = now, now }), ticket.Agent, []actName{actNote}},
		"withdrawn":         {with1(stage(ticket.Withdrawn)), ticket.Manager, nil},
		"locked away":       {with1(stage(ticket.Retained)), ticket.PrivacyOfficer, nil},
		"purged":            {with1(stage(ticket.Purged)), ticket.PrivacyOfficer, nil},
	} {
		x := base()
		for _, f := range c.change {
			f(&x)
		}
		var got []actName
		for _, form := range availableActs(x, store.Agent{ID: "me", Role: c.role}) {
			got = append(got, form.Name)
		}
		assert.Equal(t, c.want, got, name)
	}
}

func with1(f ...func(*onTicket)) []func(*onTicket) { return f }

func TestEveryActHasItsWords(t *testing.T) {
	words := loadWords(t)
	for _, l := range ticket.Locales() {
		for _, a := range actNames() {
			for _, key := range []string{"console.act.", "console.about.", "console.done."} {
				assert.True(t, words.Has(l, key+string(a)), "%s%s in %s", key, a, l)
			}
		}
		for _, s := range shows() {
			assert.True(t, words.Has(l, "console.show."+string(s)))
		}
	}
}
