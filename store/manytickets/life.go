package manytickets

import (
	"math/rand/v2"
	"time"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// life is what has become of a ticket by the end.
type life struct {
	i        int
	number   ticket.Number
	kind     ticket.Kind
	category ticket.Category
	locale   ticket.Locale
	received time.Time
	due      time.Time
	stage    ticket.Stage
	assignee ticket.AgentID
	sla      ticket.SLAState
	rungs    int
	appealed bool
	asked    bool // a question and a reply
	answered time.Time
	closed   time.Time
	locked   time.Time
	kept     time.Time
	purged   time.Time
	until    time.Time // the present
}

func (l life) open() bool { return l.stage.Open() }

// one of several, each as often as its weight says.
func one[T any](dice *rand.Rand, weights []int, of []T) T {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := dice.IntN(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return of[i]
		}
	}
	return of[len(of)-1]
}

func (d Desk) life(i int) life {
	dice := d.dice(i, 2)
	l := life{i: i, number: d.Number(i), received: d.received(i), until: d.Until.UTC().Truncate(time.Microsecond)}
	l.due = l.received.Add(term).Truncate(24 * time.Hour).Add(16*time.Hour - time.Second)
	l.kind = one(dice, []int{40, 25, 35}, ticket.Kinds())
	if l.kind == ticket.Complaint {
		l.category = one(dice, []int{20, 20, 3, 20, 5, 25, 7}, ticket.Categories())
	}
	l.locale = one(dice, []int{9, 1}, ticket.Locales())
	l.assignee = d.Agents[dice.IntN(len(d.Agents))]
	l.appealed = dice.IntN(40) == 0
	if d.isOpen(i) {
		d.liveOn(&l, dice)
	} else {
		d.liveOut(&l, dice)
	}
	return l
}

// liveOn is the life of a ticket that is open.
func (d Desk) liveOn(l *life, dice *rand.Rand) {
	l.stage = one(dice, []int{15, 25, 40, 12, 8}, []ticket.Stage{ticket.Verifying, ticket.Triage, ticket.InProgress,
		ticket.WaitingOnSubject, ticket.Fulfilling})
	if l.stage == ticket.Verifying || l.stage == ticket.Triage {
		l.assignee = ticket.Nobody
	}
	l.asked = l.stage == ticket.WaitingOnSubject || dice.IntN(5) == 0
	gone := float64(l.until.Sub(l.received)) / float64(l.due.Sub(l.received))
	switch {
	case gone >= 1:
		l.sla, l.rungs = ticket.Breached, 4
	case gone >= 0.8:
		l.sla, l.rungs = ticket.AtRisk, 2
	case gone >= 0.5:
		l.sla, l.rungs = ticket.OnTrack, 1
	default:
		l.sla = ticket.OnTrack
	}
}

// liveOut is the life of a ticket that has ended.
func (d Desk) liveOut(l *life, dice *rand.Rand) {
	took := time.Duration(float64(term) * (0.05 + 0.9*dice.Float64()))
	l.sla = ticket.InTime
	if dice.IntN(30) == 0 {
		l.sla, took = ticket.Late, term+time.Duration(dice.IntN(120))*time.Hour
		l.rungs = 4
	}
	end := l.received.Add(took).Truncate(time.Microsecond)
	if end.After(l.until) { // answered just now
		end = l.received.Add(l.until.Sub(l.received) / 2).Truncate(time.Microsecond)
	}
	l.asked = dice.IntN(3) == 0
	l.stage = one(dice, []int{80, 6, 8, 6}, []ticket.Stage{ticket.Closed, ticket.Refused, ticket.Withdrawn, ticket.VerificationExpired})
	switch l.stage {
	case ticket.Withdrawn, ticket.VerificationExpired:
		l.sla, l.closed, l.appealed = ticket.StoppedSLA, end, false
		return
	case ticket.Closed:
		l.answered = end
		if l.until.Sub(end) < 15*24*time.Hour {
			l.stage = ticket.Answered
			return
		}
		l.closed = end.AddDate(0, 0, 15)
	default:
		l.answered, l.closed = end, end
	}
	if l.kind != ticket.AccountCancellation || l.stage != ticket.Closed {
		return
	}
	l.stage, l.locked, l.kept = ticket.Retained, l.closed, l.closed.AddDate(0, 0, 365)
	if l.kept.Before(l.until) {
		l.stage, l.purged = ticket.Purged, l.kept
	}
}

// state is the state of the ticket's workflow.
func (d Desk) state(l life, rev int64) contract.State {
	st := contract.State{Rev: rev, Stage: l.stage, Awaiting: ticket.AwaitingNobody, Category: l.category, Assignee: l.assignee,
		Level: ticket.LevelAccount, VerifiedAt: l.received.Add(time.Hour), Codes: 1, CodeAt: l.received.Add(time.Minute),
		Appealed: l.appealed, Counter: 2, ClosedAt: l.closed,
		Clock: contract.Clock{From: l.received, Due: l.due, SLA: l.sla, Escalation: l.rungs}}
	for i, name := range []ticket.Rung{ticket.RungHalf, ticket.RungAtRisk, ticket.RungLastDay, ticket.RungBreach} {
		at := l.received.Add(term * time.Duration(5+2*i) / 10)
		st.Clock.Rungs = append(st.Clock.Rungs, contract.Rung{Name: name, At: at, Fired: i < l.rungs})
	}
	if l.sla == ticket.Breached || l.sla == ticket.Late {
		st.Clock.BreachedAt = st.Clock.BreachAt()
	}
	switch {
	case l.stage == ticket.Verifying:
		st.Level, st.VerifiedAt, st.Awaiting, st.WaitingSince = ticket.LevelNone, time.Time{}, ticket.AwaitingSubject, l.received
	case l.stage == ticket.WaitingOnSubject:
		st.Awaiting, st.WaitingSince = ticket.AwaitingSubject, l.received.Add(6*time.Hour)
		st.Asked = &contract.Question{Message: messageID(l.i, 0), At: l.received.Add(6 * time.Hour)}
	case l.stage == ticket.Fulfilling:
		st.Awaiting = ticket.AwaitingAccounts
	case l.open():
		st.Awaiting = ticket.AwaitingAgent
	}
	if l.assignee != ticket.Nobody {
		st.Handlers = []ticket.AgentID{l.assignee}
	}
	if !l.answered.IsZero() {
		st.Outcome = ticket.Accepted
		if l.stage == ticket.Refused {
			st.Outcome, st.Reason = ticket.Declined, ticket.ReasonLegalObligation
		}
		st.Answer = contract.AnswerMail{Message: messageID(l.i, 2), Sent: 1, Delivered: l.answered}
		st.Clock.StoppedAt = l.answered
		st.Decision = &contract.Decision{By: l.assignee, At: l.answered.Add(-time.Minute), Outcome: st.Outcome, Reason: st.Reason,
			Message: messageID(l.i, 2)}
	} else if !l.closed.IsZero() {
		st.Clock.StoppedAt = l.closed
	}
	st.Account.KeptUntil = l.kept
	return st
}
