package attacks

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

// page is a browser's session at the public pages.
type page struct {
	a *attack
	c *http.Client
}

func (a *attack) page(host byte) *page {
	c := a.from(host)
	jar, err := cookiejar.New(nil)
	require.NoError(a, err)
	c.Jar = jar
	return &page{a, c}
}

func (p *page) get(path string) answer {
	p.a.Helper()
	req, err := http.NewRequest("GET", strings.TrimSuffix(p.a.Form, "/")+path, nil)
	require.NoError(p.a, err)
	return p.a.do(p.c, req)
}

func (p *page) post(path string, values url.Values, headers ...string) answer {
	p.a.Helper()
	req, err := http.NewRequest("POST", strings.TrimSuffix(p.a.Form, "/")+path, strings.NewReader(values.Encode()))
	require.NoError(p.a, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return p.a.do(p.c, req)
}

func TestNoAddressIsFloodedHoweverManyTicketsNameIt(t *testing.T) {
	a := begin(t)
	onFile := a.account("bombed")
	const typed = "flooded@victims.example"
	for i := range 40 {
		c := a.from(byte(1 + i))
		a.file(c, complaint(typed, "Filed to fill somebody's mailbox with receipts."))
		a.file(c, cancellation(fmt.Sprintf("throwaway-%d@mallory.example", i), "bombed"))
	}
	time.Sleep(3 * time.Second) // for what would still come
	assert.NotEmpty(t, a.mails(typed, ""))
	assert.NotEmpty(t, a.mails(onFile, ""))
	assert.LessOrEqual(t, len(a.mails(typed, "")), 6, "letters to an address that has proved nothing, in an hour")
	assert.LessOrEqual(t, len(a.mails(onFile, "")), 20, "codes to one account, in an hour")
}

func TestTheDeskIsNobodysRelay(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	const words = "BUY-CHEAP-PILLS at https://spam.example/now"
	onFile := a.account("relayed")
	for _, request := range []map[string]any{complaint("target@victims.example", words), cancellation("target2@victims.example", "relayed")} {
		request["text"], request["subject"] = words, "BUY-CHEAP-PILLS"
		if request["kind"] == "account_cancellation" {
			delete(request, "subject")
		}
		request["person"].(person)["name"] = "BUY-CHEAP-PILLS"
		f := a.file(c, request)
		a.eventually("the letters are out", func() bool { return len(a.mails("", f.Number)) > 0 })
	}
	a.eventually("the code is out", func() bool { return len(a.mails(onFile, "")) > 0 })
	for _, to := range []string{"target@victims.example", "target2@victims.example", onFile} {
		for _, text := range a.mails(to, "") {
			assert.NotContains(t, text, "PILLS", to)
			assert.NotContains(t, text, "spam.example", to)
		}
	}
}

var trackingLink = regexp.MustCompile(`/track/[A-Za-z0-9_-]{40,}`)

func TestALinkMailedBeforeTheCodeShowsNothingThatWasWritten(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	onFile := a.account("stranger12")
	request := cancellation("honest12@filers.example", "stranger12") // mistyped: somebody else's account
	request["text"] = "My private words, meant for the desk alone."
	request["person"].(person)["name"] = "Honest Filer"
	f := a.file(c, request)
	a.code(onFile, f.Number)
	link := trackingLink.FindString(strings.Join(a.mails(onFile, f.Number), "\n"))
	require.NotEmpty(t, link)
	token := strings.TrimPrefix(link, "/track/")
	ans := a.api(c, "GET", "/ticket", token, nil)
	require.Equal(t, http.StatusOK, ans.status)
	for _, private := range []string{"private words", "Honest Filer", "honest12"} {
		assert.NotContains(t, ans.body, private)
	}
	p := a.page(2)
	assert.Equal(t, http.StatusSeeOther, p.get(link).status)
	assert.NotContains(t, p.get("/ticket").body, "private words")

	own := a.file(c, complaint("own12@filers.example", "My own words, to be read again by me."))
	a.code("own12@filers.example", own.Number)
	first := strings.TrimPrefix(trackingLink.FindString(strings.Join(a.mails("own12@filers.example", own.Number), "\n")), "/track/")
	assert.NotContains(t, a.api(c, "GET", "/ticket", first, nil).body, "own words")
	a.proved(c, own, "own12@filers.example")
	assert.Contains(t, a.api(c, "GET", "/ticket", first, nil).body, "own words", "who has read the code there may read the rest there")
}

func TestOpeningALinkChangesNothing(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	onFile := a.account("scanned13")
	f := a.file(c, cancellation("own13@filers.example", "scanned13"))
	a.code(onFile, f.Number)
	before := a.ticket(f.Number)
	for _, text := range a.mails("", f.Number) { // as mail scanners do
		for _, link := range trackingLink.FindAllString(text, -1) {
			p := a.page(2)
			p.get(link)
			for _, path := range []string{"/ticket", "/ticket/withdraw", "/ticket?done=code", "/ticket/code", "/ticket/confirm", "/ticket/leave", "/ticket/revoke"} {
				p.get(path)
			}
		}
	}
	after := a.ticket(f.Number)
	assert.Equal(t, before.Rev, after.Rev)
	assert.Equal(t, before.Stage, after.Stage)
	assert.NotEmpty(t, a.proved(c, f, onFile), "the code still works")
}

func TestWordsGoToTheTicketThePageShowed(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	victim := a.file(c, complaint("victim14@filers.example", "A complaint of my own, for the desk."))
	hers := a.file(c, complaint("mallory14@mallory.example", "A ticket to be planted on somebody."))
	victimLink, herLink := a.proved(c, victim, "victim14@filers.example"), a.proved(c, hers, "mallory14@mallory.example")
	p := a.page(2)
	p.get("/track/" + victimLink)
	require.Contains(t, p.get("/ticket").body, string(victim.Number))
	p.get("/track/" + herLink) // in another window, or a foreign page sent the browser there
	for _, act := range []string{"reply", "withdraw", "confirm", "solved", "not-solved", "read", "revoke", "text", "real-name", "code"} {
		ans := p.post("/ticket/"+act+"?of="+string(victim.Number), url.Values{"text": {"MY SECRET"}, "understood": {"yes"}})
		assert.Equal(t, http.StatusConflict, ans.status, act)
		ans = p.post("/ticket/"+act, url.Values{"text": {"MY SECRET"}})
		assert.Equal(t, http.StatusConflict, ans.status, act+" of a page that names no ticket")
	}
	messages, err := a.records.Messages(t.Context(), hers.Number)
	require.NoError(t, err)
	assert.Empty(t, messages)
	assert.NotEqual(t, ticket.Withdrawn, a.ticket(hers.Number).Stage)
	assert.NotEqual(t, ticket.Withdrawn, a.ticket(victim.Number).Stage)
}

func TestRevokedAndLeftSessionsAreWorthless(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	f := a.file(c, complaint("own15@filers.example", "Please tell me what you keep about me."))
	link := a.proved(c, f, "own15@filers.example")
	p := a.page(2)
	p.get("/track/" + link)
	old := p.c.Jar.Cookies(must(url.Parse(a.Form)))
	assert.Equal(t, http.StatusSeeOther, p.post("/ticket/revoke?of="+string(f.Number), nil).status)
	assert.Equal(t, http.StatusOK, p.get("/ticket").status, "this browser stays")
	stolen := a.page(3)
	stolen.c.Jar.SetCookies(must(url.Parse(a.Form)), old)
	assert.Equal(t, http.StatusNotFound, stolen.get("/ticket").status)
	assert.Equal(t, http.StatusUnauthorized, a.api(c, "GET", "/ticket", link, nil).status)

	old = p.c.Jar.Cookies(must(url.Parse(a.Form)))
	p.post("/ticket/leave", nil)
	stolen.c.Jar.SetCookies(must(url.Parse(a.Form)), old)
	assert.Equal(t, http.StatusNotFound, stolen.get("/ticket").status, "a copied cookie ends with the session")
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestOtherSitesChangeNothing(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	f := a.file(c, complaint("own16@filers.example", "Please tell me what you keep about me."))
	link := a.proved(c, f, "own16@filers.example")
	p := a.page(2)
	p.get("/track/" + link)
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
		{"Sec-Fetch-Site", "", "Origin", "https://mallory.example"}, {"Sec-Fetch-Site", "", "Origin", "null"},
	} {
		ans := p.post("/ticket/withdraw?of="+string(f.Number), nil, headers...)
		assert.Equal(t, http.StatusForbidden, ans.status, headers)
		for _, path := range []string{"/desk/sign-in", "/request/complaint", "/track", "/request/complaint/send"} {
			assert.Equal(t, http.StatusForbidden, p.post(path, url.Values{"name": {"x"}}, headers...).status, path)
		}
	}
	assert.NotEqual(t, ticket.Withdrawn, a.ticket(f.Number).Stage)
}

func TestAForgedSenderAddressChangesNoLimit(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	refused := 0
	for i := range 40 {
		ans := a.api(c, "POST", "/links", "", map[string]string{"number": "DSR-20261123-7K3F9QXM", "email": fmt.Sprintf("a%d@mallory.example", i)},
			"X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i), "X-Real-IP", fmt.Sprintf("203.0.113.%d", i), "Forwarded", fmt.Sprintf("for=203.0.113.%d", i))
		if ans.status == http.StatusTooManyRequests {
			refused++
			assert.NotEmpty(t, ans.header.Get("Retry-After"))
		}
	}
	assert.Positive(t, refused)
}

func TestNothingTypedBecomesAHeaderOfAMail(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	for _, email := range []string{"x@victims.example\r\nBcc: hidden@victims.example", "x@victims.example%0ABcc:hidden@victims.example",
		"x@victims.example, hidden@victims.example", "<x@victims.example> hidden@victims.example", "\"x\nBcc: hidden\"@victims.example", "x@victims.example\u2028Bcc: hidden@victims.example"} {
		ans := a.api(c, "POST", "/tickets", "", complaint(email, "Please tell me what you keep about me."))
		if ans.status == http.StatusCreated {
			t.Errorf("%q was taken for an address", email)
		}
	}
	request := complaint("headers17@filers.example", "Please tell me what you keep about me.\r\n.\r\nMAIL FROM:<x>\r\nBcc: hidden@victims.example")
	request["subject"], request["person"].(person)["name"] = "a\r\nBcc: hidden@victims.example", "a\r\nBcc: hidden@victims.example\r\n\r\nbody"
	f := a.file(c, request)
	link := a.proved(c, f, "headers17@filers.example")
	agent := a.staff("a.headers", ticket.Agent)
	lease := a.claimed(c, agent, f.Number)
	a.into(a.api(c, "POST", "/tickets/"+string(f.Number)+"/ask", agent, map[string]any{"lease": lease, "text": "Who?\r\n.\r\nRCPT TO:<hidden@victims.example>\r\nBcc: hidden@victims.example"}), http.StatusOK, nil)
	a.eventually("the question is mailed", func() bool {
		return strings.Contains(strings.Join(a.mails("headers17@filers.example", f.Number), ""), "Who?")
	})
	assert.NotEmpty(t, link)
	assert.Empty(t, a.mails("hidden@victims.example", ""))
	messages, err := a.Mails.Messages(t.Context(), "headers17@filers.example", 50)
	require.NoError(t, err)
	for _, m := range messages {
		assert.Empty(t, m.Headers["Bcc"])
		assert.Empty(t, m.Problem)
		assert.Equal(t, []string{"headers17@filers.example"}, m.To)
	}
}

// Words that would be code elsewhere: in SQL, in a path, in a template, in JSON.
func TestWordsOfTheQueryAreOnlyWords(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	officer := a.staff("a.query", ticket.Manager)
	var all struct {
		Tickets []struct{ Number string }
	}
	for _, hostile := range []string{"' OR '1'='1", "x' UNION SELECT data_key FROM ticket_secrets --", "1; DROP TABLE tickets", "%", "_", "\\", "\x00", "{{.}}", "${jndi:ldap://x}", "../../etc/passwd"} {
		q := url.QueryEscape(hostile)
		for _, filter := range []string{"number", "kind", "stage", "assignee", "cursor", "limit"} {
			ans := a.api(c, "GET", "/tickets?"+filter+"="+q, officer, nil)
			assert.Less(t, ans.status, 500, "%s=%q: %s", filter, hostile, ans.body)
			if ans.status == http.StatusOK {
				a.into(ans, http.StatusOK, &all)
				assert.Empty(t, all.Tickets, "%s=%q", filter, hostile)
			}
		}
		for _, path := range []string{"/tickets/" + url.PathEscape(hostile), "/ticket/files/" + url.PathEscape(hostile), "/tickets/" + url.PathEscape(hostile) + "/files/1"} {
			assert.Contains(t, []int{400, 401, 404, 422}, a.api(c, "GET", path, officer, nil).status, path)
		}
		assert.Equal(t, http.StatusNotFound, a.send(c, "GET", a.Form+"static/"+url.PathEscape(hostile), "", nil).status)
	}
}

func TestNobodySetsWhatIsNotTheirsToSet(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	for field, value := range map[string]any{"number": "DSR-20260101-00000000", "stage": "closed", "received_at": "2020-01-01T00:00:00Z", "reply_due": "2030-01-01T00:00:00Z",
		"level": 3, "channel": "phone", "policy": "gdpr", "filed_by": "manager", "verified": true, "assignee": "a.query", "outcome": "accepted"} {
		request := complaint("own18@filers.example", "Please tell me what you keep about me.")
		request[field] = value
		ans := a.api(c, "POST", "/tickets", "", request)
		assert.Equal(t, http.StatusUnprocessableEntity, ans.status, field)
		assert.NotContains(t, ans.body, "gdpr", "no error repeats what was sent")
	}
}

// Nothing personal, nothing secret stands in the desk's log, wherever the attacks
// have put it.
func TestTheLogKnowsNothingOfAnybody(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	request := complaint("logged19@filers.example", "Marked words ZX19 that no log may have.")
	request["person"].(person)["name"], request["person"].(person)["phone"] = "Marked Name ZX19", "13900139019"
	f := a.file(c, request)
	link := a.proved(c, f, "logged19@filers.example")
	a.api(c, "GET", "/ticket", link, nil)
	a.page(2).get("/track/" + link)
	files, err := filepath.Glob(filepath.Join(a.DataDir, "*.log"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		file, err := os.Open(name)
		require.NoError(t, err)
		text, err := io.ReadAll(file)
		file.Close()
		require.NoError(t, err)
		for _, mark := range []string{"ZX19", "logged19", "13900139019", link, f.Link} {
			assert.NotContains(t, string(text), mark, filepath.Base(name))
		}
	}
}
