package people

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"time"

	"rightsdesk/contract"
	"rightsdesk/devserver/mailcatcher"
	"rightsdesk/seal"
	"rightsdesk/ticket"
)

type letter = mailcatcher.Message

// view is a ticket as staff see it, as far as people here care.
type view struct {
	Stage    ticket.Stage `json:"stage"`
	Starting bool         `json:"starting"`
	Level    ticket.Level `json:"level"`
	Needed   ticket.Level `json:"level_needed"`
	Acts     []string     `json:"acts"`
	Claim    *struct {
		Lease int  `json:"lease"`
		Mine  bool `json:"mine"`
	} `json:"claim"`
	Decision *struct {
		FourEyes bool           `json:"four_eyes"`
		Approved ticket.AgentID `json:"approved_by"`
	} `json:"decision"`
	Appealed bool `json:"appealed"`
	ByHand   bool `json:"by_hand"`
	Task     *struct {
		Step  contract.AccountStep `json:"step"`
		First ticket.AgentID       `json:"first"`
	} `json:"task"`
	Reply struct {
		Due time.Time `json:"due"`
	} `json:"reply"`
	Timeline []struct {
		Act contract.Act `json:"act"`
	} `json:"timeline"`
}

func (v view) happened(act contract.Act) bool {
	for _, e := range v.Timeline {
		if e.Act == act {
			return true
		}
	}
	return false
}

// byHand reports that staff are to find out whose the account is, since no account
// system can say.
func (v view) byHand() bool {
	return v.Stage == ticket.Verifying && v.ByHand && v.Level < ticket.LevelAccount
}

// rest is between two looks at a ticket.
const rest = 400 * time.Millisecond

// Lead takes the case to its aim, or until ctx ends.
func (c *Case) Lead(ctx context.Context) error {
	last := errors.New("nothing was tried")
	for ctx.Err() == nil {
		there, err := c.step(ctx)
		if there {
			return nil
		}
		if err != nil {
			last = err
		}
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
	}
	return fmt.Errorf("%s %s did not get to %q: %w", c.Kind, c.Number, c.Aim, last)
}

