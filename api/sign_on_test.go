package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

func liMing(roles any) map[string]any {
	return map[string]any{"preferred_username": "li.ming", "name": "李明", "email": "li.ming@desk.example", "roles": roles}
}

func TestStaffSignOnElsewhereAndTheirRoleComesWithThem(t *testing.T) {
	o, p := newSignOnOffice(t)
	n := o.filed(ticket.Complaint, nil)
	p.speaks(liMing([]string{"vpn-users", "agent"}))
	b := o.browser(en)
	assert.Contains(t, b.get("/desk/sign-in?next="+url.QueryEscape(page(n))).Body, `href="/desk/single-sign-on?next=%2fdesk%2ftickets%2f`)
	done := b.get(o.comesBack(b, page(n)))
	require.Equal(t, http.StatusSeeOther, done.Status, done.Body)
	assert.Equal(t, page(n), done.Header.Get("Location"))
	assert.Equal(t, http.StatusOK, b.get(page(n)).Status, "no second factor of ours on top")
	assert.Equal(t, http.StatusForbidden, b.get("/desk/team").Status)
	assert.Equal(t, http.StatusNotFound, b.get(pagePassword).Status, "there is no password to change")
	assert.NotContains(t, b.get("/desk").Body, pagePassword)
	assert.Contains(t, b.get("/desk/recovery-codes").text(), "no recovery codes here")
	a, err := o.store.Agent(t.Context(), "li.ming")
	require.NoError(t, err)
	assert.Equal(t, []any{"李明", "li.ming@desk.example", ticket.Agent, "", false, o.now},
		[]any{a.Name, a.Email, a.Role, a.PasswordHash, a.MustChange, a.LastSeen})
	assert.Equal(t, http.StatusUnprocessableEntity, o.browser(en).signIn("li.ming", "").Status, "there is no password")

	p.speaks(liMing("manager"))
	elsewhere := o.browser(en)
	require.Equal(t, http.StatusSeeOther, o.signsOn(elsewhere).Status)
	assert.Equal(t, http.StatusOK, elsewhere.get("/desk/team").Status)
	assert.Equal(t, http.StatusSeeOther, b.get("/desk").Status, "what was open in the old role has ended")

	b.post("/desk/sign-out", nil)
	elsewhere.post("/desk/sign-out", nil)
	assert.Equal(t, http.StatusSeeOther, elsewhere.get("/desk").Status)
	events, err := o.store.StaffEvents(t.Context(), 0, 3)
	require.NoError(t, err)
	assert.Equal(t, []store.StaffAct{store.StaffRoleChanged, store.StaffLinked, store.StaffAdded},
		[]store.StaffAct{events[0].Act, events[1].Act, events[2].Act})
}

func TestWhatTheTokenLeavesOutIsAskedForOfTheSamePerson(t *testing.T) {
	o, p := newSignOnOffice(t)
	p.speaks(nil)
	p.info = `{"sub":"somebody else","preferred_username":"li.ming","roles":["agent"]}`
	assert.Equal(t, http.StatusForbidden, o.signsOn(o.browser(en)).Status)
	p.info = `{"sub":"248289761001","preferred_username":"li.ming","roles":["lead"]}`
	require.Equal(t, http.StatusSeeOther, o.signsOn(o.browser(en)).Status)
	p.speaks(map[string]any{"roles": []string{"agent"}})
	require.Equal(t, http.StatusSeeOther, o.signsOn(o.browser(en)).Status)
	a, err := o.store.Agent(t.Context(), "li.ming")
	require.NoError(t, err)
	assert.Equal(t, ticket.Agent, a.Role, "the token goes before")
}

// refused signs on and wants a refusal in words.
func (o *office) refused(status int, words string) {
	o.t.Helper()
	b := o.browser(en)
	p := o.signsOn(b)
	assert.Equal(o.t, status, p.Status)
	assert.Contains(o.t, p.text(), words)
	assert.Equal(o.t, http.StatusSeeOther, b.get("/desk").Status)
}

const unreliable = "could not be relied on"

