package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/templates"
)

// recoveryView is the page about the recovery codes: how many are left, or the
// new ones, shown on this page alone.
type recoveryView struct {
	templates.Frame
	Left   int
	Codes  []string
	First  bool // they come with the second factor
	Next   string
	SignOn bool // who comes by single sign-on has no codes here
}

func (k *console) recovery(c *gin.Context) { k.showCodes(c, http.StatusOK, recoveryView{}) }

func (k *console) showCodes(c *gin.Context, status int, v recoveryView) {
	member, problems := memberOf(c), v.Problems
	left, err := k.Store.RecoveryCodesLeft(c.Request.Context(), member.ID)
	if err != nil {
		k.failed(c, err)
		return
	}
	v.Left, v.SignOn = left, member.FactorAt.IsZero() && !v.First
	v.Frame = k.staffFrame(c, "console.recovery.title")
	v.Wide, v.Path, v.Problems = false, "/desk/recovery-codes", problems
	k.page(c, status, "console/recovery_codes", v)
}

// renewCodes makes new recovery codes against a fresh code of the app; the old
// ones end.
func (k *console) renewCodes(c *gin.Context) {
	ctx, member := c.Request.Context(), memberOf(c)
	if member.FactorAt.IsZero() {
		k.fault(c, http.StatusNotFound)
		return
	}
	wrong := func(status int, words string) {
		k.showCodes(c, status, recoveryView{Frame: templates.Frame{Problems: []templates.Problem{{Field: "code", Text: words}}}})
	}
	counted := k.countedAs(c, member.ID)
	ok, until, err := k.guarded(ctx, counted, func() (bool, error) { return k.codeProved(ctx, member, c.PostForm("code")) })
	switch {
	case err != nil:
		k.failed(c, err)
		return
	case !until.IsZero():
		wrong(http.StatusTooManyRequests, k.tooManyTries(c, until))
		return
	case !ok:
		wrong(http.StatusUnprocessableEntity, k.say(c, "console.recovery.wrong"))
		return
	}
	codes := newRecoveryCodes()
	err = k.Store.RenewRecoveryCodes(ctx, member.ID, codes, store.StaffEvent{At: k.Now(), Actor: member.ID, Act: store.StaffCodesMade})
	if err == nil {
		err = k.lockouts.cleared(ctx, counted)
	}
	if err != nil {
		k.failed(c, err)
		return
	}
	k.showCodes(c, http.StatusOK, recoveryView{Codes: codes, Next: home(member.Role)})
}
