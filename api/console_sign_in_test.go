package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestSigningInOpensTheQueueAndSigningOutClosesIt(t *testing.T) {
	o := newOffice(t)
	b := o.browser(en)
	p := b.get("/desk?show=mine")
	require.Equal(t, http.StatusSeeOther, p.Status)
	assert.Equal(t, "/desk/sign-in?next=%2Fdesk%3Fshow%3Dmine", p.Header.Get("Location"))

	p = b.post("/desk/sign-in", url.Values{"name": {" LI.wei "}, "password": {goodPassword}, "next": {"/desk?show=mine"}})
	require.Equal(t, http.StatusSeeOther, p.Status, p.Body)
	require.Equal(t, pageFactor, p.Header.Get("Location"))
	p = o.giveFactor(b, "li.wei")
	assert.Equal(t, "/desk?show=mine", p.Header.Get("Location"))
	cookie := cookieNamed(p, "desk")
	assert.True(t, cookie.HttpOnly)
	assert.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
	assert.Equal(t, "/", cookie.Path)
	assert.Empty(t, cookie.Domain)
	require.Equal(t, http.StatusOK, b.get("/desk").Status)

	require.Equal(t, http.StatusSeeOther, b.post("/desk/sign-out", nil).Status)
	require.Equal(t, http.StatusSeeOther, b.get("/desk").Status)
}

func cookieNamed(p answerPage, name string) *http.Cookie {
	p.t.Helper()
	for _, c := range (&http.Response{Header: p.Header}).Cookies() {
		if c.Name == name {
			return c
		}
	}
	require.Fail(p.t, "no cookie "+name, "%v", p.Header["Set-Cookie"])
	return nil
}

func TestTheCookieIsBoundToTheHostWhereThereIsHTTPS(t *testing.T) {
	o := newOffice(t, func(c *Config) { c.Secure = true })
	p := o.browser(en).signIn("li.wei", goodPassword)
	cookie := cookieNamed(p, "__Host-desk")
	assert.True(t, cookie.Secure)
}

func TestASessionLastsADayAtMostAndEightHoursIdle(t *testing.T) {
	s := newSessions(nil, "desk", true)
	assert.Equal(t, 24*time.Hour, s.Lifetime)
	assert.Equal(t, 8*time.Hour, s.IdleTimeout)
	assert.False(t, s.Cookie.Persist)
}

func TestAPlantedSessionIsWorthNothingAfterSigningIn(t *testing.T) {
	o := newOffice(t)
	victim := o.browser(en)
	planted := cookieNamed(o.as("wang.fang").signIn("wang.fang", goodPassword), "desk")
	u, _ := url.Parse(o.url)
	victim.client.Jar.SetCookies(u, []*http.Cookie{planted})
	half := cookieNamed(victim.signIn("li.wei", goodPassword), "desk")
	assert.NotEqual(t, planted.Value, half.Value)
	own := cookieNamed(o.giveFactor(victim, "li.wei"), "desk")
	assert.NotEqual(t, half.Value, own.Value, "nor one planted between password and second factor")
	attacker := o.browser(en)
	attacker.client.Jar.SetCookies(u, []*http.Cookie{planted})
	assert.Equal(t, http.StatusSeeOther, attacker.get("/desk").Status)
}

func TestAWrongPasswordAndAnUnknownNameGetOneAnswer(t *testing.T) {
	o := newOffice(t)
	known := o.browser(en).signIn("wang.fang", "wrong password here")
	unknown := o.browser(en).signIn("li.who", "wrong password here")
	none := o.browser(en).signIn("'; drop table agents --", "x")
	assert.Equal(t, http.StatusUnprocessableEntity, known.Status)
	assert.Equal(t, known.Status, unknown.Status)
	assert.Equal(t, known.Status, none.Status)
	assert.Equal(t, strings.ReplaceAll(known.Body, "wang.fang", "li.who"), unknown.Body)
	assert.Contains(t, known.text(), "The sign-in name or the password is wrong")
}

