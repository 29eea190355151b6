package api

import (
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

// codeBox is where the one-time code is entered.
type codeBox struct {
	Level   ticket.Level // at which contact it arrives
	Expires int          // days in which identity has to be proved
	ByHand  bool         // staff check the identity: there is no code
}

// obstaclesBox says what prevents a cancellation.
type obstaclesBox struct {
	Items   []string
	Settled bool // the person says so; it is being looked at again
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
	ID      int64
	At      time.Time
	Open    bool
	Text    string
	Files   []store.Attachment
	Outcome ticket.Outcome
	Reason  ticket.RefusalReason

	Appeal   bool     // to the privacy officer: once
	Remedies []string // where else to turn, under the ticket's policy
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
	contract.ActObstaclesSettled: true, contract.ActConfirmed: true, contract.ActServicesStopped: true,
	contract.ActNoReturn: true, contract.ActErased: true, contract.ActCorrected: true,
	contract.ActCorrectionUndone: true, contract.ActAnswered: true, contract.ActAnswerBounced: true,
	contract.ActAnswerRead: true, contract.ActExtended: true, contract.ActWithdrawn: true,
	contract.ActSolved: true, contract.ActAppealed: true, contract.ActClosed: true,
	contract.ActRetained: true, contract.ActPurged: true,
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
