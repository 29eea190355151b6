package api

import (
	"context"
	"net/http"
	"time"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// v1Ticket is all that staff see of a ticket.
type v1Ticket struct {
	Number     ticket.Number        `json:"number"`
	Kind       ticket.Kind          `json:"kind"`
	Category   ticket.Category      `json:"category,omitempty"`
	Channel    ticket.Channel       `json:"channel"`
	Relation   ticket.Relation      `json:"relation"`
	Locale     ticket.Locale        `json:"locale" doc:"Of the person"`
	Stage      ticket.Stage         `json:"stage"`
	Awaiting   ticket.Awaiting      `json:"awaiting"`
	Outcome    ticket.Outcome       `json:"outcome,omitempty"`
	Reason     ticket.RefusalReason `json:"reason,omitempty"`
	ReceivedAt time.Time            `json:"received_at"`
	FiledAt    time.Time            `json:"filed_at"`
	FiledBy    ticket.AgentID       `json:"filed_by,omitempty" doc:"Absent: the person"`
	Policy     v1PolicyRef          `json:"policy"`
	Reply      v1Deadline           `json:"reply"`
	Clock      v1Clock              `json:"clock"`
	Assignee   ticket.AgentID       `json:"assignee,omitempty"`
	Claim      *v1Claim             `json:"claim,omitempty" doc:"Who works on it right now"`
	Level      ticket.Level         `json:"level" doc:"How strongly identity has been proved"`
	Needed     ticket.Level         `json:"level_needed"`
	VerifiedAt *time.Time           `json:"verified_at,omitempty"`
	AnsweredAt *time.Time           `json:"answered_at,omitempty"`
	ClosedAt   *time.Time           `json:"closed_at,omitempty"`
	KeptUntil  *time.Time           `json:"kept_until,omitempty"`
	PurgedAt   *time.Time           `json:"purged_at,omitempty"`
	Appealed   bool                 `json:"appealed"`
	Starting   bool                 `json:"starting" doc:"Its workflow has not begun yet"`
	Revision   int64                `json:"revision"`
	Acts       []string             `json:"acts" nullable:"false" doc:"What you can do now: the ends of the addresses under the ticket"`
	Decision   *v1Decided           `json:"decision,omitempty" doc:"In force, or waiting for a second person"`
	ByHand     bool                 `json:"by_hand,omitempty" doc:"No account system is connected: staff check whose the account is, and do its acts"`
	Task       *v1Task              `json:"task,omitempty" doc:"A step that staff do at the account system"`
	Personal   *v1Personal          `json:"personal,omitempty" doc:"Absent once it was locked away or purged, and for roles that may not read it. That it was shown goes on record"`
	Timeline   []v1Event            `json:"timeline" nullable:"false" doc:"The audit trail, the oldest first"`
	Ledger     []v1LedgerLine       `json:"ledger" nullable:"false" doc:"What the reply clock did"`
	Troubles   []v1Trouble          `json:"troubles" nullable:"false" doc:"What fails again and again, and is tried on"`
	Mails      []v1Mail             `json:"mails" nullable:"false" doc:"The mail log; it has no addresses"`
}

// v1PolicyRef is the policy a ticket was received under.
type v1PolicyRef struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
}

// v1Clock is the reply clock.
type v1Clock struct {
	SLA          ticket.SLAState          `json:"sla"`
	Calendar     contract.CalendarVersion `json:"calendar_version"`
	Escalation   int                      `json:"escalation" doc:"Rungs climbed"`
	Acknowledged ticket.Role              `json:"acknowledged_by,omitempty" doc:"Notices up to this role are quiet"`
	Extended     bool                     `json:"extended"`
	BreachedAt   *time.Time               `json:"breached_at,omitempty"`
	StoppedAt    *time.Time               `json:"stopped_at,omitempty"`
}

// v1Claim is a claim on a ticket. Acts under it carry its number.
type v1Claim struct {
	Lease  int            `json:"lease"`
	Holder ticket.AgentID `json:"holder"`
	Mine   bool           `json:"mine"`
	Until  time.Time      `json:"until"`
}

// v1Event is an entry of the audit trail.
type v1Event struct {
	At     time.Time      `json:"at"`
	Actor  contract.Actor `json:"actor"`
	Agent  ticket.AgentID `json:"agent,omitempty"`
	Act    contract.Act   `json:"act"`
	Code   contract.Code  `json:"code,omitempty" doc:"What it concerns: a stage, reason, rung, level or field"`
	Object int64          `json:"object,omitempty" doc:"Id of the message or note concerned"`
	Text   string         `json:"text" doc:"In words"`
}

