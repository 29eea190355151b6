package api

import (
	"bytes"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// told is what a page says in the element of an id.
func (p answerPage) told(id string) string {
	return text(find(p.doc, func(n *html.Node) bool { return attr(n, "id") == id }))
}

// codesShown are the recovery codes on a page.
func (p answerPage) codesShown() (codes []string) {
	for n := range p.doc.Descendants() {
		if n.Data == "li" && n.Parent != nil && attr(n.Parent, "class") == "codes" {
			codes = append(codes, strings.TrimSpace(text(n)))
		}
	}
	return codes
}

const ownPassword = "a password of my own"

// changed signs in with a one-time password and chooses one's own.
func (o *office) changed(b *browser, id, once string) answerPage {
	o.t.Helper()
	require.Equal(o.t, pagePassword, b.signIn(id, once).Header.Get("Location"))
	p := b.post(pagePassword, url.Values{"password": {once}, "password_new": {ownPassword}, "password_again": {ownPassword}})
	require.Equal(o.t, http.StatusSeeOther, p.Status, p.Body)
	return p
}

func TestASecondFactorIsSetUpRightAfterTheOneTimePassword(t *testing.T) {
	o := newOffice(t)
	o.hire(store.Agent{ID: "new.hire", Name: "新人", Role: ticket.Agent, PasswordHash: goodHash, MustChange: true})
	b := o.browser(en)
	o.changed(b, "new.hire", goodPassword)
	for _, path := range []string{"/desk", "/desk/tokens", "/desk/recovery-codes", pageFactor, pagePassword} {
		assert.Equal(t, pageEnrol, b.get(path).Header.Get("Location"), path)
	}
	p := b.get(pageEnrol)
	require.Equal(t, http.StatusOK, p.Status)
	shown := p.told("secret")
	assert.Regexp(t, `^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$`, shown)
	assert.Equal(t, shown, b.get(pageEnrol).told("secret"), "asked for again, it is the same")
	secret := strings.ReplaceAll(shown, " ", "")

	picture := b.get(pageEnrol + "/picture")
	assert.Equal(t, "image/png", picture.Header.Get("Content-Type"))
	decoded, err := png.Decode(bytes.NewReader([]byte(picture.Body)))
	require.NoError(t, err)
	assert.Equal(t, 264, decoded.Bounds().Dx())

	p = b.post(pageEnrol, url.Values{"code": {"000000"}})
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Equal(t, []string{"code"}, p.problems())
	assert.Equal(t, shown, p.told("secret"))

	code, err := totp.GenerateCode(secret, o.now)
	require.NoError(t, err)
	p = b.post(pageEnrol, url.Values{"code": {code[:3] + " " + code[3:]}})
	require.Equal(t, http.StatusOK, p.Status, p.Body)
	codes := p.codesShown()
	require.Len(t, codes, 10)
	assert.Equal(t, http.StatusOK, b.get("/desk").Status)
	assert.Equal(t, "/desk", b.get(pageEnrol).Header.Get("Location"), "once")
	assert.Empty(t, b.get("/desk/recovery-codes").codesShown(), "shown once")
	assert.Contains(t, b.get("/desk/recovery-codes").text(), "You have 10 unused recovery codes")
	for _, word := range append(codes, secret, code) {
		assert.NotContains(t, o.log.String(), word)
	}

	again := o.browser(en)
	require.Equal(t, pageFactor, again.signIn("new.hire", ownPassword).Header.Get("Location"))
	assert.Equal(t, http.StatusUnprocessableEntity, again.post(pageFactor, url.Values{"code": {code}}).Status, "the code was used to set it up")
	o.now = o.now.Add(time.Minute)
	code, _ = totp.GenerateCode(secret, o.now)
	require.Equal(t, http.StatusSeeOther, again.post(pageFactor, url.Values{"code": {code}}).Status)
	assert.Equal(t, http.StatusOK, again.get("/desk").Status)

	lost := o.browser(en)
	lost.signIn("new.hire", ownPassword)
	require.Equal(t, http.StatusSeeOther, lost.post(pageFactor, url.Values{"code": {strings.ToUpper(codes[3])}}).Status)
	assert.Contains(t, lost.get("/desk/recovery-codes").text(), "You have 9 unused recovery codes")
}

func TestAPasswordAloneReachesNothing(t *testing.T) {
	o := newOffice(t)
	n := o.filed(ticket.Complaint, nil)
	b := o.browser(en)
	b.signIn("li.wei", goodPassword)
	for _, path := range []string{"/desk", page(n), "/desk/tokens", "/desk/calendar", pagePassword, pageEnrol, pageEnrol + "/picture", "/desk/recovery-codes"} {
		p := b.get(path)
		assert.Equal(t, http.StatusSeeOther, p.Status, path)
		assert.Equal(t, pageFactor, p.Header.Get("Location"), path)
	}
	p := b.post(pagePassword, url.Values{"password": {goodPassword}, "password_new": {ownPassword}, "password_again": {ownPassword}})
	assert.Equal(t, pageFactor, p.Header.Get("Location"), "nor does it change itself")
	assert.NotContains(t, b.get(pageFactor).Body, "成员", "not even whose it is")
	assert.Zero(t, o.shownTo(n, "li.wei"))
}

func TestACodeIsGoodOnceAndForAMinuteAndAHalf(t *testing.T) {
	o := newOffice(t)
	give := func(code string) int {
		b := o.browser(en)
		b.signIn("li.wei", goodPassword)
		return b.post(pageFactor, url.Values{"code": {code}}).Status
	}
	assert.Equal(t, http.StatusUnprocessableEntity, give(o.appCode(-2)))
	assert.Equal(t, http.StatusUnprocessableEntity, give(o.appCode(2)))
	assert.Equal(t, http.StatusSeeOther, give(o.appCode(-1)))
	assert.Equal(t, http.StatusUnprocessableEntity, give(o.appCode(-1)), "replayed")
	assert.Equal(t, http.StatusSeeOther, give(o.appCode(1)))
	assert.Equal(t, http.StatusUnprocessableEntity, give(o.appCode(0)), "older than the one used last")
	assert.Equal(t, http.StatusUnprocessableEntity, give(recoveryCode(manyCodes)), "not one of theirs")
	assert.Equal(t, http.StatusUnprocessableEntity, give(""))
}

// Who has stolen a password gets five tries at the second factor like everybody
// else, however often they begin anew.
func TestAPasswordBuysNoMoreTriesAtTheSecondFactor(t *testing.T) {
	o := newOffice(t)
	tries := 0
	for range 20 {
		b := o.browser(en)
		if b.signIn("li.wei", goodPassword).Status != http.StatusSeeOther {
			break
		}
		if b.post(pageFactor, url.Values{"code": {"12345678"}}).Status != http.StatusUnprocessableEntity {
			break
		}
		tries++
	}
	assert.Equal(t, triesBeforeWait, tries)
	half := o.browser(en)
	p := half.signIn("li.wei", goodPassword)
	assert.Equal(t, http.StatusTooManyRequests, p.Status)
	assert.Equal(t, "60", p.Header.Get("Retry-After"))
	o.as("wang.fang")

	o.now = o.now.Add(61 * time.Second)
	half.signIn("li.wei", goodPassword)
	assert.Equal(t, http.StatusSeeOther, half.post(pageFactor, url.Values{"code": {o.appCode(0)}}).Status)
}

func TestTriesAtTheSecondFactorLockNobodyElseOut(t *testing.T) {
	o := newOffice(t)
	mine := o.as("li.wei")
	mine.post("/desk/sign-out", nil)
	thief := o.browser(en)
	require.Equal(t, http.StatusSeeOther, thief.signIn("li.wei", goodPassword).Status)
	for range triesBeforeWait {
		thief.post(pageFactor, url.Values{"code": {"000001"}})
	}
	assert.Equal(t, http.StatusTooManyRequests, thief.post(pageFactor, url.Values{"code": {o.appCode(0)}}).Status)
	require.Equal(t, http.StatusSeeOther, mine.signIn("li.wei", goodPassword).Status)
	assert.Equal(t, http.StatusSeeOther, mine.post(pageFactor, url.Values{"code": {o.appCode(0)}}).Status)
	assert.Equal(t, http.StatusOK, mine.get("/desk").Status)
}

func TestAManagerResetsASecondFactorAndEverySessionEnds(t *testing.T) {
	o := newOffice(t)
	manager, agent := o.as("chen.manager"), o.as("li.wei")
	half := o.browser(en)
	half.signIn("li.wei", goodPassword)
	require.Equal(t, http.StatusSeeOther, manager.post("/desk/team/li.wei/reset-second-factor", nil).Status)
	assert.Equal(t, http.StatusSeeOther, agent.get("/desk").Status)
	assert.Equal(t, "/desk/sign-in?next=%2Fdesk%2Fsecond-factor", half.get(pageFactor).Header.Get("Location"))
	assert.Equal(t, http.StatusConflict, manager.post("/desk/team/chen.manager/reset-second-factor", nil).Status, "not one's own")
	assert.Equal(t, http.StatusNotFound, manager.post("/desk/team/no.such/reset-second-factor", nil).Status)
	b := o.browser(en)
	assert.Equal(t, pageEnrol, b.signIn("li.wei", goodPassword).Header.Get("Location"))
	events, err := o.store.StaffEvents(t.Context(), 0, 5)
	require.NoError(t, err)
	assert.Equal(t, store.StaffEvent{ID: events[0].ID, At: o.now, Actor: "chen.manager", Act: store.StaffFactorReset, Subject: "li.wei"}, events[0])
	assert.Contains(t, o.as("zheng.admin").get("/desk/team/record").text(), "li.weiSecond factor resetchen.manager")
}

func TestRecoveryCodesAreMadeAnewAgainstAFreshCode(t *testing.T) {
	o := newOffice(t)
	b := o.as("li.wei")
	assert.Equal(t, []string{"code"}, b.post("/desk/recovery-codes", url.Values{"code": {recoveryCode(1)}}).problems(), "a recovery code is none")
	code := o.appCode(0)
	codes := b.post("/desk/recovery-codes", url.Values{"code": {code}}).codesShown()
	require.Len(t, codes, 10)
	assert.Equal(t, []string{"code"}, b.post("/desk/recovery-codes", url.Values{"code": {code}}).problems(), "used")
	other := o.browser(en)
	other.signIn("li.wei", goodPassword)
	assert.Equal(t, http.StatusUnprocessableEntity, other.post(pageFactor, url.Values{"code": {recoveryCode(2)}}).Status, "the old ones ended")
	assert.Equal(t, http.StatusSeeOther, other.post(pageFactor, url.Values{"code": {codes[0]}}).Status)
	assert.Equal(t, http.StatusUnprocessableEntity, o.halfWay("li.wei").post(pageFactor, url.Values{"code": {codes[0]}}).Status, "once")
}

// halfWay is a browser in which the password was given.
func (o *office) halfWay(id string) *browser {
	o.t.Helper()
	b := o.browser(en)
	require.Equal(o.t, pageFactor, b.signIn(id, goodPassword).Header.Get("Location"))
	return b
}

func TestCodesAreReadAsTyped(t *testing.T) {
	for in, want := range map[string]string{"123 456": "123456", "１２３４５６": "123456", " 12-34 56 ": "123456", "ABCDE-fghjk": "abcdefghjk"} {
		assert.Equal(t, want, typedCode(in))
	}
	assert.LessOrEqual(t, len(typedCode(strings.Repeat("9", 10<<10))), 64)
	seen := map[string]bool{}
	for _, code := range append(newRecoveryCodes(), newRecoveryCodes()...) {
		assert.Regexp(t, `^[2-9a-hjkmnp-z]{5}-[2-9a-hjkmnp-z]{5}$`, code)
		assert.False(t, seen[code])
		seen[code] = true
	}
}
