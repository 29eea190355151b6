package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// resetMember gives a new one-time password, shown once. Every session and lock
// of the member ends with the old one.
func (k *console) resetMember(c *gin.Context) {
	ctx := c.Request.Context()
	member, _, ok := k.teamMember(c)
	if !ok || !k.notOneself(c, member) {
		return
	}
	password := NewOneTimePassword()
	hash, err := k.passwords.hashed(ctx, password)
	if err == nil {
		err = k.Store.SetPassword(ctx, member.ID, hash, true,
			store.StaffEvent{At: k.Now(), Actor: memberOf(c).ID, Act: store.StaffPasswordReset})
	}
	if err == nil {
		err = k.lockouts.cleared(ctx, string(member.ID))
	}
	if err != nil {
		k.failed(c, err)
		return
	}
	k.Log.Info("password reset", "by", memberOf(c).ID, "member", member.ID)
	k.showTeam(c, http.StatusOK, teamView{Password: password, PasswordFor: member.ID})
}

// resetFactor takes a member's second factor away: a new one is enrolled at the
// next sign-in. Every session of theirs ends.
func (k *console) resetFactor(c *gin.Context) {
	member, _, ok := k.teamMember(c)
	if !ok || !k.notOneself(c, member) {
		return
	}
	err := k.Store.ResetFactor(c.Request.Context(), member.ID,
		store.StaffEvent{At: k.Now(), Actor: memberOf(c).ID, Act: store.StaffFactorReset})
	if err != nil {
		k.failed(c, err)
		return
	}
	k.Log.Info("second factor reset", "by", memberOf(c).ID, "member", member.ID)
	k.done(c, "console.team.factor_reset", "/desk/team")
}

// changeRole ends the member's sessions: they sign in again in the new role.
func (k *console) changeRole(c *gin.Context) {
	member, form, ok := k.teamMember(c)
	if !ok || !k.notOneself(c, member) {
		return
	}
	role, known := ticket.ParseOne(form.Get("role"), ticket.Roles())
	if !known {
		k.fault(c, http.StatusBadRequest)
		return
	}
	member.Role = role
	k.saveMember(c, member, store.StaffEvent{Act: store.StaffRoleChanged, Code: string(role)})
}

// disableMember ends what the member may do at once, or lets them in again. Their
// tickets stay theirs until somebody assigns them.
func (k *console) disableMember(c *gin.Context) {
	member, form, ok := k.teamMember(c)
	if !ok || !k.notOneself(c, member) {
		return
	}
	member.Disabled = form.Get("disabled") == "yes"
	k.saveMember(c, member, store.StaffEvent{Act: disabledAct(member.Disabled)})
}

func disabledAct(disabled bool) store.StaffAct {
	if disabled {
		return store.StaffDisabled
	}
	return store.StaffEnabled
}

// markAway says until the end of which day a member is away, so that nobody
// assigns to them meanwhile. No day: they are back.
func (k *console) markAway(c *gin.Context) {
	member, form, ok := k.teamMember(c)
	if !ok {
		return
	}
	member.AwayUntil = time.Time{}
	if typed := form.Get("until"); typed != "" {
		day, err := time.ParseInLocation(time.DateOnly, typed, k.deskZone(c.Request.Context()))
		if err != nil || day.AddDate(0, 0, 1).Before(k.Now()) || day.After(k.Now().AddDate(1, 0, 0)) {
			k.showTeam(c, http.StatusUnprocessableEntity, teamView{Frame: templates.Frame{Problems: []templates.Problem{
				{Field: "until-" + string(member.ID), Text: k.say(c, "console.team.until_wrong")}}}})
			return
		}
		member.AwayUntil = day.AddDate(0, 0, 1).Add(-time.Second)
	}
	k.saveMember(c, member)
}
