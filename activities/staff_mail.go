package activities

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/mail"
	"rightsdesk/metrics"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// mostIncidents is how many notices of security incidents, reported by people who
// have not proved themselves, one member of staff gets in an hour at once; the
// others follow, and one whose person proves themselves meanwhile does not wait any more.
const mostIncidents = 20

// lookAgain is when a notice that waits is looked at again: soon while its ticket is
// young, since that is when people prove themselves, and when there is room at the latest.
func lookAgain(age, room time.Duration) time.Duration {
	return min(room, max(age/10, 20*time.Second))
}

// StaffMails tells members of staff that a ticket calls for them.
type StaffMails struct {
	Post
	locale ticket.Locale
}

// NewStaffMails takes what it needs, and the language staff are written to in.
func NewStaffMails(p Post, l ticket.Locale) *StaffMails { return &StaffMails{Post: p, locale: l} }

// NotifyStaff mails number, kind, stage and deadline to everyone the notice
// names by id or role, but for those who are away or no longer there; if that
// leaves nobody, to leads and managers, and failing those to the privacy officer,
// since a call that reaches nobody is none. Each member is told once per step: a retry tells only those the server
// has not accepted yet. An address the server refuses for good counts as told;
// the journal names the member's id.
func (s *StaffMails) NotifyStaff(ctx context.Context, n contract.StaffNotice) error {
	about(ctx, n.Number, "letter", string(metrics.StaffNotice))
	t, err := s.Store.Ticket(ctx, n.Number)
	if err != nil {
		return stored("reading the ticket", err)
	}
	people, err := s.called(ctx, n, barred(n, t))
	if err != nil {
		return stored("finding whom to tell", err)
	}
	promised, err := s.terms(ctx, t)
	if err != nil {
		return err
	}
	letter := s.heading(t, promised)
	letter.Locale = s.locale
	letter.Why, letter.ToDo = s.Writer.Reason(s.locale, n.Rung, noticeOf(n, t))
	letter.Link = s.Writer.Operator().BaseURL + "/desk/tickets/" + string(n.Number)
	if !t.Stage.Open() {
		letter.Due, letter.Provisional = noTime, false
	}
	var untold error
	for _, a := range people {
		if err := s.tell(ctx, n, a, letter, t); err != nil {
			untold = err
		}
	}
	return untold
}

// noticeOf names what calls for staff. A call for the privacy officer alone is an
// appeal or an incident: they are told which.
func noticeOf(n contract.StaffNotice, t store.Ticket) string {
	if n.Act == contract.ActEscalated && slices.Equal(n.Roles, []ticket.Role{ticket.PrivacyOfficer}) {
		if t.State.Reopened {
			return mail.NoticeAppeal
		}
		return mail.NoticeIncident
	}
	switch n.Act {
	case contract.ActRepaired:
		return mail.NoticeWordsLost
	case contract.ActDecided:
		return mail.NoticeApproval
	}
	return string(n.Act)
}

// barred is who may not do what the notice asks for: whoever decided approves nothing.
func barred(n contract.StaffNotice, t store.Ticket) ticket.AgentID {
	if d := t.State.Decision; d != nil && n.Act == contract.ActDecided {
		return d.By
	}
	return ticket.Nobody
}

func (s *StaffMails) tell(ctx context.Context, n contract.StaffNotice, a store.Agent, l mail.Letter, t store.Ticket) error {
	told, err := s.Store.StaffMailSent(ctx, n.Number, n.Step, a.ID)
	if err != nil || told {
		return stored("looking whether staff were told", err)
	}
	if t.Level == ticket.LevelNone && n.Act == contract.ActEscalated { // a flood of incidents from nobody known buries none that is real
		ok, again, err := s.Store.Allow(ctx, "incidents/"+string(a.ID), mostIncidents, time.Hour, s.Now())
		if err != nil {
			return stored("counting notices", err)
		}
		if !ok {
			return later(lookAgain(s.Now().Sub(t.FiledAt), again.Sub(s.Now())))
		}
	}
	message, err := s.render(mail.StaffNotice, l, a.Email, "staff-"+string(n.Step)+"."+string(a.ID))
	if err != nil {
		return err
	}
	_, err = s.Sender.Send(ctx, message)
	s.sent(metrics.StaffNotice, err)
	var refusal *mail.RefusedError
	var temporary *mail.TemporaryError
	switch {
	case err == nil:
	case errors.As(err, &refusal):
		s.Log.Warn("a member of staff can't be mailed", "agent", a.ID, "ticket", n.Number, "code", refusal.Code)
	case errors.As(err, &temporary):
		return temporal.NewApplicationError(temporary.Error(), errMail)
	default:
		return temporal.NewApplicationError("the notice was not sent", errMail)
	}
	err = s.Store.MarkStaffMailSent(context.WithoutCancel(ctx), n.Number, n.Step, a.ID, s.Now())
	return stored("recording that staff were told", err)
}

// called are those the notice is for, each once and without the one that is barred.
func (s *StaffMails) called(ctx context.Context, n contract.StaffNotice, barred ticket.AgentID) ([]store.Agent, error) {
	var all []store.Agent
	for _, id := range n.Agents {
		a, err := s.Store.Agent(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	if len(n.Roles) > 0 {
		holders, err := s.Store.AgentsWithRoles(ctx, n.Roles...)
		if err != nil {
			return nil, err
		}
		all = append(all, holders...)
	}
	if people := s.reachable(all, barred); len(people) > 0 {
		return people, nil
	}
	for _, above := range [][]ticket.Role{{ticket.Lead, ticket.Manager}, {ticket.PrivacyOfficer}} {
		holders, err := s.Store.AgentsWithRoles(ctx, above...)
		if people := s.reachable(holders, barred); err != nil || len(people) > 0 {
			return people, err
		}
	}
	return nil, nil
}

func (s *StaffMails) reachable(all []store.Agent, barred ticket.AgentID) []store.Agent {
	var out []store.Agent
	for _, a := range all {
		known := slices.ContainsFunc(out, func(b store.Agent) bool { return a.ID == b.ID })
		if !known && a.ID != barred && !a.Disabled && a.Email != "" && !a.AwayUntil.After(s.Now()) {
			out = append(out, a)
		}
	}
	return out
}
