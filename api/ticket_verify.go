package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// The verifiers beside the mailed code, as the tracking page offers them.

// offersTexts reports whether a code can be had at the telephone on file.
func (s *server) offersTexts(p *ticket.Policy, t store.Ticket) bool {
	return p.Kinds[t.Kind].Verification.Level >= ticket.LevelAccount && !t.State.Account.ByHand &&
		slices.Contains(s.Desk.Offered(p, ticket.LevelAccount), ticket.MethodSMSCode)
}

// fillProofs says what has to be proved beyond the code: the real name where a
// field asks for it, and that the person may act for somebody else. No more is
// asked than that.
func (s *server) fillProofs(ctx context.Context, v *trackedView, p *ticket.Policy, t store.Ticket, typed realNameTyped) error {
	if !t.Stage.Open() || t.Level < ticket.LevelAccount && t.Level < p.Kinds[t.Kind].Verification.Level {
		return nil
	}
	if t.Relation != ticket.Self && !t.State.RelationProved {
		v.Relation = proofOf(t, ticket.ProofRelation)
	}
	content, err := s.Store.Content(ctx, t.Number)
	if errors.Is(err, store.ErrLocked) || errors.Is(err, store.ErrPurged) {
		return nil
	}
	if err != nil {
		return err
	}
	if t.Level >= ticket.LevelReal || desk.RequiredLevel(p, t, content.Changes) < ticket.LevelReal {
		return nil
	}
	v.RealName = &realNameBox{Methods: s.Desk.Offered(p, ticket.LevelReal), Typed: typed}
	if v.RealName.Offers(string(ticket.MethodIDDocument)) {
		v.RealName.Proof = proofOf(t, ticket.ProofIdentity)
	}
	v.RealName.Paid, err = s.Store.PaymentWaits(ctx, t.Number, s.Now())
	return err
}

func proofOf(t store.Ticket, kind ticket.ProofKind) *proofBox {
	b := &proofBox{Kind: kind, Token: seal.NewToken(), MaxFiles: desk.MaxProofFiles, MaxMB: desk.MaxFileBytes >> 20}
	for _, p := range t.State.Proofs {
		if p.Kind == kind {
			b.Waits, b.Refused = !p.Done, p.Done && !p.Passed
		}
	}
	return b
}

// ticketText asks for a code by text message, also in a browser that has not
// proved anything yet: the code goes to the telephone on file.
func (s *server) ticketText(c *gin.Context) {
	if link, t, ok := s.session(c); ok {
		s.act(c, link.Proved, t, typedReply{}, "text", s.Desk.SendText)
	}
}

// ticketRealName has the registry asked.
func (s *server) ticketRealName(c *gin.Context) {
	s.prove(c, ticket.MethodRealName, "real_name", func(t store.Ticket, typed realNameTyped) (desk.Proof, error) {
		return s.Desk.ProveBy(c.Request.Context(), t.Number, ticket.MethodRealName,
			desk.Typed{RealName: desk.RealName{Name: typed.Name, IDNumber: typed.IDNumber, Phone: typed.Phone}}, network(c))
	})
}

// ticketPayment orders a small payment to the company's account.
func (s *server) ticketPayment(c *gin.Context) {
	s.prove(c, ticket.MethodBankPayment, "payment", func(t store.Ticket, typed realNameTyped) (desk.Proof, error) {
		outcome, err := s.Desk.OrderPayment(c.Request.Context(), t.Number,
			desk.CompanyAccount{Company: typed.Company, CreditCode: typed.CreditCode, BankAccount: typed.Bank}, network(c))
		return desk.Proof{Result: store.CodeOK, Outcome: outcome}, err
	})
}

// ticketAmount tries the amount that was received.
func (s *server) ticketAmount(c *gin.Context) {
	s.prove(c, ticket.MethodBankPayment, "amount", func(t store.Ticket, typed realNameTyped) (desk.Proof, error) {
		return s.Desk.ProveBy(c.Request.Context(), t.Number, ticket.MethodBankPayment, desk.Typed{Amount: typed.Amount}, network(c))
	})
}

