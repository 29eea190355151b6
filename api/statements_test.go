package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// asked is how many statements a page takes. It is asked for twice, since a first
// look may put something on record.
func (b *browser) asked(path string, header http.Header) int {
	b.w.t.Helper()
	count := 0
	for range 2 {
		u, err := url.Parse(b.w.url + path)
		require.NoError(b.w.t, err)
		r := httptest.NewRequest(http.MethodGet, u.String(), nil)
		for name, values := range header {
			r.Header[name] = values
		}
		for _, c := range b.client.Jar.Cookies(u) {
			r.AddCookie(c)
		}
		ctx, statements := store.CountStatements(r.Context())
		w := httptest.NewRecorder()
		b.w.http.ServeHTTP(w, r.WithContext(ctx))
		require.Equal(b.w.t, http.StatusOK, w.Code, "%s: %s", path, w.Body)
		count = statements.Count()
	}
	return count
}

// busy files a ticket with so much of everything.
func (o *office) busy(many int) ticket.Number {
	o.t.Helper()
	n := o.filed(ticket.Complaint, heldBy("li.wei"))
	ctx := o.t.Context()
	for i := range many {
		at := monday.Add(time.Duration(i) * time.Minute)
		_, err := o.store.AddMessage(ctx, store.NewMessage{Number: n, Kind: store.MessageReply, At: at, Text: "一句话",
			Files: []store.NewFile{{Name: "a.txt", Type: "text/plain", Content: []byte("x")}}})
		require.NoError(o.t, err)
		_, err = o.store.AddNote(ctx, n, "li.wei", at, "备注")
		require.NoError(o.t, err)
		require.NoError(o.t, o.store.AppendEvent(ctx, n, contract.Event{At: at, Actor: contract.BySubject, Act: contract.ActReplied}))
		require.NoError(o.t, o.store.Record(ctx, contract.Record{Number: n, State: contract.State{Rev: int64(i + 2), Stage: ticket.InProgress,
			Awaiting: ticket.AwaitingAgent, Assignee: "li.wei", Clock: contract.Clock{From: monday, Due: monday.AddDate(0, 0, 21), SLA: ticket.OnTrack}},
			Ledger: []contract.LedgerEntry{{At: at, Event: ticket.ClockRung, Running: true, Actor: contract.BySystem}},
			Mails:  []contract.MailOrder{{Number: n, Step: contract.StepOf(contract.LetterQuestion, i), Letter: contract.LetterQuestion, To: contract.ToTyped}}}))
	}
	return n
}

func TestAPageAsksNoMoreOfTheDatabaseForMoreThatItShows(t *testing.T) {
	asked := map[string][]int{}
	for _, many := range []int{60, 200} { // more than a page of the queue
		o := newOffice(t)
		n := o.busy(many)
		for range many {
			o.filed(ticket.Complaint, heldBy("li.wei"))
		}
		staff := o.as("li.wei")
		token, _, err := o.store.CreateAPIToken(t.Context(), "li.wei", "test")
		require.NoError(t, err)
		bearer := http.Header{"Authorization": {"Bearer " + token}}
		person := o.browser("zh-CN")
		link, err := o.store.NewLink(t.Context(), n, store.LinkTrack, true, o.now, time.Hour)
		require.NoError(t, err)
		require.Equal(t, http.StatusSeeOther, person.get("/track/"+link).Status)
		for name, count := range map[string]int{
			"queue":          staff.asked("/desk", nil),
			"queue, all":     staff.asked("/desk?show=all", nil),
			"ticket":         staff.asked(page(n), nil),
			"tracking page":  person.asked("/ticket", nil),
			"queue as JSON":  staff.asked("/api/v1/queue", bearer),
			"ticket as JSON": staff.asked("/api/v1/tickets/"+string(n), bearer),
		} {
			asked[name] = append(asked[name], count)
		}
	}
	var report []string
	for name, counts := range asked {
		report = append(report, fmt.Sprint(name, " ", counts[0]))
		require.Equal(t, counts[0], counts[1], "%s: statements for 60 and for 200", name)
		require.Positive(t, counts[0], name)
		require.Less(t, counts[0], 50, name)
	}
	t.Log(strings.Join(report, ", "))
}
