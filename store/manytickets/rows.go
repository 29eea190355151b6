package manytickets

import (
	"encoding/json"
	"fmt"
	"time"

	"rightsdesk/contract"
	"rightsdesk/evidence"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// rows are the rows of some tickets, by table. Each row has the columns of its table.
type rows map[string][][]any

func (r rows) add(table string, values ...any) { r[table] = append(r[table], values) }

// Each ticket has room for so many rows of a table, so that their ids are known
// before any is written: what is sealed is bound to its row's id.
const (
	manyEvents   = 16
	manyLines    = 8
	manyMessages = 4
	manyMails    = 4
)

func messageID(i, n int) int64 { return int64(i)*manyMessages + int64(n) + 1 }

// null is a time as a column takes it.
func null(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Truncate(time.Microsecond)
}

// ticket adds all rows of ticket i.
func (d Desk) ticket(to rows, vault *seal.Vault, i int) error {
	l := d.life(i)
	trail := trailOf(l)
	rev := int64(len(trail))
	st := d.state(l, rev)
	text, err := json.Marshal(st)
	if err != nil {
		return err
	}
	ref := d.Policy.Ref()
	c := st.Clock
	to.add("tickets", l.number, l.kind, l.category, ticket.ChannelWeb, ticket.Self, l.locale, l.open(), l.stage, st.Awaiting, st.Outcome,
		st.Reason, l.received, l.received, ticket.Nobody, ref.Name, ref.Version, ref.Digest, c.Due, c.Provisional, int(c.Calendar), c.SLA,
		c.Escalation, l.assignee, 0, ticket.Nobody, nil, int(st.Level), null(st.VerifiedAt), null(l.answered), null(l.closed),
		null(c.StoppedAt), null(c.BreachedAt), l.appealed, rev, string(text), null(l.kept), null(l.locked), null(l.purged), false)
	chain(to, vault, l, trail)
	clock(to, vault, l)
	mails(to, l)
	to.add("deliveries", i+1, l.number, store.OpStart, contract.WorkflowFor(l.kind), []byte(`{}`), l.received, 1, false, l.received, l.received, "", 0)
	if l.open() {
		to.add("links", i+1, vault.Hash("link", fmt.Sprint("nobody's ", i)), l.number, store.LinkTrack, false, l.due.AddDate(0, 3, 0), "")
	}
	return d.personal(to, vault, l)
}

// personal adds what is sealed. Of a purged ticket there is nothing left of it.
func (d Desk) personal(to rows, vault *seal.Vault, l life) error {
	if !l.purged.IsZero() {
		to.add("ticket_secrets", l.number, nil, nil, nil, nil)
		return nil
	}
	wrapped, key, err := vault.NewDataKey()
	if err != nil {
		return err
	}
	content := store.Content{Person: store.Person{Name: fmt.Sprintf("用户%d", d.person(l.i)), Email: d.Email(l.i), Phone: d.phone(l.i), Account: d.account(l.i)},
		Subject: "关于我的个人信息", Text: "您好，我希望贵公司按照隐私政策处理我的请求。我已经在应用内尝试过，但没有看到对应的入口。请核实后尽快答复，谢谢。"}
	if l.kind == ticket.InfoCorrection {
		content.Changes = []store.Change{{Field: "address", Old: "旧地址一号", Proposed: "新地址二号"}}
	}
	plain, err := json.Marshal(content)
	if err != nil {
		return err
	}
	sealed, err := key.Seal(plain, fmt.Sprintf("%s/ticket_secrets/content/", l.number))
	if err != nil {
		return err
	}
	var kept any
	if !l.locked.IsZero() {
		if kept, err = key.Seal([]byte(`{"ref":"a","fields":[]}`), fmt.Sprintf("%s/ticket_secrets/kept/", l.number)); err != nil {
			return err
		}
	} else {
		for _, contact := range []string{d.Email(l.i), d.phone(l.i), d.account(l.i)} {
			to.add("ticket_contacts", vault.Hash("contact", contact), l.number)
		}
	}
	to.add("ticket_secrets", l.number, wrapped, sealed, nil, kept)
	say := func(n int, kind store.MessageKind, by ticket.AgentID, at time.Time, words string) error {
		id := messageID(l.i, n)
		body, err := key.Seal([]byte(words), fmt.Sprintf("%s/messages/body/%d", l.number, id))
		if err != nil {
			return err
		}
		to.add("messages", id, l.number, nil, kind, by, at, false, body)
		return nil
	}
	if l.asked {
		if err := say(0, store.MessageQuestion, l.assignee, l.received.Add(6*time.Hour), "请问您指的是哪一个账号？请补充账号名。"); err != nil {
			return err
		}
		if l.stage != ticket.WaitingOnSubject {
			if err := say(1, store.MessageReply, ticket.Nobody, l.received.Add(7*time.Hour), "就是我填写的这一个账号，没有别的账号。"); err != nil {
				return err
			}
		}
	}
	if !l.answered.IsZero() {
		return say(2, store.MessageAnswer, l.assignee, l.answered.Add(-time.Minute), "您好，您的请求已经处理完毕。所有系统均已确认。如有异议，可以在三十日内向我们的个人信息保护负责人提出。")
	}
	return nil
}

// chain adds the audit trail.
func chain(to rows, vault *seal.Vault, l life, trail []contract.Event) {
	last := ""
	for n, e := range trail {
		entry := evidence.Entry{Seq: int64(n + 1), Rev: int64(n), At: e.At, Actor: e.Actor, Agent: e.Agent, Act: e.Act, Code: e.Code, Object: e.Object}
		last = entry.Digest(l.number, last)
		to.add("events", int64(l.i)*manyEvents+int64(n)+1, l.number, entry.Rev, entry.At, entry.Actor, entry.Agent, entry.Act, entry.Code,
			entry.Object, entry.Seq, last, vault.Hash("audit-entry", last))
	}
}

// trailOf is what happened, in order: at most manyEvents.
func trailOf(l life) (out []contract.Event) {
	add := func(after time.Duration, actor contract.Actor, agent ticket.AgentID, act contract.Act, code contract.Code) {
		at := l.received.Add(after).Truncate(time.Microsecond)
		if at.After(l.until) {
			at = l.until
		}
		out = append(out, contract.Event{At: at, Actor: actor, Agent: agent, Act: act, Code: code})
	}
	add(0, contract.BySubject, "", contract.ActReceived, contract.Code(ticket.ChannelWeb))
	add(time.Minute, contract.BySystem, "", contract.ActCodeSent, contract.Code(ticket.MethodMailCode))
	if l.stage == ticket.Verifying || l.stage == ticket.VerificationExpired {
		if l.stage == ticket.VerificationExpired {
			add(l.closed.Sub(l.received), contract.BySystem, "", contract.ActVerifyExpired, contract.Code(ticket.Unproved))
		}
		return out
	}
	add(time.Hour, contract.BySubject, "", contract.ActVerified, contract.Code(ticket.MethodMailCode))
	add(time.Hour, contract.BySystem, "", contract.ActStage, contract.Code(ticket.Triage))
	if l.assignee == ticket.Nobody {
		return out
	}
	add(5*time.Hour, contract.ByStaff, l.assignee, contract.ActClaimed, "")
	if l.asked {
		add(6*time.Hour, contract.ByStaff, l.assignee, contract.ActAsked, "")
		if l.stage != ticket.WaitingOnSubject {
			add(7*time.Hour, contract.BySubject, "", contract.ActReplied, "")
		}
	}
	if l.stage == ticket.Withdrawn {
		add(l.closed.Sub(l.received), contract.BySubject, "", contract.ActWithdrawn, contract.Code(ticket.PulledOut))
	}
	if l.answered.IsZero() {
		return out
	}
	answered := l.answered.Sub(l.received)
	add(answered-time.Minute, contract.ByStaff, l.assignee, contract.ActDecided, contract.Code(ticket.Accepted))
	if l.kind == ticket.AccountCancellation {
		add(answered-time.Minute, contract.BySystem, "", contract.ActErased, "")
	}
	add(answered, contract.BySystem, "", contract.ActAnswered, contract.Code(ticket.Accepted))
	if !l.closed.IsZero() {
		add(l.closed.Sub(l.received), contract.BySystem, "", contract.ActClosed, contract.Code(ticket.Accepted))
	}
	if !l.locked.IsZero() {
		add(l.locked.Sub(l.received), contract.BySystem, "", contract.ActRetained, "")
	}
	if !l.purged.IsZero() {
		add(l.purged.Sub(l.received), contract.BySystem, "", contract.ActPurged, "")
	}
	return out
}

// clock adds the ledger: at most manyLines.
func clock(to rows, vault *seal.Vault, l life) {
	var lines []evidence.ClockEntry
	add := func(at time.Time, event ticket.ClockEvent, rung ticket.Rung, running bool) {
		lines = append(lines, evidence.ClockEntry{At: at.Truncate(time.Microsecond), Event: event, Running: running, Due: l.due, Rung: rung, Actor: contract.BySystem})
	}
	add(l.received, ticket.ClockStarted, "", true)
	for n, rung := range []ticket.Rung{ticket.RungHalf, ticket.RungAtRisk, ticket.RungLastDay} {
		if n < l.rungs {
			add(l.received.Add(term*time.Duration(5+2*n)/10), ticket.ClockRung, rung, true)
		}
	}
	if l.rungs > 3 {
		add(l.due.Add(time.Second), ticket.ClockBreached, "", true)
	}
	switch {
	case !l.answered.IsZero():
		add(l.answered, ticket.ClockStopped, "", false)
	case !l.closed.IsZero():
		add(l.closed, ticket.ClockStopped, "", false)
	}
	last := ""
	for n, e := range lines {
		e.Seq, e.Rev = int64(n+1), int64(n+1)
		last = e.Digest(l.number, last)
		to.add("ledger_entries", int64(l.i)*manyLines+int64(n)+1, l.number, e.Rev, e.At, e.Event, e.Running, null(e.Due), e.Provisional, int(e.Calendar),
			e.Rung, e.Actor, e.Agent, e.Reason, e.Seq, last, vault.Hash("audit-entry", last))
	}
}

// mails adds the mail log: at most manyMails.
func mails(to rows, l life) {
	n := 0
	add := func(letter contract.Letter, message int64, at time.Time) {
		n++
		to.add("mails", int64(l.i)*manyMails+int64(n), l.number, contract.StepOf(letter, 1), letter, contract.ToTyped, message, null(l.due),
			store.MailAccepted, 1, 250, fmt.Sprintf("<%s.%d@desk.example>", l.number, n), at, at, at)
	}
	add(contract.LetterReceipt, 0, l.received)
	add(contract.LetterCode, 0, l.received.Add(time.Minute))
	if l.asked {
		add(contract.LetterQuestion, messageID(l.i, 0), l.received.Add(6*time.Hour))
	}
	if !l.answered.IsZero() {
		add(contract.LetterAnswer, messageID(l.i, 2), l.answered)
	}
}
