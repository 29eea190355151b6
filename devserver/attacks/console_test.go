package attacks

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/api"
	"rightsdesk/ticket"
)

const staffPassword = "a long enough password 7"

// member adds a member of staff who signs in with staffPassword.
func (a *attack) member(id string, role ticket.Role) {
	a.Helper()
	a.staff(id, role)
	hash, err := api.HashPassword(staffPassword)
	require.NoError(a, err)
	require.NoError(a, a.records.SetPassword(a.Context(), ticket.AgentID(id), hash, false))
}

var factorSecret = regexp.MustCompile(`id="secret">([A-Z2-7 ]+)<`)

// enrols sets up the second factor, which ends the sign-in.
func (p *page) enrols() answer {
	p.a.Helper()
	found := factorSecret.FindStringSubmatch(p.get("/desk/second-factor/enrol").body)
	require.NotNil(p.a, found)
	code, err := totp.GenerateCode(strings.ReplaceAll(found[1], " ", ""), time.Now())
	require.NoError(p.a, err)
	return p.post("/desk/second-factor/enrol", url.Values{"code": {code}})
}

func (p *page) cookie() *http.Cookie {
	for _, c := range p.c.Jar.Cookies(must(url.Parse(p.a.Form + "desk"))) {
		if strings.HasSuffix(c.Name, "desk") {
			return c
		}
	}
	return nil
}

func TestASessionPlantedInABrowserIsNobodys(t *testing.T) {
	a := begin(t)
	a.member("a.mallory", ticket.Agent)
	a.member("a.victim", ticket.Manager)
	mallory, victim := a.page(1), a.page(2)
	credentials := func(id string) url.Values { return url.Values{"name": {id}, "password": {staffPassword}} }
	require.Equal(t, http.StatusSeeOther, mallory.post("/desk/sign-in", credentials("a.mallory")).status)
	planted := mallory.cookie()
	require.NotNil(t, planted)
	root := must(url.Parse(a.Form + "desk"))
	victim.c.Jar.SetCookies(root, []*http.Cookie{planted})
	require.Equal(t, http.StatusSeeOther, victim.post("/desk/sign-in", credentials("a.victim")).status)
	half := victim.cookie().Value
	assert.NotEqual(t, planted.Value, half)
	require.Equal(t, http.StatusOK, victim.enrols().status)
	assert.NotEqual(t, half, victim.cookie().Value, "nor one planted between password and second factor")
	require.Equal(t, http.StatusOK, victim.get("/desk").status)
	for _, old := range []string{planted.Value, half} {
		thief := a.page(3)
		thief.c.Jar.SetCookies(root, []*http.Cookie{{Name: planted.Name, Value: old, Path: "/"}})
		assert.Equal(t, http.StatusSeeOther, thief.get("/desk").status)
	}
}

func TestNoSignInLeadsToAnotherSite(t *testing.T) {
	a := begin(t)
	for i, next := range []string{"https://mallory.example/desk", "//mallory.example/desk", `/\mallory.example`, "/desk/../../mallory", "javascript:alert(1)", "/desk@mallory.example"} {
		id := "a.redirect" + itoa(int64(i))
		a.member(id, ticket.Agent)
		p := a.page(byte(1 + i))
		ans := p.post("/desk/sign-in", url.Values{"name": {id}, "password": {staffPassword}, "next": {next}})
		require.Equal(t, http.StatusSeeOther, ans.status, ans.body)
		assert.True(t, strings.HasPrefix(ans.header.Get("Location"), "/desk"), ans.header.Get("Location"))
		assert.NotContains(t, ans.header.Get("Location"), "mallory")
		done := p.enrols()
		assert.NotContains(t, done.header.Get("Location")+done.body, "mallory", next)
	}
	p := a.page(20)
	for _, path := range []string{"//mallory.example", "/%2f%2fmallory.example", "/track?next=https://mallory.example", "/desk/sign-in?next=https://mallory.example", "//mallory.example/desk/"} {
		assert.NotContains(t, p.get(path).header.Get("Location"), "mallory", path)
	}
}

func TestATicketOutsideTheQueuesIsNotThere(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	onFile := a.account("outside30")
	f := a.file(c, cancellation("own30@filers.example", "outside30"))
	a.proved(c, f, onFile)
	a.stage(f.Number, ticket.WaitingOnSubject)
	token := a.staff("a.queued", ticket.Agent)
	path := "/tickets/" + string(f.Number)
	require.Equal(t, http.StatusOK, a.api(c, "GET", path, token, nil).status, "without queues all is theirs")

	member, err := a.records.Agent(t.Context(), "a.queued")
	require.NoError(t, err)
	member.Queues = ticket.Queues{"complaint.marketing"}
	require.NoError(t, a.records.UpdateAgent(t.Context(), member))
	absent := "/tickets/DSR-20260105-99999999"
	for _, act := range []string{"", "/claim", "/note", "/decide", "/ask", "/review-proof", "/escalate"} {
		method, body := "POST", map[string]any{"lease": 1, "text": "Let me see."}
		if act == "" {
			method, body = "GET", nil
		}
		there, not := a.api(c, method, path+act, token, body), a.api(c, method, absent+act, token, body)
		assert.Equal(t, not.status, there.status, act)
		assert.NotEqual(t, http.StatusOK, there.status, act)
	}
	assert.NotContains(t, a.api(c, "GET", "/tickets", token, nil).body, string(f.Number))
	assert.Empty(t, a.ticket(f.Number).Assignee)
}
