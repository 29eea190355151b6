package api

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// secret is what a page shows once.
func (p answerPage) secret() string {
	return text(find(p.doc, func(n *html.Node) bool { return attr(n, "class") == "secret" }))
}

func TestAManagerRunsTheTeam(t *testing.T) {
	o := newOffice(t)
	b := o.as("chen.manager")
	add := url.Values{"id": {"qian.new"}, "name": {"钱新"}, "email": {"qian@desk.example"}, "role": {"agent"}}
	p := b.post("/desk/team", add)
	require.Equal(t, http.StatusOK, p.Status, p.Body)
	once := p.secret()
	assert.Regexp(t, regexp.MustCompile(`^([23456789a-hjkmnp-zA]{4}-){3}[23456789a-hjkmnp-zA]{4}$`), once)
	assert.NotContains(t, b.get("/desk/team").Body, once, "shown once")
	assert.NotContains(t, o.log.String(), once)
	assert.Equal(t, "/desk/password", o.browser(en).signIn("qian.new", once).Header.Get("Location"))

	p = b.post("/desk/team", add)
	assert.Equal(t, []string{"id"}, p.problems(), "the name is taken")
	p = b.post("/desk/team", url.Values{"id": {"A B"}, "email": {"a@b, c@d"}, "role": {"emperor"}})
	assert.Equal(t, []string{"id", "name", "email", "role"}, p.problems())

	agent := o.as("li.wei")
	require.Equal(t, http.StatusSeeOther, b.post("/desk/team/li.wei/role", url.Values{"role": {"lead"}}).Status)
	a, err := o.store.Agent(t.Context(), "li.wei")
	require.NoError(t, err)
	assert.Equal(t, ticket.Lead, a.Role)
	assert.Equal(t, "li.wei@desk.example", a.Email, "the rest stays")
	require.Equal(t, http.StatusSeeOther, b.post("/desk/team/li.wei/away", url.Values{"until": {"2026-01-09"}}).Status)
	assert.Contains(t, b.get("/desk/team").text(), "Away until Friday, 9 January 2026")
	assert.Equal(t, http.StatusUnprocessableEntity, b.post("/desk/team/li.wei/away", url.Values{"until": {"2020-01-01"}}).Status)
	require.Equal(t, http.StatusSeeOther, b.post("/desk/team/li.wei/disabled", url.Values{"disabled": {"yes"}}).Status)
	assert.Equal(t, http.StatusSeeOther, agent.get("/desk").Status)
	require.Equal(t, http.StatusSeeOther, b.post("/desk/team/li.wei/disabled", url.Values{"disabled": {"no"}}).Status)
	once = b.post("/desk/team/li.wei/reset", nil).secret()
	again := o.browser(en)
	assert.Equal(t, pageFactor, again.signIn("li.wei", once).Header.Get("Location"), "who has a second factor gives it first")
	require.Equal(t, http.StatusSeeOther, o.giveFactor(again, "li.wei").Status)
	assert.Equal(t, "/desk/password", again.get("/desk").Header.Get("Location"))
	assert.Equal(t, http.StatusUnprocessableEntity, o.browser(en).signIn("li.wei", goodPassword).Status)

	for _, act := range []string{"role", "disabled", "reset"} {
		assert.Equal(t, http.StatusConflict, b.post("/desk/team/chen.manager/"+act, url.Values{"role": {"agent"}, "disabled": {"yes"}}).Status,
			"nobody locks themselves out")
	}
}

func TestTokensAreShownOnceAndRevoked(t *testing.T) {
	o := newOffice(t)
	b := o.as("li.wei")
	p := b.post("/desk/tokens", url.Values{"name": {"CRM"}})
	require.Equal(t, http.StatusOK, p.Status)
	secret := p.secret()
	a, err := o.store.AgentByToken(t.Context(), secret)
	require.NoError(t, err)
	assert.Equal(t, ticket.AgentID("li.wei"), a.ID)
	assert.NotContains(t, b.get("/desk/tokens").Body, secret)
	assert.Contains(t, o.as("wang.fang").get("/desk/tokens").text(), "You have no tokens", "own ones only")
	tokens, err := o.store.APITokens(t.Context(), "li.wei")
	require.NoError(t, err)
	path := "/desk/tokens/" + itoa(tokens[0].ID) + "/revoke"
	o.as("wang.fang").post(path, nil)
	_, err = o.store.AgentByToken(t.Context(), secret)
	require.NoError(t, err, "somebody else can't revoke it")
	require.Equal(t, http.StatusSeeOther, b.post(path, nil).Status)
	_, err = o.store.AgentByToken(t.Context(), secret)
	assert.ErrorIs(t, err, store.ErrNotFound)
	assert.Equal(t, []string{"name"}, b.post("/desk/tokens", url.Values{"name": {""}}).problems())
}

func TestASchedulesFileIsLoadedOrItsMistakeNamed(t *testing.T) {
	o := newOffice(t)
	b := o.as("chen.manager")
	p := b.get("/desk/calendar")
	assert.Contains(t, p.text(), "2026Published")
	assert.Contains(t, p.text(), "2027Not published yet")
	load := func(text string) answerPage {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		part, err := w.CreateFormFile("file", "2027.tsv")
		require.NoError(t, err)
		_, _ = part.Write([]byte(text))
		require.NoError(t, w.Close())
		return b.do("POST", "/desk/calendar", w.FormDataContentType(), &body)
	}
	p = load("2027-01-01\tferien\t元旦\n")
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Equal(t, []string{"file"}, p.problems())
	assert.Contains(t, p.text(), "line 1")
	p = load("# covers: 2027\n2027-01-01\tholiday\t元旦\n")
	require.Equal(t, http.StatusSeeOther, p.Status, p.Body)
	p = b.get(p.Header.Get("Location"))
	assert.Contains(t, p.text(), "2027Published")
	assert.Contains(t, p.text(), "The open tickets are being worked out again.")
	assert.Contains(t, p.text(), "2027 counts as published, and yet these statutory festival days are working days in it: Friday, 5 February 2027")
	p = load("2028-01-01\tholiday\t元旦\n")
	require.Equal(t, http.StatusSeeOther, p.Status, p.Body)
	assert.Contains(t, b.get(p.Header.Get("Location")).text(), "The file does not speak for 2028")
	assert.NotContains(t, o.as("li.wei").get("/desk/calendar").Body, `type="file"`)
}