func TestTokensThatAreNotForUsNowOpenNothing(t *testing.T) {
	o, p := newSignOnOffice(t)
	before, err := o.store.CountAgents(t.Context())
	require.NoError(t, err)
	for what, change := range map[string]map[string]any{
		"wrong nonce":          {"nonce": "another"},
		"no nonce":             {"nonce": nil},
		"expired":              {"exp": o.now.Add(-time.Minute).Unix()},
		"no expiry":            {"exp": nil},
		"wrong audience":       {"aud": "another client"},
		"several audiences":    {"aud": []string{clientID, "another client"}},
		"for another party":    {"azp": "another client"},
		"another issuer":       {"iss": "https://evil.example"},
		"no subject":           {"sub": ""},
		"a subject out of all": {"sub": strings.Repeat("s", 300)},
	} {
		t.Log(what)
		says := liMing([]string{"manager"})
		for name, value := range change {
			says[name] = value
		}
		p.speaks(says)
		o.refused(http.StatusForbidden, unreliable)
	}
	after, err := o.store.CountAgents(t.Context())
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func TestATokenSignedBySomebodyElseOpensNothing(t *testing.T) {
	o, p := newSignOnOffice(t)
	other := newProvider(t, func() time.Time { return o.now })
	p.speaks(liMing("manager"))
	p.key = other.key // not the one its key set names
	o.refused(http.StatusForbidden, unreliable)
}

func TestAStateIsGoodOnceForTheBrowserThatBegan(t *testing.T) {
	o, p := newSignOnOffice(t)
	p.speaks(liMing("agent"))
	mine := o.browser(en)
	back := o.comesBack(mine, "")
	stale := func(b *browser, path string) {
		t.Helper()
		got := b.get(path)
		assert.Equal(t, http.StatusBadRequest, got.Status)
		assert.Contains(t, got.text(), "Begin again")
		assert.Equal(t, http.StatusSeeOther, b.get("/desk").Status)
	}
	stale(o.browser(en), back) // without the cookie it does not even use it up
	require.Equal(t, http.StatusSeeOther, mine.get(back).Status)
	mine.post("/desk/sign-out", nil)
	stale(mine, back)

	victim := o.browser(en) // has begun too, and is handed the attacker's way back
	o.comesBack(victim, "")
	stale(victim, o.comesBack(o.browser(en), ""))

	late := o.browser(en)
	back = o.comesBack(late, "")
	o.now = o.now.Add(signOnFor)
	stale(late, back)
	for _, path := range []string{"", "?state=x&code=y", "?code=y&state=" + strings.Repeat("A", 43)} {
		stale(o.browser(en), "/desk/single-sign-on/done"+path)
	}
}

func TestACodeFromAnotherTryIsRefused(t *testing.T) {
	o, p := newSignOnOffice(t)
	p.speaks(liMing("agent"))
	attacker, victim := o.browser(en), o.browser(en)
	theirs, _ := url.Parse(o.comesBack(attacker, ""))
	own, _ := url.Parse(o.comesBack(victim, ""))
	q := own.Query()
	q.Set("code", theirs.Query().Get("code"))
	got := victim.get("/desk/single-sign-on/done?" + q.Encode())
	assert.Equal(t, http.StatusForbidden, got.Status, "the verifier does not fit")
	assert.Contains(t, got.text(), unreliable)
}

func TestTheRoleMustBeOneOfOurs(t *testing.T) {
	o, p := newSignOnOffice(t)
	for _, roles := range []any{nil, "", "emperor", []string{}, []string{"Manager", "agent "}, map[string]any{"agent": true}, 7, []any{"agent", 7}} {
		p.speaks(liMing(roles))
		o.refused(http.StatusForbidden, "gives you no role at this desk")
	}
	p.speaks(liMing([]string{"agent", "privacy_officer"}))
	o.refused(http.StatusForbidden, "more than one role")
	p.speaks(liMing([]string{"agent", "agent"}))
	open := o.browser(en)
	require.Equal(t, http.StatusSeeOther, o.signsOn(open).Status)
	require.Equal(t, http.StatusOK, open.get("/desk").Status)
	p.speaks(liMing(nil)) // taken away there
	o.refused(http.StatusForbidden, "gives you no role at this desk")
	assert.Equal(t, http.StatusSeeOther, open.get("/desk").Status, "and what was open ends")
}

func TestRolesMayHaveAPrefixAndAClaimOfTheirOwn(t *testing.T) {
	var p *provider
	o, p := newSignOnOffice(t, func(c *Config) {
		c.SignOn.RoleClaim, c.SignOn.RolePrefix = "https://desk.example/groups", "rightsdesk-"
	})
	p.speaks(map[string]any{"preferred_username": "li.ming", "https://desk.example/groups": []string{"manager", "rightsdesk-agent"}})
	require.Equal(t, http.StatusSeeOther, o.signsOn(o.browser(en)).Status)
	a, err := o.store.Agent(t.Context(), "li.ming")
	require.NoError(t, err)
	assert.Equal(t, ticket.Agent, a.Role)
	assert.Equal(t, "li.ming", a.Name, "who has no name there")
}

func TestHostileClaimsGetNowhere(t *testing.T) {
	o, p := newSignOnOffice(t)
	for _, name := range []any{strings.Repeat("a", 10<<10), "../../desk/team", "/etc/passwd", "<script>alert(1)</script>", "li.ming\x00", "LI.MING",
		"lì.ming", "", nil, 7, []string{"li.ming"}, "a@b.example", "'; drop table agents --"} {
		says := liMing("manager")
		says["preferred_username"] = name
		p.speaks(says)
		o.refused(http.StatusForbidden, "can't be a sign-in name here")
	}
	for _, twice := range []string{`"roles":["agent"],"roles":["manager"]`, `"roles":["agent"],"preferred_username":"li.wei"`,
		`"roles":["agent"],"sub":"somebody"`, `"roles":["agent"],"ro\u006ces":["manager"]`} {
		p.saysText(func(every map[string]any) string {
			text, _ := json.Marshal(every)
			return strings.TrimSuffix(string(text), "}") + `,"preferred_username":"li.ming",` + twice + `}`
		})
		o.refused(http.StatusForbidden, unreliable)
	}
	p.saysText(func(every map[string]any) string { // what a lax reader takes for the subject
		text, _ := json.Marshal(every)
		return strings.TrimSuffix(string(text), "}") + `,"preferred_username":"li.ming","roles":["agent"],"SUB":"somebody"}`
	})
	o.refused(http.StatusForbidden, unreliable)

	says := liMing("agent")
	says["name"], says["email"] = "<script>alert(1)</script>", "a@b.example\r\nBcc: c@d.example"
	p.speaks(says)
	require.Equal(t, http.StatusSeeOther, o.signsOn(o.browser(en)).Status)
	team := o.as("chen.manager").get("/desk/team")
	assert.NotContains(t, team.Body, "<script>alert")
	assert.Contains(t, team.Body, "&lt;script&gt;alert(1)")
	a, err := o.store.Agent(t.Context(), "li.ming")
	require.NoError(t, err)
	assert.Empty(t, a.Email)
	says["name"] = "李明\u202eevil"
	p.speaks(says)
	require.Equal(t, http.StatusSeeOther, o.signsOn(o.browser(en)).Status)
	a, err = o.store.Agent(t.Context(), "li.ming")
	require.NoError(t, err)
	assert.Equal(t, "li.ming", a.Name, "a name that would turn the text around is not shown")
}

func TestNamesAtTheProviderAreNoWayIntoAnothersAccount(t *testing.T) {
	o, p := newSignOnOffice(t)
	says := liMing("manager")
	o.as("chen.manager")
	says["preferred_username"] = "chen.manager"
	p.speaks(says)
	o.refused(http.StatusForbidden, "belongs to somebody else here")
	o.as("chen.manager")

	p.speaks(liMing("agent"))
	require.Equal(t, http.StatusSeeOther, o.signsOn(o.browser(en)).Status)
	says = liMing("agent")
	says["sub"] = "the next one of that name"
	p.speaks(says)
	o.refused(http.StatusForbidden, "belongs to somebody else here")
	says = liMing("agent")
	says["preferred_username"] = "li.ming2"
	p.speaks(says)
	o.refused(http.StatusForbidden, "has changed")
}

func TestDisabledStaysDisabledUnderEveryName(t *testing.T) {
	o, p := newSignOnOffice(t)
	p.speaks(liMing("agent"))
	b := o.browser(en)
	require.Equal(t, http.StatusSeeOther, o.signsOn(b).Status)
	require.Equal(t, http.StatusSeeOther, o.as("chen.manager").post("/desk/team/li.ming/disabled", url.Values{"disabled": {"yes"}}).Status)
	assert.Equal(t, http.StatusSeeOther, b.get("/desk").Status)
	o.refused(http.StatusForbidden, "is disabled")
	says := liMing("agent")
	says["preferred_username"] = "li.renamed"
	p.speaks(says)
	o.refused(http.StatusForbidden, "has changed")
	_, err := o.store.Agent(t.Context(), "li.renamed")
	assert.ErrorIs(t, err, store.ErrNotFound)
}

func TestPasswordsCanBeTurnedOff(t *testing.T) {
	o, p := newSignOnOffice(t, func(c *Config) { c.NoPasswords = true })
	b := o.browser(en)
	assert.NotContains(t, b.get("/desk/sign-in").Body, `type="password"`)
	assert.Equal(t, http.StatusNotFound, b.signIn("chen.manager", goodPassword).Status)
	says := liMing("manager")
	says["preferred_username"] = "chen.manager"
	p.speaks(says)
	require.Equal(t, http.StatusSeeOther, o.signsOn(b).Status, "the account that was there before is taken over")
	assert.Equal(t, http.StatusOK, b.get("/desk/team").Status)
	a, err := o.store.Agent(t.Context(), "chen.manager")
	require.NoError(t, err)
	assert.Empty(t, a.PasswordHash)
	assert.True(t, a.FactorAt.IsZero())
}

func TestWithoutAProviderThereIsNoSignOn(t *testing.T) {
	o := newOffice(t)
	assert.NotContains(t, o.browser(en).get("/desk/sign-in").Body, "single-sign-on")
	assert.Equal(t, http.StatusNotFound, o.browser(en).get("/desk/single-sign-on").Status)
	assert.Equal(t, http.StatusNotFound, o.browser(en).get("/desk/single-sign-on/done?code=x&state=y").Status)

	away := newOffice(t, func(c *Config) {
		c.SignOn = &SignOn{Issuer: "http://127.0.0.1:1", ClientID: clientID, ClientSecret: clientSecret}
	})
	got := away.browser(en).get("/desk/single-sign-on")
	assert.Equal(t, http.StatusServiceUnavailable, got.Status)
	assert.Contains(t, got.text(), "is not answering")
	away.as("chen.manager")
}

func FuzzClaims(f *testing.F) {
	for _, seed := range []string{`{}`, `{"sub":"a","preferred_username":"li.ming","roles":["agent"]}`, `{"sub":"a","sub":"b"}`, `[]`, `{"roles":{}}x`,
		`{"sub":"a","preferred_username":"li.ming","roles":"agent","name":"` + strings.Repeat("x", 100) + `"}`, `{"a":{"a":1,"a":2}}`} {
		f.Add([]byte(seed))
	}
	s := &signOn{SignOn: SignOn{RoleClaim: "roles"}}
	f.Fuzz(func(t *testing.T, raw []byte) {
		all, err := claimsOf(raw)
		if err != nil {
			return
		}
		who, err := s.read(all)
		if err != nil {
			return
		}
		_, ok := ticket.CheckAgentID(string(who.id))
		assert.True(t, ok)
		assert.Contains(t, ticket.Roles(), who.role)
		assert.NotEmpty(t, who.subject)
		assert.NotContains(t, who.name+who.email, "\n")
	})
}
