package mail

import (
	"fmt"
	"strings"
	"time"

	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// The mails that are not letters of a ticket's procedure.
const (
	StaffNotice  = "staff_notice"  // to members of staff
	TrackingLink = "tracking_link" // asked for at /track
)

// Letter is all that the templates under templates/mails may say. Everything in
// it is the product's or the operator's own vocabulary, but for Words, Changes
// and Obstacles: those go to a proved address only, which the caller sees to.
type Letter struct {
	Operator templates.Operator
	Locale   ticket.Locale
	Number   ticket.Number
	Kind     ticket.Kind
	Stage    ticket.Stage // staff notices only

	Received    time.Time // in the zone of the calendar, as all times here
	Due         time.Time // reply deadline; zero: none is owed any more
	Provisional bool
	Until       time.Time // the end of what the letter asks for
	Link        string    // to the ticket's page

	Code      string // the one-time code
	Minutes   int    // for how long it is valid
	Words     string // what staff wrote to the person
	Hidden    bool   // there are words, but they are shown on the page only
	Outcome   ticket.Outcome
	Reason    ticket.RefusalReason
	Obstacles []string
	Changes   []Changed
	Kept      []Kept
	KeptDays  int      // consequences: how long the rest is kept
	Appeal    int      // days within which "not solved" may be said; 0: no more
	Remedies  []string // where else to complain; see Writer.Remedies
	Why       string   // staff notices: what calls for them
	ToDo      string   // staff notices: what is to be done
	OfAppeal  bool     // answers: to the appeal
	RealName  bool     // the real name has still to be proved
	Relation  bool     // that the person may act for another has still to be proved
}

// Changed is one field of a correction as the answer lists it, values masked.
type Changed struct {
	Field  string // in words
	From   string
	To     string
	Done   bool
	Reason ticket.RefusalReason // why not
}

// Kept is a field that the law keeps after a cancellation.
type Kept struct {
	Field string // in words
	Until time.Time
	Basis string
}

// OperatorName is the operator's name in the language of the letter.
func (l Letter) OperatorName() string { return l.Operator.NameIn(l.Locale) }

// Paragraphs are the words, an element a line.
func (l Letter) Paragraphs() []string {
	if strings.TrimSpace(l.Words) == "" {
		return nil
	}
	return strings.Split(strings.TrimSpace(strings.ReplaceAll(l.Words, "\r\n", "\n")), "\n")
}

// Writer turns letters into messages.
type Writer struct{ set *templates.Set }

// NewWriter takes the templates and catalogues.
func NewWriter(set *templates.Set) *Writer { return &Writer{set: set} }

// Operator is whose desk writes.
func (w *Writer) Operator() templates.Operator { return w.set.Operator() }

// Write renders the letter of that name: subject and both bodies. Who it goes
// to, and under which Message-ID, the caller adds.
func (w *Writer) Write(name string, l Letter) (Message, error) {
	l.Operator = w.set.Operator()
	text, html, err := w.set.Mail(name, l.Locale, view{Letter: l, words: w.set.Words(), Staff: name == StaffNotice})
	if err != nil {
		return Message{}, fmt.Errorf("writing mail %s: %w", name, err)
	}
	key := "mail." + name + ".subject"
	if l.OfAppeal {
		key += "_appeal"
	}
	subject := w.set.Words().T(l.Locale, key, "number", l.Number, "why", l.Why, "operator", l.OperatorName())
	return Message{Subject: subject, Text: tidy(text), HTML: html, Locale: l.Locale}, nil
}

// FieldName is an account field in words; one the catalogues don't know shows as
// the policy names it.
func (w *Writer) FieldName(l ticket.Locale, field string) string {
	if key := "field." + field; w.set.Words().Has(l, key) {
		return w.set.Words().T(l, key)
	}
	return field
}

// Remedies are the bodies outside the operator to turn to, under a policy.
func (w *Writer) Remedies(l ticket.Locale, policy string) []string {
	words, out := w.set.Words(), []string(nil)
	if !words.Has(l, "mail.remedy."+policy+".authority") {
		policy = "other"
	}
	for _, where := range []string{"authority", "court"} {
		if key := "mail.remedy." + policy + "." + where; words.Has(l, key) {
			out = append(out, words.T(l, key))
		}
	}
	return out
}

// Notices of their own among what calls for staff.
const (
	NoticeAppeal   = "appeal"   // an appeal waits for its decision
	NoticeIncident = "incident" // a security incident was reported

	NoticeWordsLost = "words_lost" // a restore took what the person wrote
	NoticeApproval  = "approval"   // a decision waits for a second person
)

// Reason is what calls for a member of staff, in words, and what is to be done:
// about a rung of the ladder, an act, or a notice of its own.
func (w *Writer) Reason(l ticket.Locale, rung ticket.Rung, act string) (why, todo string) {
	word, key := act, "act."+act
	switch {
	case rung != "":
		word, key = string(rung), "rung."+string(rung)
	case act == NoticeAppeal, act == NoticeIncident, act == NoticeWordsLost, act == NoticeApproval:
		key = "mail.staff_notice." + act
	}
	if do := "mail.staff_notice.do." + word; w.set.Words().Has(l, do) {
		todo = w.set.Words().T(l, do)
	}
	return w.set.Words().T(l, key), todo
}

// TextCode is the text message that carries a one-time code.
func (w *Writer) TextCode(l ticket.Locale, number ticket.Number, code string) string {
	return w.set.Words().T(l, "mail.text_code", "operator", w.set.Operator().NameIn(l), "code", code, "number", number)
}

// tidy leaves one empty line where the template's conditions left several.
func tidy(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, line)
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n"
}