func TestUnknownNamesCostAHashToo(t *testing.T) {
	p := newPasswords()
	compared := 0
	p.compare = func(password, hash string) (bool, error) {
		compared++
		assert.True(t, strings.HasPrefix(hash, "$argon2id$"))
		return true, nil
	}
	ok, err := p.right(t.Context(), "x", "")
	require.NoError(t, err)
	assert.False(t, ok, "a name without a hash never signs in")
	assert.Equal(t, 1, compared)
	params, _, _, err := argon2id.DecodeHash(p.nobody())
	require.NoError(t, err)
	assert.Equal(t, passwordCost.Memory, params.Memory)
}

func TestFiveFailuresLockThatNameAndNoOther(t *testing.T) {
	o := newOffice(t)
	for _, name := range []string{"li.wei", "nobody.here"} {
		b := o.browser(en)
		for range 5 {
			assert.Equal(t, http.StatusUnprocessableEntity, b.signIn(name, "wrong password here").Status)
		}
		p := b.signIn(name, goodPassword)
		assert.Equal(t, http.StatusTooManyRequests, p.Status)
		assert.Equal(t, "60", p.Header.Get("Retry-After"))
		assert.Contains(t, p.text(), "Wait 1 minute")
	}
	o.as("wang.fang")

	o.now = o.now.Add(61 * time.Second)
	b := o.browser(en)
	assert.Equal(t, http.StatusUnprocessableEntity, b.signIn("li.wei", "wrong again, sorry").Status)
	assert.Equal(t, "120", b.signIn("li.wei", goodPassword).Header.Get("Retry-After"), "the wait grows")
	o.now = o.now.Add(121 * time.Second)
	assert.Equal(t, http.StatusSeeOther, b.signIn("li.wei", goodPassword).Status)
	assert.Equal(t, http.StatusSeeOther, o.giveFactor(b, "li.wei").Status)
	for range 4 {
		assert.Equal(t, http.StatusUnprocessableEntity, b.signIn("li.wei", "one slip").Status, "the count began anew")
	}
}

func TestStrangersCantLockOutABrowserThatHasSignedInBefore(t *testing.T) {
	o := newOffice(t)
	mine := o.as("li.wei")
	mine.post("/desk/sign-out", nil)
	stranger := o.browser(en)
	for range 6 {
		stranger.signIn("li.wei", "guess after guess")
	}
	assert.Equal(t, http.StatusTooManyRequests, stranger.signIn("li.wei", goodPassword).Status)
	assert.Equal(t, http.StatusSeeOther, mine.signIn("li.wei", goodPassword).Status)
	for range 5 { // but it has its own five tries
		mine.signIn("li.wei", "wrong password here")
	}
	assert.Equal(t, http.StatusTooManyRequests, mine.signIn("li.wei", goodPassword).Status)
}

func TestAOneTimePasswordHasToBeChangedFirst(t *testing.T) {
	o := newOffice(t)
	o.hire(store.Agent{ID: "new.hire", Name: "新人", Role: ticket.Agent, PasswordHash: goodHash, MustChange: true})
	b := o.browser(en)
	p := b.signIn("new.hire", goodPassword)
	require.Equal(t, "/desk/password", p.Header.Get("Location"))
	assert.Equal(t, "/desk/password", b.get("/desk").Header.Get("Location"))
	assert.Equal(t, "/desk/password", b.get("/desk/tickets/new").Header.Get("Location"))
	for next, want := range map[string]string{
		"short":                  "at least 12",
		"aaaaaaaaaaaaaaaa":       "repeated",
		"my name is NEW.hire ok": "must not contain your sign-in name",
		goodPassword:             "must not be the present one",
	} {
		p = b.post("/desk/password", url.Values{"password": {goodPassword}, "password_new": {next}, "password_again": {next}})
		assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
		assert.Contains(t, p.text(), want)
		assert.NotContains(t, p.Body, next+`"`, "no password comes back in a page")
	}
	const mine = "a password of my own"
	p = b.post("/desk/password", url.Values{"password": {goodPassword}, "password_new": {mine}, "password_again": {mine}})
	require.Equal(t, http.StatusSeeOther, p.Status, p.Body)
	assert.Equal(t, pageEnrol, b.get("/desk").Header.Get("Location"))
	assert.Equal(t, http.StatusSeeOther, o.browser(en).signIn("new.hire", mine).Status)
	assert.Equal(t, http.StatusUnprocessableEntity, o.browser(en).signIn("new.hire", goodPassword).Status)
}

