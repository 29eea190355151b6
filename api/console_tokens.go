package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/templates"
)

// tokensView is one's own API tokens.
type tokensView struct {
	templates.Frame
	Tokens []tokenLine
	Name   string
	Secret string // shown on this page alone
}

type tokenLine struct {
	store.APIToken
	Created, Last, Revoked time.Time
}

func (k *console) tokens(c *gin.Context) { k.showTokens(c, http.StatusOK, tokensView{}) }

func (k *console) showTokens(c *gin.Context, status int, v tokensView) {
	ctx := c.Request.Context()
	found, err := k.Store.APITokens(ctx, memberOf(c).ID)
	if err != nil {
		k.failed(c, err)
		return
	}
	problems := v.Problems
	v.Frame = k.staffFrame(c, "console.tokens.title")
	v.Path, v.Problems = "/desk/tokens", problems
	zone := k.deskZone(ctx)
	for _, t := range found {
		v.Tokens = append(v.Tokens, tokenLine{APIToken: t, Created: in(t.CreatedAt, zone), Last: in(t.LastUsed, zone),
			Revoked: in(t.RevokedAt, zone)})
	}
	k.page(c, status, "console/tokens", v)
}

// createToken makes a secret by which a program acts for the member, shown once.
func (k *console) createToken(c *gin.Context) {
	form, err := readForm(c)
	if err != nil {
		k.failed(c, err)
		return
	}
	name := strings.TrimSpace(form.Get("name"))
	if n := len([]rune(name)); n == 0 || n > 60 {
		k.showTokens(c, http.StatusUnprocessableEntity, tokensView{Name: name, Frame: templates.Frame{
			Problems: []templates.Problem{{Field: "name", Text: k.say(c, "console.tokens.name_wrong")}}}})
		return
	}
	secret, _, err := k.Store.CreateAPIToken(c.Request.Context(), memberOf(c).ID, name)
	if err != nil {
		k.failed(c, err)
		return
	}
	k.showTokens(c, http.StatusOK, tokensView{Secret: secret})
}

func (k *console) revokeToken(c *gin.Context) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		k.fault(c, http.StatusNotFound)
		return
	}
	if err := k.Store.RevokeAPIToken(c.Request.Context(), memberOf(c).ID, id); err != nil {
		k.failed(c, err)
		return
	}
	k.done(c, "console.tokens.revoked", "/desk/tokens")
}