// prove tries a verifier with what was typed, and shows the form again with what
// is wrong.
func (s *server) prove(c *gin.Context, method ticket.Method, done string, try func(store.Ticket, realNameTyped) (desk.Proof, error)) {
	t, form, ok := s.provedForm(c)
	if !ok {
		return
	}
	typed := realNameTyped{Method: method, Name: form.Get(desk.InputRealName), IDNumber: form.Get(desk.InputIDNumber),
		Phone: form.Get(desk.InputPhone), Company: form.Get(desk.InputCompany), CreditCode: form.Get(desk.InputCreditCode),
		Bank: form.Get(desk.InputBankAccount), Amount: form.Get(desk.InputAmount)}
	proof, err := try(t, typed)
	var p templates.Problem
	status := http.StatusUnprocessableEntity
	switch {
	case err != nil:
		s.failed(c, err)
		return
	case proof.Refused != nil:
		p, status = s.refusal(c, proof.Refused), s.refusedStatus(c, proof.Refused)
		if proof.Refused.Code == desk.CodeServiceAway {
			status = http.StatusServiceUnavailable
			c.Header("Retry-After", "60")
		}
	case proof.Result != store.CodeOK:
		p = s.problem(c, "", "track.real_name."+done+"_"+string(proof.Result))
		if done == "amount" {
			p.Field = desk.InputAmount
		}
	default:
		to := "/ticket?done=" + done
		if proof.Pending {
			to += "&later=yes"
		}
		c.Redirect(http.StatusSeeOther, to)
		return
	}
	s.showTicket(c, status, true, t, typedReply{RealName: typed}, []templates.Problem{p})
}

// ticketProof takes a document. It is kept apart from the ticket's files, and
// destroyed when it has been decided on.
func (s *server) ticketProof(c *gin.Context) {
	t, ok := s.provedSession(c)
	if !ok {
		return
	}
	s.counts(c, budget{"ticket/" + string(t.Number), bytesOfTicket})
	form, err := beginForm(c)
	var files []store.NewFile
	var problems []templates.Problem
	if err == nil {
		files, problems, err = s.proofFiles(c, form)
	}
	kind := ticket.ProofKind(form.Get("kind"))
	switch {
	case isTooLarge(err):
		problems = append(problems, s.problem(c, desk.InputFiles, "form.files.too_much"))
	case err != nil:
		s.failed(c, err)
		return
	}
	if len(problems) > 0 {
		for i := range problems {
			problems[i].Field = "files-" + string(kind)
		}
		s.showTicket(c, http.StatusUnprocessableEntity, true, t, typedReply{}, problems)
		return
	}
	key := form.Get(inputToken)
	if !isToken(key) {
		key = seal.NewToken()
	}
	outcome, err := s.Desk.SendProof(c.Request.Context(), t.Number, desk.ProofFiles{Kind: kind, Key: key, Files: files})
	switch {
	case err != nil:
		s.failed(c, err)
	case outcome.Refused != nil:
		p := s.refusal(c, outcome.Refused)
		if p.Field == desk.InputFiles {
			p.Field = "files-" + string(kind)
		}
		s.showTicket(c, s.refusedStatus(c, outcome.Refused), true, t, typedReply{}, []templates.Problem{p})
	default:
		to := "/ticket?done=proof"
		if outcome.Pending {
			to += "&later=yes"
		}
		c.Redirect(http.StatusSeeOther, to)
	}
}

func (s *server) proofFiles(c *gin.Context, form *sentForm) (files []store.NewFile, problems []templates.Problem, err error) {
	err = form.eachFile(func(sent sentFile) error {
		if len(files) >= desk.MaxProofFiles { // so many are held in memory, and no more
			problems = append(problems, s.fileProblem(c, s.Desk.CleanName(sent.Name), &desk.FieldError{Field: desk.InputFiles,
				Code: desk.CodeTooManyFiles, Facts: map[string]string{"max": strconv.Itoa(desk.MaxProofFiles)}}))
			return nil
		}
		file, wrong, err := s.takeFile(c.Request.Context(), sent)
		switch {
		case err != nil:
			return err
		case wrong != nil:
			problems = append(problems, s.fileProblem(c, s.Desk.CleanName(sent.Name), wrong))
		default:
			files = append(files, store.NewFile{Name: file.Name, Type: file.Type, Content: file.Content})
		}
		return nil
	})
	return files, problems, err
}

// ticketRevoke makes every link to the ticket worthless, wherever it was mailed,
// but for this browser.
func (s *server) ticketRevoke(c *gin.Context) {
	t, ok := s.provedSession(c)
	if !ok {
		return
	}
	err := s.Store.RevokeLinks(c.Request.Context(), t.Number)
	if err == nil {
		err = s.beginSession(c, t.Number, true)
	}
	if err != nil {
		s.failed(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/ticket?done=revoked")
}