// v1LedgerLine is an entry of the clock's ledger.
type v1LedgerLine struct {
	At          time.Time                `json:"at"`
	Event       ticket.ClockEvent        `json:"event"`
	Running     bool                     `json:"running" doc:"From this entry on"`
	RunsFrom    *time.Time               `json:"runs_from,omitempty" doc:"Of a clock that runs from before its first entry: the time of receipt"`
	Due         *time.Time               `json:"due,omitempty"`
	Provisional bool                     `json:"provisional"`
	Calendar    contract.CalendarVersion `json:"calendar_version"`
	Rung        ticket.Rung              `json:"rung,omitempty"`
	Actor       contract.Actor           `json:"actor"`
	Agent       ticket.AgentID           `json:"agent,omitempty"`
	Reason      int64                    `json:"reason,omitempty" doc:"Id of the message that gives it"`
}

// v1Mail is a line of the mail log.
type v1Mail struct {
	ID         int64              `json:"id"`
	Letter     contract.Letter    `json:"letter"`
	To         contract.Recipient `json:"to"`
	Message    int64              `json:"message,omitempty" doc:"Whose text it carries"`
	Status     store.MailStatus   `json:"status"`
	Attempts   int                `json:"attempts"`
	LastCode   int                `json:"last_code,omitempty" doc:"SMTP reply code"`
	QueuedAt   time.Time          `json:"queued_at"`
	AcceptedAt *time.Time         `json:"accepted_at,omitempty"`
}

// v1Trouble is something of a ticket that fails again and again.
type v1Trouble struct {
	Activity string               `json:"activity" doc:"Of the ticket's workflow; WorkflowTask: the workflow itself"`
	Code     contract.TroubleCode `json:"code" doc:"What stands in the way"`
	Attempts int                  `json:"attempts,omitempty" doc:"So far, in a row"`
	Since    time.Time            `json:"since"`
	LastAt   time.Time            `json:"last_at"`
	Text     string               `json:"text" doc:"In words"`
}

type (
	V1Numbered struct {
		Number string `path:"number" maxLength:"60" doc:"Ticket number, such as DSR-20261123-7K3F9QXM"`
	}
	v1NumberedFile struct {
		V1Numbered
		ID int64 `path:"id" doc:"Of the file"`
	}
	v1TicketOutput struct{ Body v1Ticket }
)

// number is the ticket meant. One that can't be a number is not found, like one
// that isn't there.
func (n V1Numbered) number() (ticket.Number, error) {
	number, ok := ticket.ParseNumber(n.Number)
	if !ok {
		return "", store.ErrNotFound
	}
	return number, nil
}

func (a *v1) ticketRoutes() {
	addV1(a, v1Op{id: "get-ticket", method: http.MethodGet, path: "/tickets/{number}", tag: v1TagTickets, who: v1Staff,
		may: ticket.MaySeeTickets, summary: "All of a ticket",
		about: "What was written, the account, messages, notes, your drafts, timeline, ledger and mails. That personal data was shown " +
			"goes on record first. Asking for a ticket you have claimed renews the claim."}, a.ticket)
	addV1(a, v1Op{id: "get-file", method: http.MethodGet, path: "/tickets/{number}/files/{id}", tag: v1TagTickets, who: v1Staff,
		may: ticket.MayReadPersonal, returns: "application/octet-stream", summary: "Download a file of a ticket",
		about: "To keep, never to show in a page: a stranger sent it. The type is the file's own. It goes on record."}, a.fileOf(a.Store.AttachmentContent))
	addV1(a, v1Op{id: "get-proof-file", method: http.MethodGet, path: "/tickets/{number}/proofs/{id}", tag: v1TagTickets, who: v1Staff,
		may: ticket.MayReadPersonal, returns: "application/octet-stream", summary: "Download a file of a document",
		about: "As long as the document has not been decided on. It goes on record. Keep no copy."}, a.fileOf(a.Store.ProofContent))
}

func (a *v1) ticket(ctx context.Context, in *V1Numbered) (*v1TicketOutput, error) {
	number, err := in.number()
	if err != nil {
		return nil, err
	}
	me := callOf(ctx).agent
	read, err := a.console.readTicket(ctx, number, me)
	if err != nil {
		return nil, err
	}
	out, err := a.newTicket(ctx, read)
	if err != nil {
		return nil, err
	}
	if out.Claim != nil && out.Claim.Mine {
		err = a.Store.Touch(ctx, number, me.ID, a.Now())
	}
	return &v1TicketOutput{out}, err
}

func (a *v1) fileOf(read fileReader) func(context.Context, *v1NumberedFile) (*v1Download, error) {
	return func(ctx context.Context, in *v1NumberedFile) (*v1Download, error) {
		number, err := in.number()
		if err != nil {
			return nil, err
		}
		file, content, err := a.console.shownFile(ctx, number, in.ID, callOf(ctx).agent.ID, read)
		if err != nil {
			return nil, err
		}
		return newDownload(file, content), nil
	}
}
