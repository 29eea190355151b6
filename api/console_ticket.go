package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// refill is a form that comes back: what was typed and what is wrong with it.
type refill struct {
	act      actName
	form     *sentForm
	problems []templates.Problem
}

func (k *console) ticketPage(c *gin.Context) {
	number, ok := k.number(c)
	if !ok {
		return
	}
	k.showTicket(c, number, http.StatusOK, refill{})
}

// showTicket shows all that is known of a ticket. That its personal data was
// shown goes on record first; if it can't be recorded, it is not shown.
func (k *console) showTicket(c *gin.Context, number ticket.Number, status int, back refill) {
	ctx := c.Request.Context()
	read, err := k.readTicket(ctx, number, memberOf(c))
	if err != nil {
		k.failed(c, err)
		return
	}
	v, err := k.ticketView(c, read)
	if err != nil {
		k.failed(c, err)
		return
	}
	v.back = back
	v.Problems = back.problems
	k.fillActs(c, &v, read)
	v.pointAtForms()
	if v.Lease.Mine {
		if err := k.Store.Touch(ctx, number, memberOf(c).ID, k.Now()); err != nil {
			k.failed(c, err)
			return
		}
	}
	k.page(c, status, "console/ticket", v)
}

// pointAtForms has a problem with an act as a whole lead to its form.
func (v *ticketView) pointAtForms() {
	for i, p := range v.Problems {
		if p.Field != "" {
			continue
		}
		for _, a := range v.Acts {
			if a.Name == v.back.act {
				v.Problems[i].Field = "act-" + string(a.Name)
			}
		}
	}
}

// ticketRead is what the page is made of. Personal is nil once the data was
// locked away or purged, and for who may not read any.
type ticketRead struct {
	store.Ticket
	Policy   *ticket.Policy
	Zone     *time.Location
	Events   []contract.Event
	Ledger   []contract.LedgerEntry
	Mails    []store.Mail
	Troubles []store.Trouble
	Staff    []store.Agent
	Personal *personal
}

// personal is what the purge destroys.
type personal struct {
	Content     store.Content
	Account     *store.AccountSnapshot // nil: nobody has looked yet
	Messages    []store.Message
	Notes       []store.Note
	Attachments []store.Attachment
	Proofs      []store.Proof
	Drafts      map[string]string
}

func (r *ticketRead) terms() ticket.Terms { return r.Policy.Kinds[r.Kind] }

func (k *console) readTicket(ctx context.Context, number ticket.Number, who store.Agent) (*ticketRead, error) {
	t, err := k.Store.Ticket(ctx, number)
	if err != nil {
		return nil, err
	}
	r := &ticketRead{Ticket: t}
	if r.Policy, err = k.Planner.Policy(ctx, t.Policy); err != nil {
		return nil, err
	}
	if r.Zone, err = k.zone(ctx, t.Policy); err != nil {
		return nil, err
	}
	if who.Role.May(ticket.MayReadPersonal) {
		r.Personal, err = k.readPersonal(ctx, number, who)
		if isGone(err) { // purged or locked away while we were reading
			r.Personal, err = nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
	if r.Events, err = k.Store.Events(ctx, number); err != nil {
		return nil, err
	}
	if r.Ledger, err = k.Store.Ledger(ctx, number); err != nil {
		return nil, err
	}
	if r.Mails, err = k.Store.Mails(ctx, number); err != nil {
		return nil, err
	}
	if r.Troubles, err = k.Store.Troubles(ctx, number); err != nil {
		return nil, err
	}
	r.Staff, err = k.Store.Agents(ctx)
	return r, err
}

// readPersonal opens the ticket's personal data, on record, unless isGone(err).
func (k *console) readPersonal(ctx context.Context, number ticket.Number, who store.Agent) (*personal, error) {
	content, err := k.Store.Content(ctx, number)
	if err != nil {
		return nil, err
	}
	if err := k.recordShown(ctx, number, who.ID); err != nil {
		return nil, err
	}
	p := &personal{Content: content}
	account, err := k.Store.Account(ctx, number)
	switch {
	case err == nil:
		p.Account = &account
	case !isNotFound(err):
		return nil, err
	}
	if p.Messages, err = k.Store.Messages(ctx, number); err != nil {
		return nil, err
	}
	if p.Notes, err = k.Store.Notes(ctx, number); err != nil {
		return nil, err
	}
	if p.Attachments, err = k.Store.Attachments(ctx, number); err != nil {
		return nil, err
	}
	if p.Proofs, err = k.Store.Proofs(ctx, number); err != nil {
		return nil, err
	}
	if p.Drafts, err = k.Store.Draft(ctx, number, who.ID); err != nil {
		return nil, err
	}
	p.takeUp(who.ID, k.Now())
	return p, nil
}

// unheard is after how long the words of an act that nobody confirmed are offered to
// whoever wrote them as a draft: an act takes seconds.
const unheard = time.Minute

// takeUp makes drafts of a member's last words of each kind where the process that
// stored them was killed before it told the workflow. They stay stored and unseen
// beside it: should the workflow know of the act after all, its record lets them be seen.
func (p *personal) takeUp(who ticket.AgentID, now time.Time) {
	last := map[string]store.Message{}
	for _, m := range p.Messages {
		if m.Agent == who {
			last[string(m.Kind)] = m
		}
	}
	for kind, m := range last {
		if _, newer := p.Drafts[kind]; m.Pending && !newer && now.Sub(m.At) > unheard {
			p.Drafts[kind] = m.Text
		}
	}
}

// isGone reports that personal data was purged or is locked away.
func isGone(err error) bool {
	return errors.Is(err, store.ErrPurged) || errors.Is(err, store.ErrLocked)
}

// shownOnce is for how long one entry of the audit trail stands for an agent's
// looking at a ticket again and again.
const shownOnce = time.Hour

func (k *console) recordShown(ctx context.Context, number ticket.Number, who ticket.AgentID) error {
	events, err := k.Store.Events(ctx, number)
	if err != nil {
		return err
	}
	now := k.Now()
	for _, e := range events {
		if e.Act == contract.ActPersonalDataShown && e.Agent == who && now.Sub(e.At) < shownOnce {
			return nil
		}
	}
	return k.Store.AppendEvent(ctx, number, contract.Event{At: now, Actor: contract.ByStaff, Agent: who,
		Act: contract.ActPersonalDataShown})
}
