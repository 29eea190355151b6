package api

import (
	"net/http"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// record writes a change of a ticket as its workflow would.
func (w *web) record(n ticket.Number, change func(*contract.Record)) {
	w.t.Helper()
	row, err := w.store.Ticket(w.t.Context(), n)
	require.NoError(w.t, err)
	r := contract.Record{Number: n, State: row.State}
	r.State.Rev = row.Rev + 1
	if r.State.Clock.Due.IsZero() {
		r.State.Stage, r.State.Awaiting = row.Stage, row.Awaiting
		r.State.Clock = contract.Clock{From: row.ReceivedAt, Due: row.ReplyDue, Provisional: row.Provisional, SLA: ticket.OnTrack}
	}
	change(&r)
	require.NoError(w.t, w.store.Record(w.t.Context(), r))
}

func (w *web) stage(n ticket.Number, stage ticket.Stage, level ticket.Level) {
	w.t.Helper()
	w.record(n, func(r *contract.Record) { r.State.Stage, r.State.Level = stage, level })
}

// message stores words of staff, carried by a letter when one is named.
func (w *web) message(n ticket.Number, kind store.MessageKind, words string, letter contract.Letter, change func(*contract.Record, int64)) int64 {
	w.t.Helper()
	id, err := w.store.AddMessage(w.t.Context(), store.NewMessage{Number: n, Kind: kind, Agent: "li.wei", At: w.now, Text: words})
	require.NoError(w.t, err)
	w.record(n, func(r *contract.Record) {
		if letter != "" {
			r.Mails = []contract.MailOrder{{Number: n, Step: contract.StepOf(letter, int(id)), Letter: letter, To: contract.ToProved, Message: id}}
		}
		if change != nil {
			change(r, id)
		}
	})
	return id
}

// answered brings a ticket to its answer.
func (w *web) answered(n ticket.Number, words string) int64 {
	return w.message(n, store.MessageAnswer, words, contract.LetterAnswer, func(r *contract.Record, id int64) {
		r.State.Stage, r.State.Level, r.State.Outcome = ticket.Answered, ticket.LevelContact, ticket.Accepted
		r.State.Clock.SLA = ticket.InTime
		r.State.Answer = contract.AnswerMail{Message: id, Sent: 1, Delivered: w.now}
		r.Events = []contract.Event{{At: w.now, Actor: contract.BySystem, Act: contract.ActAnswered, Object: id}}
	})
}

// proved opens the ticket with a link that went to a proved contact.
func (w *web) proved(b *browser, n ticket.Number) {
	w.t.Helper()
	token, err := w.store.NewLink(w.t.Context(), n, store.LinkTrack, true, w.now, time.Hour)
	require.NoError(w.t, err)
	p := b.get("/track/" + token)
	require.Equal(w.t, http.StatusSeeOther, p.Status)
	require.Equal(w.t, "/ticket", p.Header.Get("Location"))
}
