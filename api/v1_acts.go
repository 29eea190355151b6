package api

import (
	"context"
	"net/http"

	"rightsdesk/contract"
	"rightsdesk/desk"
	"rightsdesk/ticket"
)

// v1Done is how a ticket stands after an act.
type v1Done struct {
	Revision int64        `json:"revision"`
	Stage    ticket.Stage `json:"stage"`
	Lease    int          `json:"lease,omitempty" doc:"claim: number of the claim; acts under it carry it"`
}

type v1DoneOutput struct{ Body v1Done }

// The bodies of the acts. A lease that must be held is required.
type (
	v1Release struct {
		Lease int `json:"lease" doc:"Number of your claim"`
	}
	v1Assign struct {
		To string `json:"to" doc:"Sign-in name of a member of staff"`
	}
	v1Categorise struct {
		Lease    int             `json:"lease"`
		Category ticket.Category `json:"category"`
	}
	v1NoteText struct {
		Lease int    `json:"lease,omitempty" doc:"If you hold a claim, it is renewed"`
		Text  string `json:"text" doc:"For colleagues; no mail ever carries it. At most 10000 characters"`
	}
	v1Question struct {
		Lease int    `json:"lease"`
		Text  string `json:"text" doc:"Mailed to the person. At most 10000 characters"`
	}
	v1IdentityCheck struct {
		Lease  int  `json:"lease"`
		Passed bool `json:"passed" doc:"The real name was checked and is theirs"`
	}
	v1ProofReview struct {
		Proof  int64 `json:"proof" doc:"Id of the document, as the ticket gives it"`
		Passed bool  `json:"passed" doc:"It proves what it should"`
	}
	v1TaskDone struct {
		Step contract.AccountStep `json:"step" enum:"stop_services,erase,correct,undo,purge" doc:"The step of the ticket's task"`
	}
	v1Escalate struct {
		Lease  int    `json:"lease"`
		Reason string `json:"reason" doc:"Stays inside the desk. At most 10000 characters"`
	}
	v1Extend struct {
		Text string `json:"text" doc:"The notice to the person, with the reason: it must be accepted by their mail server before the old deadline"`
	}
	v1Bounced struct {
		Reason string `json:"reason" doc:"How it came back; stays inside the desk"`
	}
)

type (
	v1ActInput[B any] struct {
		V1Numbered
		Body B
	}
	v1Act[B any] struct {
		name           actName
		may            ticket.Permission
		summary, about string
		example        B
		do             func(ctx context.Context, by func(lease int) desk.Staff, n ticket.Number, b B) (contract.Done, error)
	}
)

func (a actName) v1Op(may ticket.Permission, summary, about string) v1Op {
	return v1Op{id: string(a), method: http.MethodPost, path: "/tickets/{number}/" + string(a), tag: v1TagActs, who: v1Staff, may: may,
		conflicts: true, summary: summary, about: about}
}

func addV1Act[B any](a *v1, act v1Act[B]) {
	o := act.name.v1Op(act.may, act.summary, act.about)
	o.example = act.example
	addV1(a, o, func(ctx context.Context, in *v1ActInput[B]) (*v1DoneOutput, error) {
		return a.done(ctx, in.V1Numbered, func(by func(int) desk.Staff, n ticket.Number) (contract.Done, error) {
			return act.do(ctx, by, n, in.Body)
		})
	})
}

// addV1Plain adds an act that says no more than itself.
func addV1Plain(a *v1, o v1Op, do func(ctx context.Context, by desk.Staff, n ticket.Number) (contract.Done, error)) {
	o.bodyless = true
	addV1(a, o, func(ctx context.Context, in *V1Numbered) (*v1DoneOutput, error) {
		return a.done(ctx, *in, func(by func(int) desk.Staff, n ticket.Number) (contract.Done, error) { return do(ctx, by(0), n) })
	})
}

// done carries an act out on the ticket of the call.
func (a *v1) done(ctx context.Context, in V1Numbered, do func(by func(int) desk.Staff, n ticket.Number) (contract.Done, error)) (*v1DoneOutput, error) {
	number, err := in.number()
	if err != nil {
		return nil, err
	}
	done, err := do(callOf(ctx).staff, number)
	if err != nil {
		return nil, err
	}
	return &v1DoneOutput{v1Done{Revision: done.Rev, Stage: done.Stage, Lease: done.Lease}}, nil
}

