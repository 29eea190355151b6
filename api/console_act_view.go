package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/contract"
	"rightsdesk/mail"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// actView is an act's form with all it offers.
type actView struct {
	actForm
	Stands     bool // open from the start
	Agents     []agentOption
	Categories []option
	Outcomes   []option
	Reasons    []option
	Fields     []fieldChoice
	Decision   *decisionView
	Task       *contract.ManualTask
	Proof      *proofView
	OfAccount  bool // it is whose the account is that is to be checked, not the real name
	FourEyes   bool // the decision needs a second person
	Extension  ticket.Term
	Remedies   []string // that the answer names
	Draft      bool     // its words are kept as they are typed
	Said       int64    // the last words of this kind that the page shows; see SaveTypedDraft
	HasDraft   bool     // there are words that wait to be sent
}

// formIn is an act's form in its page, for the partials.
type formIn struct {
	Act  actView
	View ticketView
}

// In puts the act into its page.
func (a actView) In(v ticketView) formIn { return formIn{Act: a, View: v} }

// fieldChoice is the decision on one field of a correction.
type fieldChoice struct {
	changeLine
	ID      string // prefix of its inputs
	Accept  string // "yes", "no" or nothing yet
	Reasons []option
}

// AcceptID and ReasonID are the ids of its inputs.
func (f fieldChoice) AcceptID() string { return inputID(actDecide, f.ID+".accept") }
func (f fieldChoice) ReasonID() string { return inputID(actDecide, f.ID+".reason") }

// proofView is a document to be looked at.
type proofView struct {
	contract.Proof
	Number ticket.Number
	SentAt time.Time
	Files  []store.ProofFile
}

// decisionView is a decision that waits for its second person.
type decisionView struct {
	By      ticket.AgentID
	Outcome ticket.Outcome
	Reason  ticket.RefusalReason
	Text    string
	Fields  []contract.FieldDecision
}

// Typed is what stands in an input: what was just sent, or else the draft.
func (v ticketView) Typed(act actName, input string) string {
	if v.back.act == act && v.back.form != nil {
		return v.back.form.Get(input)
	}
	for _, a := range v.Acts {
		if a.Name == act {
			return v.drafts[act][input]
		}
	}
	return ""
}

// now is how the ticket stands for those who want to act.
func (r *ticketRead) now(k *console) onTicket {
	return onTicket{ticket: r.Ticket, terms: r.terms(), level: r.neededLevel(), now: k.Now()}
}

func (k *console) fillActs(c *gin.Context, v *ticketView, r *ticketRead) {
	who := memberOf(c)
	now := r.now(k)
	forms := availableActs(now, who)
	v.drafts = map[actName]map[string]string{}
	for _, f := range forms {
		a := actView{actForm: f, Stands: f.Main || v.back.act == f.Name}
		if kind, input, ok := draftOf(f.Name); ok {
			a.Draft = true
			if r.Personal != nil {
				a.Said = r.Personal.lastSaid(kind)
				v.drafts[f.Name] = map[string]string{input: r.Personal.Drafts[kind]}
				a.HasDraft = r.Personal.Drafts[kind] != "" && kind != string(store.MessageReason)
				a.Stands = a.Stands || a.HasDraft
			}
		}
		v.Acts = append(v.Acts, a)
		k.fillAct(v, r, now, &v.Acts[len(v.Acts)-1])
	}
	v.Kept = v.wordsWithoutForm(r)
}

// keptWords is what an agent wrote for an act that is not possible any more, so
// that it can be copied.
type keptWords struct {
	Act  actName
	Text string
}

// wordsWithoutForm finds words that no form on the page shows: those just sent,
// and drafts.
func (v ticketView) wordsWithoutForm(r *ticketRead) (out []keptWords) {
	if r.Personal == nil {
		return nil
	}
	shown := map[string]bool{"": true}
	for _, a := range v.Acts {
		_, input, _ := draftOf(a.Name)
		shown[v.Typed(a.Name, input)] = true
	}
	for _, name := range actNames() {
		kind, input, ok := draftOf(name)
		if !ok {
			continue
		}
		text := r.Personal.Drafts[kind]
		if v.back.act == name && v.back.form != nil {
			text = v.back.form.Get(input)
		}
		if !shown[text] {
			shown[text] = true
			out = append(out, keptWords{Act: name, Text: text})
		}
	}
	return out
}

func (k *console) fillAct(v *ticketView, r *ticketRead, now onTicket, a *actView) {
	switch a.Name {
	case actAssign:
		for _, member := range r.Staff {
			if !member.Disabled && member.ID != r.Assignee && !now.barred(member.ID, member.Role) &&
				member.Role.May(ticket.MayHandle) && member.Sees(r.Ticket) {
				a.Agents = append(a.Agents, agentOption{ID: member.ID, Name: member.Name,
					Away: member.AwayUntil.After(now.now), Chosen: string(member.ID) == v.Typed(a.Name, "to")})
			}
		}
	case actCategorise:
		chosen := string(r.Category)
		if v.back.act == a.Name {
			chosen = v.Typed(a.Name, "category")
		}
		a.Categories = options("category", ticket.Categories(), chosen)
	case actDecide:
		k.fillDecide(v, r, a)
	case actApprove:
		a.Decision = decisionOf(r)
	case actReviewProof:
		a.Proof = proofViewOf(r, *now.proofFor(v.SignedIn.ID))
	case actCheckIdentity:
		a.OfAccount = r.Ticket.ChecksAccount(r.terms())
	case actTaskDone:
		a.Task = r.State.Account.Manual
	case actExtend:
		a.Extension = r.terms().Extension
	}
}

func (k *console) fillDecide(v *ticketView, r *ticketRead, a *actView) {
	a.Outcomes = options("outcome", []ticket.Outcome{ticket.Accepted, ticket.Partly, ticket.Declined}, v.Typed(a.Name, "outcome"))
	a.Reasons = options("reason", ticket.RefusalReasons(), v.Typed(a.Name, "reason"))
	a.FourEyes = r.terms().FourEyes || r.State.Account.ByHand
	a.Remedies = mail.NewWriter(k.Templates).Remedies(r.Locale, r.Policy.Name)
	if r.Kind != ticket.InfoCorrection || r.Personal == nil {
		return
	}
	for _, line := range changeLines(r) {
		id := "field." + string(line.Field)
		a.FourEyes = a.FourEyes || line.FourEyes
		a.Fields = append(a.Fields, fieldChoice{changeLine: line, ID: id, Accept: v.Typed(a.Name, id+".accept"),
			Reasons: options(id, ticket.RefusalReasons(), v.Typed(a.Name, id+".reason"))})
	}
}

func proofViewOf(r *ticketRead, p contract.Proof) *proofView {
	v := &proofView{Proof: p, Number: r.Number}
	if r.Personal == nil {
		return v
	}
	for _, sent := range r.Personal.Proofs {
		if sent.ID == p.ID {
			v.SentAt, v.Files = sent.SentAt.In(r.Zone), sent.Files
		}
	}
	return v
}

func decisionOf(r *ticketRead) *decisionView {
	d := r.State.Decision
	if d == nil {
		return nil
	}
	v := &decisionView{By: d.By, Outcome: d.Outcome, Reason: d.Reason, Fields: d.Fields}
	if r.Personal != nil {
		for _, m := range r.Personal.Messages {
			if m.ID == d.Message && m.Kind == store.MessageAnswer {
				v.Text = m.Text
			}
		}
	}
	return v
}