// Lead takes cases to their aims, so many at once, or until ctx ends.
func Lead(ctx context.Context, cases []*Case, abreast int) error {
	var all sync.WaitGroup
	errs := make([]error, len(cases))
	turns := make(chan struct{}, abreast)
	for i, c := range cases {
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			errs[i] = c.Lead(ctx)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// Toward gives cases another aim.
func Toward(cases []*Case, aim Aim) []*Case {
	for _, c := range cases {
		c.Aim = aim
	}
	return cases
}

// step does the next thing, and reports whether the case is where it should be.
func (c *Case) step(ctx context.Context) (bool, error) {
	if c.Number == "" {
		err := c.file(ctx)
		return err == nil && c.Aim == Sent, err
	}
	var v view
	err := c.office.call(ctx, call{method: http.MethodGet, path: "/tickets/" + string(c.Number), token: c.agent.Token, into: &v})
	if err != nil {
		return false, err
	}
	if c.there(v) {
		if c.Aim == Appealed {
			c.Due = v.Reply.Due
		}
		return true, nil
	}
	if v.Appealed && c.agent != c.office.officer {
		c.agent = c.office.officer
		return false, nil // and looks at it with their own eyes
	}
	switch v.Stage {
	case ticket.Received, ticket.Verifying:
		if v.byHand() {
			return false, c.handle(ctx, v)
		}
		return false, c.prove(ctx, v)
	case ticket.Triage, ticket.InProgress, ticket.WaitingOnSubject:
		return false, c.handle(ctx, v)
	case ticket.Fulfilling:
		return false, c.tick(ctx, v)
	case ticket.Answered, ticket.Refused:
		switch {
		case c.Aim == Closed:
			return false, c.tell(ctx, "/ticket/solved", nil)
		case c.Aim == Appealed && !v.Appealed:
			return false, c.tell(ctx, "/ticket/not-solved", map[string]string{"text": "I do not agree."})
		}
	}
	return false, nil // something is on its way
}

func (c *Case) there(v view) bool {
	switch c.Aim {
	case Sent:
		return true
	case Filed:
		return !v.Starting && v.Stage == ticket.Verifying
	case Verified:
		return v.Stage == ticket.Triage || v.Stage == ticket.WaitingOnSubject
	case Triaged:
		return v.Stage == ticket.Triage && c.prepared(v)
	case Claimed:
		return v.Stage == ticket.InProgress && v.Claim != nil && v.Claim.Mine && v.Decision == nil
	case Asked:
		return v.Stage == ticket.WaitingOnSubject && v.happened(contract.ActAsked)
	case Decided:
		return v.Decision != nil
	case Fulfilling:
		return v.Stage == ticket.Fulfilling
	case Answered:
		return v.Stage == ticket.Answered
	case Refused:
		return v.Stage == ticket.Refused
	case Appealed:
		return v.Stage == ticket.Triage && v.Appealed
	case Closed:
		return v.Stage == ticket.Closed || v.Stage == ticket.Retained
	case Withdrawn:
		return v.Stage == ticket.Withdrawn
	}
	panic("people: unknown aim " + string(c.Aim))
}

// prepared reports that nothing is left to be asked of the person before somebody
// takes the ticket up.
func (c *Case) prepared(v view) bool {
	return c.Kind != ticket.AccountCancellation || v.happened(contract.ActConfirmed)
}

func (c *Case) confirmed(act string) { c.Acts = append(c.Acts, act) }

func (c *Case) file(ctx context.Context) error {
	request := map[string]any{"kind": c.Kind, "locale": "en", "person": map[string]string{"name": "Person Example", "email": c.typed, "account": c.account}}
	switch c.Kind {
	case ticket.Complaint:
		request["category"], request["text"] = ticket.CategoryPrivacy, "Please say what you did with my telephone number."
	case ticket.InfoCorrection:
		request["changes"] = []map[string]string{{"field": c.field, "proposed": "9 New Street"}}
	case ticket.AccountCancellation:
	}
	var receipt struct {
		Number   ticket.Number `json:"number"`
		ReplyDue time.Time     `json:"reply_due"`
		Link     string        `json:"link"`
	}
	err := c.office.call(ctx, call{method: http.MethodPost, path: "/tickets", key: c.key, from: c.from, body: request, into: &receipt})
	if err != nil {
		return err
	}
	c.Number, c.Due, c.link = receipt.Number, receipt.ReplyDue, receipt.Link
	c.confirmed("file")
	return nil
}

var (
	sixDigits = regexp.MustCompile(`(?m)^\s+(\d{6})\s*$`)
	trackLink = regexp.MustCompile(`/track/([A-Za-z0-9_-]+)`)
)

// prove enters the newest code that was mailed.
func (c *Case) prove(ctx context.Context, v view) error {
	if c.Aim == Withdrawn && v.Stage == ticket.Verifying {
		if err := c.tell(ctx, "/ticket/withdrawal", nil); err == nil || !Unsure(err) {
			return err
		}
	}
	to := c.typed
	if c.onFile != "" {
		to = c.onFile
	}
	letters, err := c.office.Letters(ctx, to)
	if err != nil {
		return err
	}
	for _, letter := range letters {
		found := sixDigits.FindStringSubmatch(letter.Text)
		if found == nil {
			continue
		}
		if found[1] == c.tried {
			return errors.New("the newest code was wrong; waiting for another")
		}
		var proof struct {
			Link string `json:"link"`
		}
		err := c.office.call(ctx, call{method: http.MethodPost, path: "/ticket/code", token: c.anyLink(letters), from: c.from,
			body: map[string]string{"code": found[1]}, into: &proof})
		if err == nil {
			c.link = proof.Link
			c.confirmed("prove")
		} else if !Unsure(err) {
			c.tried = found[1]
		}
		return err
	}
	return errors.New("no code has come yet")
}

// anyLink is the link in hand, or the newest that was mailed.
func (c *Case) anyLink(letters []letter) string {
	if c.link != "" {
		return c.link
	}
	for _, l := range letters {
		if found := trackLink.FindStringSubmatch(l.Text); found != nil {
			return found[1]
		}
	}
	return ""
}

// tell is an act of the person. A link that no longer opens the ticket is replaced
// by one that was mailed.
func (c *Case) tell(ctx context.Context, path string, body any) error {
	err := c.office.call(ctx, call{method: http.MethodPost, path: path, token: c.link, from: c.from, key: seal.NewToken(), body: body})
	if err == nil {
		c.confirmed(path)
		return nil
	}
	var t *Trouble
	if errors.As(err, &t) && (t.Status == http.StatusUnauthorized || t.Status == http.StatusForbidden || t.Status == http.StatusNotFound) {
		var all []letter
		for _, to := range c.Addresses() {
			letters, err := c.office.Letters(ctx, to)
			if err != nil {
				return err
			}
			all = append(letters, all...)
		}
		c.link = ""
		c.link = c.anyLink(all)
	}
	return err
}

// handle is what staff do next, or the person where they are waited for.
func (c *Case) handle(ctx context.Context, v view) error {
	if c.Aim == Withdrawn {
		return c.tell(ctx, "/ticket/withdrawal", nil)
	}
	if !c.prepared(v) && !v.byHand() {
		if v.Stage != ticket.WaitingOnSubject {
			return nil
		}
		return c.tell(ctx, "/ticket/consequences", map[string]bool{"understood": true})
	}
	if v.Stage == ticket.WaitingOnSubject {
		return c.tell(ctx, "/ticket/replies", map[string]string{"text": "The one on the form."})
	}
	if v.Decision != nil {
		if v.Decision.FourEyes && v.Decision.Approved == "" {
			return c.staff(ctx, c.office.lead(), "approve", map[string]any{"approve": true})
		}
		return nil
	}
	if v.Claim == nil || !v.Claim.Mine {
		return c.staff(ctx, c.agent, "claim", nil)
	}
	if v.Level < v.Needed || v.byHand() {
		return c.staff(ctx, c.agent, "check-identity", map[string]any{"lease": v.Claim.Lease, "passed": true})
	}
	if c.Aim == Asked {
		return c.staff(ctx, c.agent, "ask", map[string]any{"lease": v.Claim.Lease, "text": "Which number do you mean?"})
	}
	decision := map[string]any{"lease": v.Claim.Lease, "text": "We looked into it and have mended it."}
	refused := c.Aim == Refused || c.Aim == Appealed && !v.Appealed
	switch {
	case refused && c.Kind == ticket.InfoCorrection:
		decision["fields"] = []map[string]any{{"field": c.field, "accept": false, "reason": ticket.ReasonUnfounded}}
	case refused:
		decision["outcome"], decision["reason"] = ticket.Declined, ticket.ReasonUnfounded
	case c.Kind == ticket.InfoCorrection:
		decision["fields"] = []map[string]any{{"field": c.field, "accept": true}}
	default:
		decision["outcome"] = ticket.Accepted
	}
	return c.staff(ctx, c.agent, "decide", decision)
}

// tick is what staff do for an account system that is not there: the step that waits,
// first by one and then, where it takes two, by another.
func (c *Case) tick(ctx context.Context, v view) error {
	if v.Task == nil {
		return nil
	}
	by := c.agent
	if v.Task.First == c.agent.ID {
		by = c.office.lead()
	}
	return c.staff(ctx, by, "task-done", map[string]any{"step": v.Task.Step})
}

func (c *Case) staff(ctx context.Context, by Member, act string, body any) error {
	return c.Act(ctx, by, seal.NewToken(), act, body)
}

// Act is an act of a member of staff on the ticket, asked for under a key.
func (c *Case) Act(ctx context.Context, by Member, key, act string, body any) error {
	err := c.office.call(ctx, call{method: http.MethodPost, path: "/tickets/" + string(c.Number) + "/" + act, token: by.Token,
		key: key, body: body})
	if err == nil {
		c.confirmed(act)
	}
	return err
}