func TestWhatIsTakenAwayIsGoneAtTheNextRequest(t *testing.T) {
	o := newOffice(t)
	manager, agent := o.as("chen.manager"), o.as("li.wei")
	require.Equal(t, http.StatusOK, manager.get("/desk/team").Status)
	a, err := o.store.Agent(t.Context(), "chen.manager")
	require.NoError(t, err)
	a.Role = ticket.Agent
	require.NoError(t, o.store.UpdateAgent(t.Context(), a))
	assert.Equal(t, http.StatusSeeOther, manager.get("/desk/team").Status, "role taken away mid-session")
	manager = o.as("chen.manager")
	assert.Equal(t, http.StatusForbidden, manager.get("/desk/team").Status)
	assert.Equal(t, http.StatusOK, manager.get("/desk").Status)

	a, err = o.store.Agent(t.Context(), "li.wei")
	require.NoError(t, err)
	a.Disabled = true
	require.NoError(t, o.store.UpdateAgent(t.Context(), a))
	assert.Equal(t, http.StatusSeeOther, agent.get("/desk").Status, "disabled mid-session")
	a.Disabled = false
	require.NoError(t, o.store.UpdateAgent(t.Context(), a))
	assert.Equal(t, http.StatusSeeOther, agent.get("/desk").Status, "and let in again: that session stays ended")
	a.Disabled = true
	require.NoError(t, o.store.UpdateAgent(t.Context(), a))
	assert.Equal(t, http.StatusUnprocessableEntity, o.browser(en).signIn("li.wei", goodPassword).Status)
}

func TestChangingThePasswordEndsTheOtherSessions(t *testing.T) {
	o := newOffice(t)
	here, elsewhere := o.as("li.wei"), o.as("li.wei")
	const next = "another long password"
	p := here.post("/desk/password", url.Values{"password": {goodPassword}, "password_new": {next}, "password_again": {next}})
	require.Equal(t, http.StatusSeeOther, p.Status, p.Body)
	assert.Equal(t, http.StatusOK, here.get("/desk").Status)
	assert.Equal(t, http.StatusSeeOther, elsewhere.get("/desk").Status)
}

func TestAnEndedSessionSaysSoAndNothingIsSent(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, nil)
	p := o.browser(en).post(page(n)+"/note", url.Values{"text": {"half an hour of typing"}})
	assert.Equal(t, http.StatusUnauthorized, p.Status)
	assert.Contains(t, p.text(), "Sign in in another tab")
}

func TestSigningInLeadsToNoOtherSite(t *testing.T) {
	for in, want := range map[string]string{
		"/desk/tickets/DSR-20260105-00000001": "/desk/tickets/DSR-20260105-00000001",
		"/desk?kind=complaint&show=all":       "/desk?kind=complaint&show=all",
		"https://evil.example/desk":           "/desk",
		"//evil.example/desk":                 "/desk",
		`/\evil.example`:                      "/desk",
		"/desk/../../evil":                    "/desk",
		"/desk/sign-out":                      "/desk",
		"javascript:alert(1)":                 "/desk",
		"/deskevil":                           "/desk",
		"":                                    "/desk",
	} {
		assert.Equal(t, want, pageAfterSignIn(in), in)
	}
}

func TestOtherSitesCantPost(t *testing.T) {
	o := newOffice(t)
	b := o.as("li.wei")
	req, err := http.NewRequest("POST", o.url+"/desk/sign-out", nil)
	require.NoError(t, err)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := b.client.Do(req)
	require.NoError(t, err)
	_ = resp.Body.Close()
	assert.Equal(t, http.StatusForbidden, resp.StatusCode)
	assert.Equal(t, http.StatusOK, b.get("/desk").Status)
}
