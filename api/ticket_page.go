package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// notices are what the page may say after an act: "track.done.<word>".
var notices = map[string]bool{"code": true, "resend": true, "reply": true, "confirm": true, "obstacles": true,
	"withdraw": true, "solved": true, "appeal": true, "text": true, "real_name": true, "payment": true, "amount": true,
	"proof": true, "revoked": true}

// typedReply is what was typed on the tracking page, to be shown again.
type typedReply struct {
	Token, Text, Appeal string
	Uploads             []store.Upload
	RealName            realNameTyped
}

// ticketPage shows how the ticket stands.
func (s *server) ticketPage(c *gin.Context) {
	link, t, ok := s.session(c)
	if !ok {
		return
	}
	if link.Proved && c.Query("done") == "code" && c.Query("later") == "" {
		t = s.afterCode(c.Request.Context(), t)
	}
	s.showTicket(c, http.StatusOK, link.Proved, t, typedReply{}, nil)
}

// afterCode waits a moment for the ticket to take in the code that was right: the
// workflow has it, and its record follows.
func (s *server) afterCode(ctx context.Context, t store.Ticket) store.Ticket {
	for range 10 {
		if t.Stage != ticket.Received && t.Stage != ticket.Verifying {
			break
		}
		select {
		case <-ctx.Done():
			return t
		case <-time.After(100 * time.Millisecond):
		}
		if now, err := s.Store.Ticket(ctx, t.Number); err == nil {
			t = now
		}
	}
	return t
}

// showTicket renders the tracking page, with problems on top and what was typed
// in its place.
func (s *server) showTicket(c *gin.Context, status int, proved bool, t store.Ticket, typed typedReply, problems []templates.Problem) {
	v, err := s.tracked(c, proved, t, typed, problems)
	if err != nil {
		s.failed(c, err)
		return
	}
	s.page(c, status, "track/ticket", v)
}

func (s *server) tracked(c *gin.Context, proved bool, t store.Ticket, typed typedReply, problems []templates.Problem) (trackedView, error) {
	ctx := c.Request.Context()
	policy, err := s.Planner.Policy(ctx, t.Policy)
	if err != nil {
		return trackedView{}, err
	}
	due, err := s.deadline(ctx, t)
	if err != nil {
		return trackedView{}, err
	}
	v := trackedView{Frame: s.frame(c, "track.title", "number", t.Number), Number: t.Number, Kind: t.Kind, Stage: t.Stage,
		Starting: t.Starting, Deadline: due, Proved: proved}
	v.Path, v.Problems = "/ticket", problems
	if done := c.Query("done"); notices[done] && len(problems) == 0 {
		v.Notice = s.say(c, "track.done."+done)
		if c.Query("later") != "" {
			v.Notice = s.say(c, "track.done.later")
		}
	}
	terms := policy.Kinds[t.Kind]
	if t.Stage == ticket.Received || t.Stage == ticket.Verifying {
		v.Code = &codeBox{Level: min(terms.Verification.Level, ticket.LevelAccount), Expires: terms.Verification.Expires,
			ByHand: t.State.Account.ByHand, Texts: s.offersTexts(policy, t), SignIn: s.offersAccountSignIn(policy, t)}
		if v.Code.Level == ticket.LevelContact { // of a contact on file nothing is told
			mails, err := s.Store.Mails(ctx, t.Number)
			if err != nil {
				return trackedView{}, err
			}
			v.Code.Refused = len(mails) > 0 && mails[len(mails)-1].Status == store.MailRefused
		}
	} else if !proved && t.Stage.Open() && (s.offersTexts(policy, t) || s.offersAccountSignIn(policy, t)) {
		v.Code = &codeBox{Level: ticket.LevelAccount, Expires: terms.Verification.Expires, Again: true,
			Texts: s.offersTexts(policy, t), SignIn: s.offersAccountSignIn(policy, t)}
	}
	if v.Code != nil && proved && c.Query("done") == "code" {
		v.Code, v.Working = nil, true
	}
	v.Withdraw = t.Stage.Open() && t.State.Account.NoReturn.IsZero() && (proved || v.Code != nil && !v.Code.Again)
	if !proved {
		return v, nil
	}
	v.Appeal = t.State.Reopened && t.Stage.Open()
	if silence := terms.Waiting.Silence; silence > 0 && t.Stage == ticket.WaitingOnSubject && !t.State.WaitingSince.IsZero() {
		wait, err := s.Planner.PlanWait(ctx, contract.PlanWait{Policy: t.Policy, From: t.State.WaitingSince, Expires: silence})
		if err != nil {
			return trackedView{}, err
		}
		v.Closes = wait.Expires.Add(-time.Second).In(due.Due.Location()) // the day that ends then
	}
	s.fillActs(&v, policy, t, typed, due.Due.Location())
	if err := s.fillProofs(ctx, &v, policy, t, typed.RealName); err != nil {
		return trackedView{}, err
	}
	return v, s.fillProved(ctx, &v, t, due.Due.Location(), c.Query("done") == "read")
}

