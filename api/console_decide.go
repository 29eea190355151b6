package api

import (
	"net/http"
	"slices"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/mail"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// What the buttons of the decision's form do.
const (
	doPreview = "preview"
	doEdit    = "edit"
)

// decide sends a decision, or shows first what would be sent.
func (k *console) decide(p *posted) error {
	t, content, err := k.decided(p)
	if err != nil {
		return err
	}
	if p.get("do") == doEdit {
		k.showTicket(p.c, p.number, http.StatusOK, refill{act: actDecide, form: p.form})
		return errShown
	}
	decision, problems := k.decision(p, t, content)
	if len(problems) == 0 {
		if problems, err = k.notProved(p, t, decision); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		k.showTicket(p.c, p.number, http.StatusUnprocessableEntity, refill{act: actDecide, form: p.form, problems: problems})
		return errShown
	}
	if p.get("do") == doPreview {
		return k.previewDecision(p, t, content, decision)
	}
	_, err = k.Desk.Decide(p.ctx, p.by, p.number, decision)
	return err
}

func (k *console) decided(p *posted) (store.Ticket, store.Content, error) {
	t, err := k.Store.Ticket(p.ctx, p.number)
	if err != nil {
		return t, store.Content{}, err
	}
	content, err := k.Store.Content(p.ctx, p.number)
	if isGone(err) {
		return t, content, ticket.Refuse(desk.CodeTicketClosed)
	}
	return t, content, err
}

// decision reads the form. In a correction the fields are decided one by one, and
// what became of the whole follows from them.
func (k *console) decision(p *posted, t store.Ticket, content store.Content) (desk.Decision, []templates.Problem) {
	d := desk.Decision{Text: p.get("text")}
	var problems []templates.Problem
	missing := func(input, key string) {
		problems = append(problems, templates.Problem{Field: inputID(actDecide, input), Text: k.say(p.c, key)})
	}
	if t.Kind == ticket.InfoCorrection {
		d.Fields = fieldDecisions(p, content, missing)
		d.Outcome, d.Reason = outcomeOf(d.Fields)
	} else {
		d.Outcome, _ = ticket.ParseOne(p.get("outcome"), []ticket.Outcome{ticket.Accepted, ticket.Partly, ticket.Declined})
		d.Reason, _ = ticket.ParseOne(p.get("reason"), ticket.RefusalReasons())
		if d.Outcome == "" {
			missing("outcome", "console.decide.outcome_missing")
		}
		switch {
		case d.Outcome == ticket.Accepted:
			d.Reason = ""
		case d.Outcome != "" && d.Reason == "":
			missing("reason", "console.decide.reason_missing")
		}
	}
	if len([]rune(d.Text)) < 2 {
		missing("text", "console.decide.text_missing")
	}
	return d, problems
}

// notProved says early what the workflow would refuse: granting what has yet to
// be proved. It names the act that is needed first.
func (k *console) notProved(p *posted, t store.Ticket, d desk.Decision) ([]templates.Problem, error) {
	if d.Outcome == ticket.Declined || t.Level < ticket.LevelContact {
		return nil, nil // a refusal grants nothing; before the code the workflow says so itself
	}
	policy, err := k.Planner.Policy(p.ctx, t.Policy)
	if err != nil {
		return nil, err
	}
	var problems []templates.Problem
	for _, f := range d.Fields {
		rule, ok := policy.Field(string(f.Field))
		if ok && f.Accept && rule.Level > t.Level {
			problems = append(problems, templates.Problem{Field: inputID(actDecide, "field."+string(f.Field)+".accept"),
				Text: k.say(p.c, "console.decide.level_missing", "field", k.sentence(p.c, "field."+string(f.Field), string(f.Field)),
					"act", k.say(p.c, "console.act.check-identity"))})
		}
	}
	if t.Relation != ticket.Self && !t.State.RelationProved {
		problems = append(problems, templates.Problem{Field: "act-" + string(actDecide), Text: k.say(p.c, "console.decide.relation_missing")})
	}
	return problems, nil
}

func fieldDecisions(p *posted, content store.Content, missing func(input, key string)) []contract.FieldDecision {
	var out []contract.FieldDecision
	for _, change := range content.Changes {
		id := "field." + string(change.Field)
		f := contract.FieldDecision{Field: change.Field, Accept: p.get(id+".accept") == "yes"}
		switch {
		case f.Accept:
		case p.get(id+".accept") != "no":
			missing(id+".accept", "console.decide.field_missing")
		default:
			f.Reason, _ = ticket.ParseOne(p.get(id+".reason"), ticket.RefusalReasons())
			if f.Reason == "" {
				missing(id+".reason", "console.decide.reason_missing")
			}
		}
		out = append(out, f)
	}
	return out
}

// outcomeOf is accepted when every field was, refused when none, partly between;
// the reason is that of the first field refused.
func outcomeOf(fields []contract.FieldDecision) (ticket.Outcome, ticket.RefusalReason) {
	refused := slices.IndexFunc(fields, func(f contract.FieldDecision) bool { return !f.Accept })
	if refused < 0 {
		return ticket.Accepted, ""
	}
	if slices.ContainsFunc(fields, func(f contract.FieldDecision) bool { return f.Accept }) {
		return ticket.Partly, fields[refused].Reason
	}
	return ticket.Declined, fields[refused].Reason
}

// previewView is the answer as the person will read it.
type previewView struct {
	templates.Frame
	Number   ticket.Number
	Language ticket.Locale
	Subject  string
	Text     string
	FourEyes bool
	Later    bool // it leaves only when the account system has confirmed
	Typed    []hidden
}

func (k *console) previewDecision(p *posted, t store.Ticket, content store.Content, d desk.Decision) error {
	policy, err := k.Planner.Policy(p.ctx, t.Policy)
	if err != nil {
		return err
	}
	zone, err := k.zone(p.ctx, t.Policy)
	if err != nil {
		return err
	}
	terms := policy.Kinds[t.Kind]
	writer := mail.NewWriter(k.Templates)
	letter := mail.Letter{Locale: t.Locale, Number: t.Number, Kind: t.Kind, Received: t.ReceivedAt.In(zone), Words: d.Text,
		Outcome: d.Outcome, Reason: d.Reason, Link: k.BaseURL + "/track/…", Remedies: writer.Remedies(t.Locale, policy.Name)}
	if !t.Appealed {
		letter.Appeal = terms.Appeal.Window
	}
	v := previewView{Frame: k.staffFrame(p.c, "console.preview.title", "number", string(t.Number)), Number: t.Number,
		Language: t.Locale, FourEyes: d.Outcome != ticket.Declined && (terms.FourEyes || t.State.Account.ByHand),
		Later: t.Kind != ticket.Complaint && d.Outcome != ticket.Declined}
	for i, f := range d.Fields {
		letter.Changes = append(letter.Changes, mail.Changed{Field: writer.FieldName(t.Locale, string(f.Field)),
			To: masked(content.Changes[i].Proposed), Done: f.Accept, Reason: f.Reason})
		rule, _ := policy.Field(string(f.Field))
		v.FourEyes = v.FourEyes || f.Accept && rule.FourEyes
	}
	message, err := writer.Write(string(contract.LetterAnswer), letter)
	if err != nil {
		return err
	}
	v.Path = "/desk/tickets/" + string(t.Number)
	v.Subject, v.Text = message.Subject, message.Text
	for _, name := range []string{"lease", "outcome", "reason", "text"} {
		v.Typed = append(v.Typed, hidden{name, p.get(name)})
	}
	for _, f := range content.Changes {
		for _, end := range []string{".accept", ".reason"} {
			v.Typed = append(v.Typed, hidden{"field." + string(f.Field) + end, p.get("field." + string(f.Field) + end)})
		}
	}
	if err := k.Store.SaveDraft(p.ctx, p.number, p.by.ID, string(store.MessageAnswer), d.Text); err != nil {
		return err
	}
	k.page(p.c, http.StatusOK, "console/preview", v)
	return errShown
}
