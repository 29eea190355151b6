package main

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"rightsdesk/ticket"
)

// office is everybody who brings tickets to their answer: people, an agent who
// decides and a lead who approves.
type office struct {
	web      *web
	inbox    *inbox
	agent    string // tokens
	lead     string
	accounts *atomic.Int64 // sample accounts used so far
	most     int64         // how many there are
	people   atomic.Int64
}

// times are what a person waits for.
type times struct {
	number   string
	accepted time.Duration // from the POST to the receipt
	answered time.Duration // from the POST to the answer at the mail server
}

// journey is one ticket on its way.
type journey struct {
	*office
	times
	began    time.Time
	network  string
	link     string
	onFile   string // where the code and the answer go
	mailMark int64
	lease    int
}

type (
	person struct {
		Name    string `json:"name"`
		Email   string `json:"email"`
		Account string `json:"account,omitempty"`
	}
	change struct {
		Field    string `json:"field"`
		Proposed string `json:"proposed"`
	}
	request struct {
		Kind     ticket.Kind     `json:"kind"`
		Category ticket.Category `json:"category,omitempty"`
		Person   person          `json:"person"`
		Text     string          `json:"text,omitempty"`
		Changes  []change        `json:"changes,omitempty"`
	}
	field struct {
		Field  string `json:"field"`
		Accept bool   `json:"accept"`
	}
	decision struct {
		Lease   int            `json:"lease"`
		Outcome ticket.Outcome `json:"outcome"`
		Text    string         `json:"text"`
		Fields  []field        `json:"fields,omitempty"`
	}
)

const (
	wish  = "Please tell me to whom you gave my telephone number, and have them delete it. I have been called three times this week."
	reply = "We have asked everybody who had your number to delete it, and all of them have confirmed. You will not be called again."
)

// answered brings one ticket of a kind from the form to its answer, as the happy
// path goes.
func (o *office) answered(ctx context.Context, kind ticket.Kind) (times, error) {
	j, err := o.answer(ctx, kind)
	return j.times, err
}

// solve has the person say that the answer solved the matter: the ticket ends, and
// what is kept of it waits in a workflow of its own.
func (j *journey) solve(ctx context.Context) error {
	err := await(ctx, 20*time.Second, func() (bool, error) { // the answer is there a moment before it is on record
		var now struct{ Acts []string }
		err := j.web.do(ctx, ask{method: "GET", path: "/ticket", token: j.link, network: j.network}, &now)
		return slices.Contains(now.Acts, "solved"), err
	})
	if err != nil {
		return err
	}
	return j.web.do(ctx, ask{method: "POST", path: "/ticket/solved", token: j.link, network: j.network, key: true}, nil)
}

func (o *office) answer(ctx context.Context, kind ticket.Kind) (*journey, error) {
	j := &journey{office: o}
	err := j.file(ctx, kind)
	if err == nil {
		err = j.prove(ctx, kind)
	}
	if err == nil {
		err = j.handle(ctx, kind)
	}
	if err == nil {
		_, err = j.inbox.await(ctx, j.onFile, j.mailMark, "answer", j.number)
		j.times.answered = time.Since(j.began)
	}
	if err != nil {
		err = fmt.Errorf("%s %s: %w", kind, j.number, err)
	}
	return j, err
}

// filed files one ticket and leaves it at that.
func (o *office) filed(ctx context.Context, kind ticket.Kind) (times, error) {
	j := &journey{office: o}
	err := j.file(ctx, kind)
	return j.times, err
}

func (j *journey) file(ctx context.Context, kind ticket.Kind) error {
	r, err := j.request(kind)
	if err != nil {
		return err
	}
	var receipt struct{ Number, Link string }
	j.network, j.mailMark, j.began = j.web.network(), j.inbox.mark(), time.Now()
	err = j.web.do(ctx, ask{method: "POST", path: "/tickets", network: j.network, key: true, body: r}, &receipt)
	j.accepted = time.Since(j.began)
	j.number, j.link = receipt.Number, receipt.Link
	return err
}

func (j *journey) request(kind ticket.Kind) (request, error) {
	address := fmt.Sprintf("person-%d@example.net", j.people.Add(1))
	r := request{Kind: kind, Person: person{Name: "Bench Person", Email: address}}
	j.onFile = address
	if kind == ticket.Complaint {
		r.Category, r.Text = ticket.CategoryPrivacy, wish
		return r, nil
	}
	n := j.office.accounts.Add(1)
	if n > j.most {
		return r, fmt.Errorf("all %d sample accounts are used up: ask for more with --accounts", j.most)
	}
	r.Person.Account = fmt.Sprint("sample-", n)
	j.onFile = r.Person.Account + "@example.com"
	if kind == ticket.InfoCorrection {
		r.Changes = []change{{"address", fmt.Sprint("9 New Street, ", n)}, {"real_name", fmt.Sprint("Renamed ", n)}}
	}
	return r, nil
}

// prove enters the mailed code; who cancels an account then accepts what it brings.
func (j *journey) prove(ctx context.Context, kind ticket.Kind) error {
	with := "code"
	if kind == ticket.Complaint {
		with = "receipt"
	}
	mail, err := j.inbox.await(ctx, j.onFile, j.mailMark, with, j.number)
	if err != nil {
		return err
	}
	code, err := mail.code()
	if err != nil {
		return err
	}
	var proved struct {
		Link    string
		Pending bool
	}
	err = j.web.do(ctx, ask{method: "POST", path: "/ticket/code", token: j.link, network: j.network, key: true,
		body: map[string]string{"code": code}}, &proved)
	j.link = proved.Link
	if err != nil || kind != ticket.AccountCancellation {
		return err
	}
	if _, err = j.inbox.await(ctx, j.onFile, j.mailMark, "consequences", j.number); err != nil {
		return err
	}
	return j.web.do(ctx, ask{method: "POST", path: "/ticket/consequences", token: j.link, network: j.network, key: true,
		body: map[string]bool{"understood": true}}, nil)
}

func (j *journey) handle(ctx context.Context, kind ticket.Kind) error {
	var claimed struct{ Lease int }
	if err := j.act(ctx, j.agent, "claim", nil, &claimed); err != nil {
		return err
	}
	d := decision{Lease: claimed.Lease, Outcome: ticket.Accepted, Text: reply}
	if kind == ticket.InfoCorrection {
		err := j.act(ctx, j.agent, "check-identity", map[string]any{"lease": claimed.Lease, "passed": true}, nil)
		if err != nil {
			return err
		}
		d.Fields = []field{{"address", true}, {"real_name", true}}
	}
	if err := j.act(ctx, j.agent, "decide", d, nil); err != nil || kind == ticket.Complaint {
		return err
	}
	return j.act(ctx, j.lead, "approve", map[string]bool{"approve": true}, nil)
}

func (j *journey) act(ctx context.Context, token, act string, body, out any) error {
	return j.web.do(ctx, ask{method: "POST", path: "/tickets/" + j.number + "/" + act, token: token, key: true, body: body}, out)
}
