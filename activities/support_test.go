package activities_test

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"rightsdesk/activities"
	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/mail"
	"rightsdesk/mail/mailtest"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// What a person typed in these tests: none of it may show in an error, in a log,
// or in a mail to an address that is not proved.
const (
	markedName   = "MARKED-NAME"
	markedTyped  = "marked.typed@example.com"
	markedFile   = "marked.onfile@example.com"
	markedText   = "MARKED-TEXT"
	markedPhone  = "13800138012"
	markedWanted = "13900139034"
	markedLogin  = "MARKED-ACCOUNT"
)

var shanghai = time.FixedZone("CST", 8*3600)

// desktop is a desk with everything real but Temporal: SQLite, an SMTP server.
type desktop struct {
	t       *testing.T
	store   *store.Store
	planner *deadline.Planner
	smtp    *mailtest.Server
	post    activities.Post
	log     *lockedBuffer
	now     time.Time
}

func newDesktop(t *testing.T) *desktop {
	t.Helper()
	vault, err := seal.Open(seal.NewMasterKey())
	require.NoError(t, err)
	s, err := store.Open("sqlite:"+filepath.Join(t.TempDir(), "desk.db"), vault)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	require.NoError(t, s.Migrate(t.Context()))

	set, err := templates.Load(templates.Operator{Name: map[ticket.Locale]string{ticket.Chinese: "和信会", ticket.English: "Hexinhui"},
		Contact: "010-5555 0100", BaseURL: "https://desk.example"})
	require.NoError(t, err)
	d := &desktop{t: t, store: s, planner: deadline.NewPlanner(s, s), smtp: mailtest.Start(t), log: &lockedBuffer{},
		now: time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai)}
	sender, err := mail.NewSMTP(mail.Config{Addr: d.smtp.Addr, TLS: mail.TLSNone, From: "desk@desk.example",
		Timeout: 2 * time.Second, Now: d.clock})
	require.NoError(t, err)
	d.post = activities.Post{Store: s, Planner: d.planner, Writer: mail.NewWriter(set), Sender: sender,
		Domain: sender.Domain(), Now: d.clock, Log: slog.New(slog.NewTextHandler(d.log, nil))}
	t.Cleanup(func() { d.quiet(d.log.String()) })
	return d
}

func (d *desktop) clock() time.Time { return d.now }

// quiet checks that a text holds nothing of the person.
func (d *desktop) quiet(text string) {
	d.t.Helper()
	for _, marked := range []string{"MARKED", "marked.", markedPhone, markedWanted} {
		assert.NotContains(d.t, text, marked)
	}
}

// file makes a ticket with marked values.
func (d *desktop) file(kind ticket.Kind, more ...store.Change) ticket.Number {
	d.t.Helper()
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(d.t, err)
	number := ticket.NewNumber(d.now)
	f := store.Filing{Number: number, Kind: kind, Channel: ticket.ChannelWeb, Relation: ticket.Self, Locale: ticket.English,
		ReceivedAt: d.now, FiledAt: d.now, Policy: policy.Ref(), PolicyText: text,
		ReplyDue: time.Date(2026, 3, 23, 23, 59, 59, 0, shanghai),
		Content: store.Content{Person: store.Person{Name: markedName, Email: markedTyped, Phone: markedPhone, Account: markedLogin},
			Subject: markedText, Text: markedText,
			Changes: []store.Change{{Field: "phone", Old: markedPhone, Proposed: markedWanted}, {Field: "name", Proposed: markedName}}},
		Start: contract.Start{Number: number, Kind: kind, Policy: policy.Ref()}}
	f.Content.Changes = append(f.Content.Changes, more...)
	if kind == ticket.Complaint {
		f.Category = ticket.CategoryPrivacy
	}
	_, _, err = d.store.File(d.t.Context(), f)
	require.NoError(d.t, err)
	return number
}

// say stores words of staff.
func (d *desktop) say(number ticket.Number, kind store.MessageKind, text string) int64 {
	d.t.Helper()
	id, err := d.store.AddMessage(d.t.Context(), store.NewMessage{Number: number, Kind: kind, Agent: "li.wei", At: d.now, Text: text})
	require.NoError(d.t, err)
	return id
}

// prove proves the address a code is sent to.
func (d *desktop) prove(number ticket.Number, address string) {
	d.t.Helper()
	_, code, err := d.store.IssueCode(d.t.Context(), number, "code-99", ticket.LevelContact, contract.ToTyped, address, d.now, time.Minute)
	require.NoError(d.t, err)
	_, result, err := d.store.TryCode(d.t.Context(), number, code, d.now)
	require.NoError(d.t, err)
	require.Equal(d.t, store.CodeOK, result)
}

// record writes a state as the workflow would.
func (d *desktop) record(number ticket.Number, change func(*contract.State)) {
	d.t.Helper()
	t, err := d.store.Ticket(d.t.Context(), number)
	require.NoError(d.t, err)
	state := t.State
	change(&state)
	state.Rev = t.Rev + 1
	require.NoError(d.t, activities.NewRecords(d.store).Record(d.t.Context(), contract.Record{Number: number, State: state}))
}

// only is the one mail the server has.
func (d *desktop) only() (mailtest.Message, mailtest.Read) {
	d.t.Helper()
	taken := d.smtp.Messages()
	require.Len(d.t, taken, 1)
	return taken[0], mailtest.Parse(d.t, taken[0].Raw)
}

// retryable checks that an error asks for another attempt and tells nothing.
func (d *desktop) retryable(err error) {
	d.t.Helper()
	d.application(err, false)
}

// final checks that an error asks for no other attempt and tells nothing.
func (d *desktop) final(err error) {
	d.t.Helper()
	d.application(err, true)
}

func (d *desktop) application(err error, final bool) {
	d.t.Helper()
	var app *temporal.ApplicationError
	require.ErrorAs(d.t, err, &app)
	assert.Equal(d.t, final, app.NonRetryable(), err.Error())
	assert.NoError(d.t, app.Unwrap(), "Temporal writes down every cause")
	d.quiet(err.Error())
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// dying sends, and then the process is no more: nobody hears of it.
type dying struct {
	mail.Sender
	lives int
}

func (s *dying) Send(ctx context.Context, m mail.Message) (mail.Receipt, error) {
	receipt, err := s.Sender.Send(ctx, m)
	if err == nil && s.lives > 0 {
		s.lives--
		return mail.Receipt{}, &mail.TemporaryError{Step: mail.StepAccept, Reason: "connection lost"}
	}
	return receipt, err
}

func linkIn(text string) string {
	_, rest, _ := strings.Cut(text, "https://desk.example/track/")
	token, _, _ := strings.Cut(rest, "\n")
	return token
}
