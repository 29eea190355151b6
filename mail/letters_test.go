package mail_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/mail"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

func writer(t *testing.T) *mail.Writer {
	t.Helper()
	set, err := templates.Load(templates.Operator{
		Name:    map[ticket.Locale]string{ticket.Chinese: "和信会", ticket.English: "Hexinhui"},
		Contact: "010-5555 0100", Site: "https://www.example.com", BaseURL: "https://desk.example.com",
	})
	require.NoError(t, err)
	return mail.NewWriter(set)
}

// sample is a letter in which everything the name may say is said.
func sample(t *testing.T, w *mail.Writer, name string, l ticket.Locale) mail.Letter {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	s := mail.Letter{
		Locale: l, Number: "DSR-20261211-7K3F9QXM", Kind: ticket.AccountCancellation,
		Received: time.Date(2026, 12, 11, 10, 0, 0, 0, zone),
		Due:      time.Date(2027, 1, 4, 23, 59, 59, 0, zone), Provisional: true,
		Until:    time.Date(2026, 12, 26, 0, 0, 0, 0, zone), // as PlanWait gives it
		Link:     "https://desk.example.com/t/abc-DEF_123",
		Remedies: w.Remedies(l, "cn"), Appeal: 30,
	}
	switch name {
	case "code":
		s.Code, s.Minutes = "048213", 10
	case "receipt":
		s.Kind, s.Code, s.Minutes = ticket.Complaint, "048213", 10
	case "obstacles":
		s.Obstacles = []string{"您有一张未支付的账单。 / One bill has not been paid.", "云主机仍在运行。 / A server is still running."}
	case "consequences":
		s.KeptDays = 365
		s.Kept = []mail.Kept{{Field: w.FieldName(l, "account_name")}, {Field: w.FieldName(l, "phone")}}
	case "verified":
		s.Kind, s.RealName, s.Relation = ticket.InfoCorrection, true, true
	case "question", "wait_reminder", "extension":
		s.Words = "请上传营业执照。\nPlease upload <the licence> & a photo."
	case "answer":
		s.Outcome, s.Reason = ticket.Partly, ticket.ReasonLegalObligation
		s.Words = "您的昵称已更正。\n\n证件号码不能更改。"
		s.Changes = []mail.Changed{
			{Field: w.FieldName(l, "name"), From: "李*", To: "黎*", Done: true},
			{Field: w.FieldName(l, "phone"), To: "138******12", Done: true},
			{Field: w.FieldName(l, "id_number"), Reason: ticket.ReasonEvidenceMissing},
		}
		s.Kept = []mail.Kept{{Field: w.FieldName(l, "account_name"), Until: s.Received.AddDate(1, 0, 0), Basis: "网络安全法 art. 21"}}
	case mail.StaffNotice:
		s.Stage = ticket.InProgress
		s.Why, s.ToDo = w.Reason(l, ticket.RungAtRisk, "")
		s.Link = "https://desk.example.com/desk/tickets/DSR-20261211-7K3F9QXM"
	}
	return s
}

func names() []string {
	out := []string{mail.StaffNotice, mail.TrackingLink}
	for _, l := range contract.Letters() {
		out = append(out, string(l))
	}
	return out
}

var missing = regexp.MustCompile(`\[[a-z_]+\.[a-z_.]+\]|<no value>|ZgotmplZ|%!`)

func TestEveryLetterInBothLanguages(t *testing.T) {
	w := writer(t)
	for _, name := range names() {
		for _, l := range ticket.Locales() {
			t.Run(name+" "+string(l), func(t *testing.T) {
				m, err := w.Write(name, sample(t, w, name, l))
				require.NoError(t, err)
				all := m.Subject + "\n\n" + m.Text + "\n\n" + m.HTML
				assert.Empty(t, missing.FindAllString(all, -1), "a word is missing")
				assert.Contains(t, m.Subject, "DSR-20261211-7K3F9QXM")
				for _, body := range []string{m.Text, m.HTML} {
					assert.Contains(t, body, "DSR-20261211-7K3F9QXM")
					assert.Contains(t, body, "https://desk.example.com/", "no way on")
				}
				assert.NotContains(t, m.HTML, "src=", "a mail loads nothing")
				golden(t, "letters/"+name+"."+string(l)+".txt", []byte(m.Subject+"\n\n"+m.Text))
				golden(t, "letters/"+name+"."+string(l)+".html", []byte(m.HTML))
			})
		}
	}
}

func TestALetterSaysWhenWithTheWeekdayAndThatItIsProvisional(t *testing.T) {
	w := writer(t)
	zh, err := w.Write("receipt", sample(t, w, "receipt", ticket.Chinese))
	require.NoError(t, err)
	assert.Contains(t, zh.Text, "2027年1月4日星期一 24:00（北京时间）")
	assert.Contains(t, zh.Text, "暂定：2027 年的放假安排尚未公布")
	en, err := w.Write("receipt", sample(t, w, "receipt", ticket.English))
	require.NoError(t, err)
	assert.Contains(t, en.Text, "the end of Monday, 4 January 2027 (Beijing time)")
	assert.Contains(t, en.Text, "Provisional. The public holidays of 2027")

	exact := sample(t, w, "receipt", ticket.English)
	exact.Due = time.Date(2026, 12, 12, 10, 30, 0, 0, time.UTC)
	en, err = w.Write("receipt", exact)
	require.NoError(t, err)
	assert.Contains(t, en.Text, "12 December 2026, 10:30 (UTC)", "a term in hours ends at an instant")
}

func TestALetterWithNothingToSaySkipsItCleanly(t *testing.T) {
	w := writer(t)
	for _, name := range names() {
		m, err := w.Write(name, mail.Letter{Locale: ticket.Chinese, Number: "DSR-20261211-7K3F9QXM",
			Kind: ticket.Complaint, Stage: ticket.Triage, Why: "x"})
		require.NoError(t, err, name)
		assert.Empty(t, missing.FindAllString(m.Text+m.HTML, -1), name)
		assert.NotContains(t, m.Text, "0001", name)
		assert.NotContains(t, m.Text, "\n\n\n", name)
	}
}

func TestTheAnswerNamesTheRemediesOfItsPolicy(t *testing.T) {
	w := writer(t)
	for policy, want := range map[string]string{"cn": "12377", "gdpr": "art. 77", "ccpa": "cppa.ca.gov", "elsewhere": "data protection authority"} {
		s := sample(t, w, "answer", ticket.English)
		s.Remedies = w.Remedies(ticket.English, policy)
		m, err := w.Write("answer", s)
		require.NoError(t, err)
		assert.Contains(t, m.Text, want)
		assert.Contains(t, m.Text, "privacy officer of Hexinhui: 010-5555 0100")
		assert.Contains(t, m.Text, "within 30 days")
	}
}

func TestHTMLEscapesWhatStaffWrote(t *testing.T) {
	w := writer(t)
	m, err := w.Write("question", sample(t, w, "question", ticket.English))
	require.NoError(t, err)
	assert.Contains(t, m.HTML, "&lt;the licence&gt; &amp; a photo")
	assert.Contains(t, m.Text, "<the licence> & a photo")
}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	words, err := templates.LoadWords()
	require.NoError(t, err)
	for _, pair := range [][2]ticket.Locale{{ticket.Chinese, ticket.English}, {ticket.English, ticket.Chinese}} {
		for _, key := range words.Keys(pair[0]) {
			if strings.HasPrefix(key, "mail.") {
				assert.True(t, words.Has(pair[1], key), "%s is missing in %s", key, pair[1])
			}
		}
	}
}