func (a *v1) actRoutes() {
	type staff = func(int) desk.Staff
	addV1Plain(a, actClaim.v1Op(ticket.MayHandle, "Claim a ticket",
		"Takes it for a while; acts carry the lease number. The claim ends when you are away, and your drafts stay."), a.Desk.Claim)
	addV1Plain(a, actAcknowledge.v1Op(ticket.MayAcknowledge, "Take note of an escalation",
		"Notices up to your level go quiet."), a.Desk.Acknowledge)
	addV1Act(a, v1Act[v1Release]{actRelease, ticket.MayHandle, "Give a claim back", "The ticket is nobody's again.", v1Release{3},
		func(ctx context.Context, by staff, n ticket.Number, b v1Release) (contract.Done, error) {
			return a.Desk.Release(ctx, by(b.Lease), n)
		}})
	addV1Act(a, v1Act[v1Assign]{actAssign, ticket.MayAssign, "Assign a ticket", "The member of staff is told by mail.", v1Assign{"li.wei"},
		func(ctx context.Context, by staff, n ticket.Number, b v1Assign) (contract.Done, error) {
			return a.Desk.Assign(ctx, by(0), n, ticket.AgentID(b.To))
		}})
	addV1Act(a, v1Act[v1Categorise]{actCategorise, ticket.MayHandle, "Say what a complaint is about",
		"A security incident goes to the privacy officer at once (clause 7.4).", v1Categorise{3, ticket.CategoryPrivacy},
		func(ctx context.Context, by staff, n ticket.Number, b v1Categorise) (contract.Done, error) {
			return a.Desk.Categorise(ctx, by(b.Lease), n, b.Category)
		}})
	addV1Act(a, v1Act[v1NoteText]{actNote, ticket.MayHandle, "Leave a note", "A remark of staff for staff.", v1NoteText{Text: "Called back at 10."},
		func(ctx context.Context, by staff, n ticket.Number, b v1NoteText) (contract.Done, error) {
			return a.Desk.Note(ctx, by(b.Lease), n, b.Text)
		}})
	addV1Act(a, v1Act[v1Question]{actAsk, ticket.MayHandle, "Ask the person something", "The ticket waits for them, with reminders.",
		v1Question{3, "Which account is it?"},
		func(ctx context.Context, by staff, n ticket.Number, b v1Question) (contract.Done, error) {
			return a.Desk.Ask(ctx, by(b.Lease), n, b.Text)
		}})
	addV1Act(a, v1Act[v1IdentityCheck]{actCheckIdentity, ticket.MayHandle, "Say whether the person proved who they are",
		"The verdict of an agent who checked documents or called back: on whose the account is, where no account system could send a code and it is not proved yet; else on the real name (clause 2.2.1).", v1IdentityCheck{3, true},
		func(ctx context.Context, by staff, n ticket.Number, b v1IdentityCheck) (contract.Done, error) {
			return a.Desk.CheckIdentity(ctx, by(b.Lease), n, b.Passed)
		}})
	addV1Act(a, v1Act[v1ProofReview]{actReviewProof, ticket.MayHandle, "Say whether a document proves what it should",
		"An identity document is looked at by two members of staff; one no refuses it. Its files are destroyed then.", v1ProofReview{4, true},
		func(ctx context.Context, by staff, n ticket.Number, b v1ProofReview) (contract.Done, error) {
			return a.Desk.ReviewProof(ctx, by(0), n, b.Proof, b.Passed)
		}})
	addV1Act(a, v1Act[v1TaskDone]{actTaskDone, ticket.MayHandle, "Tick off a step done at the account system",
		"Erasure needs two different persons.", v1TaskDone{contract.StepErase},
		func(ctx context.Context, by staff, n ticket.Number, b v1TaskDone) (contract.Done, error) {
			return a.Desk.TaskDone(ctx, by(0), n, b.Step)
		}})
	addV1Act(a, v1Act[v1Escalate]{actEscalate, ticket.MayHandle, "Call for those above", "With the reason.",
		v1Escalate{3, "It concerns several departments."},
		func(ctx context.Context, by staff, n ticket.Number, b v1Escalate) (contract.Done, error) {
			return a.Desk.Escalate(ctx, by(b.Lease), n, b.Reason)
		}})
	addV1Act(a, v1Act[v1Extend]{actExtend, ticket.MayExtend, "Extend the reply deadline",
		"Once, before it passes, where the policy allows it; in force only when the notice was accepted for delivery in time.",
		v1Extend{"We need a month more, because …"},
		func(ctx context.Context, by staff, n ticket.Number, b v1Extend) (contract.Done, error) {
			return a.Desk.Extend(ctx, by(0), n, b.Text)
		}})
	addV1Act(a, v1Act[v1Bounced]{actBounced, ticket.MayHandle, "Say that the answer came back undelivered",
		"The ticket is before its agent again, with the true state of the clock.", v1Bounced{"Mailbox unknown"},
		func(ctx context.Context, by staff, n ticket.Number, b v1Bounced) (contract.Done, error) {
			return a.Desk.Bounced(ctx, by(0), n, b.Reason)
		}})
}
