package api

import (
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// eventLine is one entry of the audit trail in words.
type eventLine struct {
	At     time.Time
	What   string
	Detail string
	Who    string
	Filed  time.Time // of a receipt that staff wrote down later: when
}

// filedLater reports that the request had been received before it was filed.
func (r *ticketRead) filedLater() bool { return r.FiledAt.Sub(r.ReceivedAt) >= time.Minute }

// timeline tells what happened, the latest first.
func (k *console) timeline(c *gin.Context, r *ticketRead) []eventLine {
	out := make([]eventLine, 0, len(r.Events))
	for _, e := range r.Events {
		line := eventLine{At: e.At.In(r.Zone), What: k.sentence(c, "act."+string(e.Act), string(e.Act)),
			Detail: k.codeWords(c, e), Who: k.who(c, e.Actor, e.Agent)}
		if e.Act == contract.ActReceived && r.filedLater() {
			line.Filed = r.FiledAt.In(r.Zone)
		}
		out = append(out, line)
	}
	slices.Reverse(out)
	return out
}

func (k *console) who(c *gin.Context, actor contract.Actor, agent ticket.AgentID) string {
	if agent != ticket.Nobody {
		return string(agent)
	}
	return k.say(c, "actor."+string(actor))
}

// codeWords says what an event concerns. Its code is a word of the vocabulary;
// which list it is from depends on the act.
func (k *console) codeWords(c *gin.Context, e contract.Event) string {
	code := string(e.Code)
	if code == "" {
		return ""
	}
	switch e.Act {
	case contract.ActRepaired:
		return k.repairWords(c, code)
	case contract.ActMadeAgain:
		first, last, _ := strings.Cut(code, "-")
		return k.say(c, "made_again", "from", first, "to", last)
	}
	if field, decided, ok := strings.Cut(code, ":"); ok { // one field of a correction
		words := k.sentence(c, "reason."+decided, decided)
		if decided == "accepted" {
			words = k.say(c, "console.changes.accepted")
		}
		return k.sentence(c, "field."+field, field) + k.say(c, "page.colon") + words
	}
	var lists []string
	switch e.Act {
	case contract.ActStage:
		return k.stageWords(c, ticket.Stage(code))
	case contract.ActVerified, contract.ActIdentityRefused:
		lists = []string{"console.level.", "level.", "method."}
	case contract.ActReceived:
		lists = []string{"channel."}
	case contract.ActCodeSent:
		lists = []string{"recipient.", "method."}
	case contract.ActProofSent, contract.ActProofReviewed, contract.ActProofAccepted, contract.ActProofRefused:
		lists = []string{"proof."}
	case contract.ActReminded, contract.ActMailFailed:
		lists = []string{"letter.", "method."}
	case contract.ActDecided, contract.ActClosed, contract.ActWithdrawn, contract.ActVerifyExpired, contract.ActAnswered:
		lists = []string{"outcome."}
	case contract.ActCategorised:
		lists = []string{"category."}
	case contract.ActCorrected, contract.ActCorrectionUndone:
		lists = []string{"field."}
	case contract.ActTaskOpened, contract.ActTaskTicked, contract.ActFulfilmentFailed:
		lists = []string{"account_step.", "field."}
	case contract.ActEscalated:
		lists = []string{"role.", "rung."}
	case contract.ActAssigned:
		return code
	default:
		lists = []string{"rung.", "outcome.", "reason.", "category.", "field.", "role."}
	}
	for _, list := range lists {
		if k.Templates.Words().Has(locale(c), list+code) {
			return k.say(c, list+code)
		}
	}
	return code
}

// repairWords says what the doctor has put right.
func (k *console) repairWords(c *gin.Context, code string) string {
	what, revisions, _ := strings.Cut(code, ":")
	first, last, _ := strings.Cut(revisions, "-")
	if !k.Templates.Words().Has(locale(c), "repaired."+what) {
		return code
	}
	return k.say(c, "repaired."+what, "from", first, "to", last)
}

// mailLine is a line of the mail log. It has no address.
type mailLine struct {
	store.Mail
	Queued, Last time.Time
}

func mailLines(r *ticketRead) []mailLine {
	var out []mailLine
	for _, m := range r.Mails {
		line := mailLine{Mail: m, Queued: in(m.QueuedAt, r.Zone), Last: in(m.LastTriedAt, r.Zone)}
		if !m.AcceptedAt.IsZero() {
			line.Last = m.AcceptedAt.In(r.Zone)
		}
		out = append(out, line)
	}
	slices.Reverse(out)
	return out
}
