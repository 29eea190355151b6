package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// ticketConfirm accepts the consequences of a cancellation (clause 5.4).
func (s *server) ticketConfirm(c *gin.Context) {
	t, form, ok := s.provedForm(c)
	if !ok {
		return
	}
	if form.Get("understood") != "yes" {
		s.showTicket(c, http.StatusUnprocessableEntity, true, t, typedReply{},
			[]templates.Problem{s.problem(c, "understood", "track.confirm.need")})
		return
	}
	s.act(c, true, t, typedReply{}, "confirm", s.Desk.Confirm)
}

// ticketObstacles says that what prevented the cancellation has been settled.
func (s *server) ticketObstacles(c *gin.Context) {
	if t, ok := s.provedSession(c); ok {
		s.act(c, true, t, typedReply{}, "obstacles", s.Desk.ObstaclesSettled)
	}
}

// ticketSolved says that the answer solved the matter.
func (s *server) ticketSolved(c *gin.Context) {
	if t, ok := s.provedSession(c); ok {
		s.act(c, true, t, typedReply{}, "solved", s.Desk.Solved)
	}
}

// ticketNotSolved is the appeal: once, with what is still wrong.
func (s *server) ticketNotSolved(c *gin.Context) {
	t, form, ok := s.provedForm(c)
	if !ok {
		return
	}
	typed := typedReply{Appeal: form.Get("appeal")}
	if typed.Appeal == "" {
		s.showTicket(c, http.StatusUnprocessableEntity, true, t, typed,
			[]templates.Problem{s.problem(c, "appeal", "track.appeal.need")})
		return
	}
	s.act(c, true, t, typed, "appeal", func(ctx context.Context, n ticket.Number) (desk.Outcome, error) {
		return s.Desk.NotSolved(ctx, n, desk.Words{Text: typed.Appeal})
	})
}

// ticketRead opens the answer, which is put on record: the person has read it.
func (s *server) ticketRead(c *gin.Context) {
	t, form, ok := s.provedForm(c)
	if !ok {
		return
	}
	id, err := strconv.ParseInt(form.Get("message"), 10, 64)
	if err != nil || id != t.State.Answer.Message {
		c.Redirect(http.StatusSeeOther, "/ticket")
		return
	}
	if _, err := s.Desk.AnswerRead(c.Request.Context(), t.Number, id); err != nil {
		s.failed(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/ticket?done=read#answer")
}

// withdrawView asks once more before a request is taken back.
type withdrawView struct {
	templates.Frame
	Number ticket.Number
	Kind   ticket.Kind
}

// ticketWithdrawForm asks whether the request is really to be withdrawn.
func (s *server) ticketWithdrawForm(c *gin.Context) {
	_, t, ok := s.session(c)
	if !ok {
		return
	}
	s.page(c, http.StatusOK, "track/withdraw",
		withdrawView{Frame: s.frame(c, "track.withdraw.title"), Number: t.Number, Kind: t.Kind})
}

// ticketWithdraw takes the request back. While identity is still to be proved
// the browser that filed it may do so too; after that only a proved person.
func (s *server) ticketWithdraw(c *gin.Context) {
	link, t, ok := s.session(c)
	if !ok {
		return
	}
	if !link.Proved && t.Stage != ticket.Received && t.Stage != ticket.Verifying {
		s.fault(c, http.StatusForbidden)
		return
	}
	s.act(c, link.Proved, t, typedReply{}, "withdraw", s.Desk.Withdraw)
}

// visible reports whether the person may have a file: one of the request, or of
// a message they may read.
func (s *server) visible(ctx context.Context, number ticket.Number, message int64) (bool, error) {
	if message == 0 {
		return true, nil
	}
	messages, err := s.correspondence(ctx, number)
	if err != nil {
		return false, err
	}
	for _, m := range messages {
		if m.ID == message {
			return true, nil
		}
	}
	return false, nil
}
