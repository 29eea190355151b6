package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// Entry is an entry of a ticket's audit trail with its place in the chain.
type Entry struct {
	Seq    int64          `json:"seq"` // 1, 2, 3 … within the ticket
	Rev    int64          `json:"rev"` // of the workflow's record it came with; 0: none
	At     time.Time      `json:"at"`
	Actor  contract.Actor `json:"actor"`
	Agent  ticket.AgentID `json:"agent"`
	Act    contract.Act   `json:"act"`
	Code   contract.Code  `json:"code"`
	Object int64          `json:"object"`
	Hash   string         `json:"hash"`
	// Adopted: it was written before entries were chained, and proved from then on only.
	Adopted bool `json:"adopted,omitempty"`
}

// ClockEntry is a line of the clock's ledger with its place in its own chain.
type ClockEntry struct {
	Seq         int64                    `json:"seq"`
	Rev         int64                    `json:"rev"`
	At          time.Time                `json:"at"`
	Event       ticket.ClockEvent        `json:"event"`
	Running     bool                     `json:"running"` // from this entry on
	Due         time.Time                `json:"due,omitzero"`
	Provisional bool                     `json:"provisional"`
	Calendar    contract.CalendarVersion `json:"calendar"`
	Rung        ticket.Rung              `json:"rung"`
	Actor       contract.Actor           `json:"actor"`
	Agent       ticket.AgentID           `json:"agent"`
	Reason      int64                    `json:"reason"`
	Hash        string                   `json:"hash"`
	Adopted     bool                     `json:"adopted,omitempty"` // see Entry
}

// The names of the two encodings. One that is out in the world never changes; a
// new field needs a new name.
const (
	entryEncoding = "rightsdesk/event/1"
	clockEncoding = "rightsdesk/clock/1"
)

// Digest is the hash an entry of a ticket must have behind the one before: the
// SHA-256, in hex, of its Encode'd fields. Previous is empty for the first.
func (e Entry) Digest(number ticket.Number, previous string) string {
	return digest(entryEncoding, previous, string(number), whole(e.Seq), whole(e.Rev), Moment(e.At), string(e.Actor),
		string(e.Agent), string(e.Act), string(e.Code), whole(e.Object))
}

// Digest is the hash a line of a ticket's ledger must have behind the one before.
func (e ClockEntry) Digest(number ticket.Number, previous string) string {
	return digest(clockEncoding, previous, string(number), whole(e.Seq), whole(e.Rev), Moment(e.At), string(e.Event),
		strconv.FormatBool(e.Running), Moment(e.Due), strconv.FormatBool(e.Provisional), whole(int64(e.Calendar)),
		string(e.Rung), string(e.Actor), string(e.Agent), whole(e.Reason))
}

func digest(fields ...string) string {
	sum := sha256.Sum256([]byte(Encode(fields...)))
	return hex.EncodeToString(sum[:])
}

// Encode writes fields so that no two lists of fields look alike: each as the
// count of its bytes in decimal, a colon, the bytes, and a comma.
func Encode(fields ...string) string {
	var text strings.Builder
	for _, f := range fields {
		text.WriteString(strconv.Itoa(len(f)))
		text.WriteByte(':')
		text.WriteString(f)
		text.WriteByte(',')
	}
	return text.String()
}

// Moment writes a time as it is hashed: UTC with microseconds, empty for none.
func Moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }
