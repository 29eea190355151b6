package e2e

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/desk"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// hostile is what would run somewhere if it were not kept a text.
const hostile = `"><script>window.pwned=1</script><img src=x onerror="window.pwned=2"><svg/onload=window.pwned=3>{{.}}${7*7}<a href="javascript:window.pwned=4">x</a>`

// TestNothingAnybodyWritesRunsAnywhere puts scripts into every field and opens
// every page on which one of them is shown: to the person, to staff, in the mail
// catcher and in the Temporal UI.
func TestNothingAnybodyWritesRunsAnywhere(t *testing.T) {
	o := openOffice(t)
	short := hostile[:strings.Index(hostile, "<svg")]
	address := `o'brien+x=1@example.net`
	number := o.filed(desk.Request{Kind: ticket.Complaint, Category: ticket.CategoryOther, Relation: ticket.Guardian, RelationNote: hostile,
		OnBehalfOf: store.Person{Name: short}, Subject: hostile, Text: hostile + strings.Repeat(" and more", 3),
		Person: store.Person{Email: address, Phone: "13800138000", Account: short},
		Files:  []store.NewFile{{Name: "x" + short + ".png", Type: "image/png", Content: []byte("\x89PNG")}}}, address)
	ctx := t.Context()
	o.taken(o.desk.SendProof(ctx, number, desk.ProofFiles{Kind: ticket.ProofRelation, Key: seal.NewToken(),
		Files: []store.NewFile{{Name: short + ".png", Type: "image/png", Content: []byte("\x89PNG")}}}))
	by := o.claims(agent, number)
	o.did(o.desk.Note(ctx, by, number, hostile))
	o.did(o.desk.Ask(ctx, by, number, hostile))
	o.taken(o.desk.Reply(ctx, number, desk.Words{Text: hostile}))
	o.did(o.desk.Escalate(ctx, by, number, hostile))
	correction := o.account(ticket.InfoCorrection, "zhao.min@example.com", store.Change{Field: "address", Old: hostile, Proposed: "2" + hostile})

	b := openBrowser(t, "en", 1280)
	runs := func(where string) {
		b.t.Helper()
		assert.True(t, ask[bool](b, "looking for what ran", `window.pwned===undefined`), "a script ran on %s", where)
		assert.False(t, ask[bool](b, "looking for links", `[...document.links].some(a=>a.protocol==="javascript:")`), where)
	}
	w := o.world
	for _, n := range []ticket.Number{number, correction} {
		link := w.linkOf(n)
		require.NotEmpty(t, link)
		b.open(link)
		runs("the tracking page")
	}
	assert.Contains(t, b.text(), "DSR-")
	w.signIn(b)
	for _, path := range []string{"", "/tickets/" + string(number), "/tickets/" + string(correction), "/team", "/tokens"} {
		b.open(w.Desk + path)
		runs("the console" + path)
	}
	b.open(w.Desk + "/tickets/" + string(number))
	assert.Contains(t, b.text(), "window.pwned=1", "it is shown, as the text it is")
	messages, err := w.Mails.Messages(ctx, "", 50)
	require.NoError(t, err)
	require.NotEmpty(t, messages)
	b.open(w.Mail)
	runs("the list of mails")
	for _, m := range messages[:min(len(messages), 8)] {
		b.open(w.Mail + "/messages/" + strconv.FormatInt(m.ID, 10))
		runs("a mail")
	}
	b.open(w.TemporalUI + "/namespaces/" + w.Namespace + "/workflows/" + string(number))
	b.await("the Temporal UI shows the ticket", func() bool { return strings.Contains(b.drawn(), "mail: ") })
	runs("the Temporal UI")
	assert.NotContains(t, b.drawn(), "pwned")
	w.knowsNothingOf("window.pwned", address)
}