// fillActs decides what the page offers the person to do. The workflow has the
// last word on each.
func (s *server) fillActs(v *trackedView, policy *ticket.Policy, t store.Ticket, typed typedReply, zone *time.Location) {
	terms, account := policy.Kinds[t.Kind], t.State.Account
	if t.Kind == ticket.AccountCancellation && t.Stage.Open() && account.NoReturn.IsZero() {
		switch {
		case account.Obstacles > 0 && !account.Checked:
			v.Obstacles = &obstaclesBox{Settled: account.Settled}
		case (account.Checked || account.ByHand) && !account.Confirmed && t.Stage == ticket.WaitingOnSubject:
			v.Confirm = &confirmBox{Kept: s.kept(policy), Retention: terms.Retention, Cooling: terms.CoolingOff}
			v.Confirm.Wrong = v.Wrong("understood")
		case !account.Confirmed && !account.ByHand && t.State.Decision == nil && !t.State.Reopened:
			v.Lookup = t.Stage == ticket.Triage || t.Stage == ticket.InProgress
		}
	}
	if t.Stage.Open() {
		v.Reply = &replyBox{Token: cmp.Or(typed.Token, seal.NewToken()), Text: typed.Text, Uploads: typed.Uploads,
			MayUpload: len(typed.Uploads) < desk.MaxFiles, MaxFiles: desk.MaxFiles, MaxMB: desk.MaxFileBytes >> 20}
	}
	v.Closing = s.closing(terms, t, typed, zone)
}

// closing asks whether an answer solved the matter: while it is fresh, and for
// "not solved" once and within the policy's days.
func (s *server) closing(terms ticket.Terms, t store.Ticket, typed typedReply, zone *time.Location) *closingBox {
	st := t.State
	if st.Answer.Delivered.IsZero() || st.Solved || st.Appealed && !st.Reopened {
		return nil
	}
	y, m, d := st.Answer.Delivered.In(zone).AddDate(0, 0, terms.Appeal.Window).Date()
	b := &closingBox{Text: typed.Appeal, Until: time.Date(y, m, d, 23, 59, 59, 0, zone)}
	switch t.Stage {
	case ticket.Answered, ticket.Refused:
		b.Solved, b.Appeal = true, !st.Appealed
	case ticket.Closed:
		b.Appeal = !st.Appealed
	default:
		return nil
	}
	if s.Now().After(b.Until) {
		b.Appeal = false
	}
	if !b.Solved && !b.Appeal {
		return nil
	}
	return b
}

// act is an act of the person: what came of it is said on the tracking page.
func (s *server) act(c *gin.Context, proved bool, t store.Ticket, typed typedReply, done string,
	do func(context.Context, ticket.Number) (desk.Outcome, error)) {
	outcome, err := do(c.Request.Context(), t.Number)
	if err != nil {
		s.failed(c, err)
		return
	}
	if outcome.Refused != nil {
		if now, err := s.Store.Ticket(c.Request.Context(), t.Number); err == nil {
			t = now // how it stands by now is why it was refused
		}
		p := s.refusal(c, outcome.Refused)
		if p.Field == desk.InputText && done == "appeal" {
			p.Field = "appeal"
		}
		s.showTicket(c, s.refusedStatus(c, outcome.Refused), proved, t, typed, []templates.Problem{p})
		return
	}
	to := "/ticket?done=" + done
	if outcome.Pending {
		to += "&later=yes"
	}
	c.Redirect(http.StatusSeeOther, to)
}
