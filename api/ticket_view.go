package api

import (
	"slices"
	"time"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// trackedView is the tracking page. A session that is not proved sees the first
// group only: what follows is nobody's business but the person's.
type trackedView struct {
	templates.Frame
	Number   ticket.Number
	Kind     ticket.Kind
	Stage    ticket.Stage
	Starting bool // filed, but the procedure has not begun yet
	Deadline templates.Deadline
	Proved   bool
	Code     *codeBox
	Withdraw bool
	Working  bool      // the code was right, and the ticket is about to go on
	Lookup   bool      // the account is being looked up, before a cancellation goes on
	Appeal   bool      // it is being looked at again
	Closes   time.Time // when silence of the person, who is waited for, closes it; zero: it does not

	RealName  *realNameBox
	Relation  *proofBox
	Obstacles *obstaclesBox
	Confirm   *confirmBox
	Asked     *trackedMessage
	Reply     *replyBox
	Answer    *answerBox
	Closing   *closingBox
	Messages  []trackedMessage
	Timeline  []happened
	Answers   []answer // what the person asked for, as they wrote it
	Changes   []changeAnswer
	Files     []store.Attachment // that came with the request
	Locked    bool               // what was written is locked away or gone
}

// MustProveMore reports whether the person has a proof to bring that the code was not.
func (v trackedView) MustProveMore() bool {
	return v.Relation != nil && !v.Relation.Waits || v.RealName != nil && !(v.RealName.Proof != nil && v.RealName.Proof.Waits)
}

// codeBox is where the one-time code is entered.
type codeBox struct {
	Level   ticket.Level // at which contact it arrives
	Expires int          // days in which identity has to be proved
	ByHand  bool         // staff check the identity: there is no code
	Texts   bool         // a code can be had by text message too
	SignIn  bool         // or by signing in at the operator's provider
	Again   bool         // identity was proved in another browser
	Refused bool         // the mail server of the address that was given took no mail for it
}

// realNameBox is where the person proves their real name, where a field asks for
// it: in which ways, and how each stands.
type realNameBox struct {
	Methods []ticket.Method
	Typed   realNameTyped
	Paid    bool      // a payment waits for its amount
	Proof   *proofBox // a picture of a document
}

// Offers reports whether a method can be chosen.
func (b *realNameBox) Offers(m string) bool { return slices.Contains(b.Methods, ticket.Method(m)) }

// realNameTyped is what was typed, to be shown again.
type realNameTyped struct {
	Method                            ticket.Method // whose form it was
	Name, IDNumber, Phone             string
	Company, CreditCode, Bank, Amount string
}

// proofBox is where a document is sent.
type proofBox struct {
	Kind     ticket.ProofKind
	Token    string
	Waits    bool // one is being looked at
	Refused  bool // the last one was not accepted
	MaxFiles int
	MaxMB    int
}

// obstaclesBox says what prevents a cancellation.
type obstaclesBox struct {
	Items   []string
	Settled bool      // the person says so; it is being looked at again
	Again   time.Time // when it was looked at again, and was not
}

// confirmBox asks for the consequences of a cancellation to be confirmed.
type confirmBox struct {
	Kept      []keptField
	Retention int // days
	Cooling   int // days
	Wrong     string
}

// replyBox is where the person writes to the desk.
type replyBox struct {
	Token, Text string
	Uploads     []store.Upload
	MayUpload   bool
	MaxFiles    int
	MaxMB       int
}

// answerBox is the answer: behind a button until the person opens it, so that
// opening it can be put on record without a link doing so.
type answerBox struct {
	ID       int64
	At       time.Time // of its delivery; zero: it is on its way
	OfAppeal bool
	Open     bool
	Text     string
	Files    []store.Attachment
	Outcome  ticket.Outcome
	Reason   ticket.RefusalReason

	Cancelled bool
	Changes   []answeredChange
	Kept      []store.KeptField

	Appeal   bool     // to the privacy officer: once
	Remedies []string // where else to turn, under the ticket's policy
}

// answeredChange is what became of one field of a correction.
type answeredChange struct {
	Field, To string
	Done      bool
	Reason    ticket.RefusalReason // why not
}

// closingBox asks whether the answer solved the matter.
type closingBox struct {
	Solved bool      // may still be said
	Appeal bool      // "not solved" may still be said
	Until  time.Time // the last day of it
	Text   string
}

// trackedMessage is a message of the correspondence.
type trackedMessage struct {
	ID    int64
	Kind  store.MessageKind
	Mine  bool // the person wrote it
	At    time.Time
	Text  string
	Files []store.Attachment
}

// happened is a line of the timeline, in words for the person.
type happened struct {
	At    time.Time
	Key   string
	Field contract.Code // corrections: the field
}

// told is what of the audit trail the person is told, each by the sentence
// "track.act.<act>". What staff do among themselves is not theirs to see.
var told = map[contract.Act]bool{
	contract.ActReceived: true, contract.ActCodeSent: true, contract.ActVerified: true,
	contract.ActIdentityRefused: true, contract.ActVerifyExpired: true, contract.ActReminded: true,
	contract.ActClaimed: true, contract.ActAsked: true, contract.ActReplied: true, contract.ActObstacles: true,
	contract.ActObstaclesSettled: true, contract.ActConfirmed: true, contract.ActServicesStopped: true, contract.ActLeftStopped: true,
	contract.ActNoReturn: true, contract.ActErased: true, contract.ActCorrected: true,
	contract.ActCorrectionUndone: true, contract.ActAnswered: true, contract.ActAnswerBounced: true,
	contract.ActAnswerRead: true, contract.ActExtended: true, contract.ActWithdrawn: true,
	contract.ActSolved: true, contract.ActAppealed: true, contract.ActClosed: true,
	contract.ActRetained: true, contract.ActPurged: true, contract.ActProofSent: true, contract.ActProofReviewed: true,
	contract.ActProofAccepted: true, contract.ActProofRefused: true,
}

// timeline tells what happened, newest first. The first claim alone is told: who
// handed the ticket to whom afterwards is the desk's affair.
func timeline(events []contract.Event, zone *time.Location) (out []happened) {
	claimed := false
	for _, e := range events {
		if !told[e.Act] || e.Act == contract.ActClaimed && claimed {
			continue
		}
		claimed = claimed || e.Act == contract.ActClaimed
		h := happened{At: e.At.In(zone), Key: "track.act." + string(e.Act)}
		if e.Act == contract.ActCorrected || e.Act == contract.ActCorrectionUndone {
			h.Field = e.Code
		}
		out = append([]happened{h}, out...)
	}
	return out
}

// proofForm is a form for a document, with the ticket it belongs to and what was
// wrong with the last try.
type proofForm struct {
	Number ticket.Number
	Proof  *proofBox
	Wrong  string
}

// ProofForm is the form of a document on this page.
func (v trackedView) ProofForm(b *proofBox) proofForm {
	return proofForm{Number: v.Number, Proof: b, Wrong: v.Wrong("files-" + string(b.Kind))}
}
