package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/mail"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// teamView is the list of the members of staff, and a form to add one.
type teamView struct {
	templates.Frame
	Members         []memberLine
	Roles           []option
	ID, Name, Email string
	Password        string // one-time, shown on this page alone
	PasswordFor     ticket.AgentID
}

type memberLine struct {
	ID                 ticket.AgentID
	Name, Email        string
	Role               ticket.Role
	Roles              []option
	Queues             []queueChoice // nil: the role sees every queue
	Limited            bool
	Factor, SignOn     bool
	Me, Disabled, Away bool
	MustChange         bool
	AwayUntil          time.Time
	LastSeen           time.Time
}

func (k *console) team(c *gin.Context) { k.showTeam(c, http.StatusOK, teamView{}) }

// showTeam completes the view: what was typed, a one-time password and problems
// come with it.
func (k *console) showTeam(c *gin.Context, status int, v teamView) {
	ctx := c.Request.Context()
	members, err := k.Store.Agents(ctx)
	if err != nil {
		k.failed(c, err)
		return
	}
	problems := v.Problems
	v.Frame = k.staffFrame(c, "console.team.title")
	v.Path, v.Problems = "/desk/team", problems
	if v.Roles == nil {
		v.Roles = options("role", ticket.Roles(), string(ticket.Agent))
	}
	zone := k.deskZone(ctx)
	for _, m := range members {
		line := memberLine{ID: m.ID, Name: m.Name, Email: m.Email, Role: m.Role,
			Roles: options("role-"+string(m.ID), ticket.Roles(), string(m.Role)), Me: m.ID == memberOf(c).ID,
			Disabled: m.Disabled, MustChange: m.MustChange, Away: m.AwayUntil.After(k.Now()),
			AwayUntil: in(m.AwayUntil, zone), LastSeen: in(m.LastSeen, zone), Factor: !m.FactorAt.IsZero(), SignOn: m.Subject != "",
			Limited: len(m.Limits()) > 0}
		if m.Role == ticket.Agent {
			line.Queues = queueChoices(m.Queues)
		}
		v.Members = append(v.Members, line)
	}
	k.page(c, status, "console/team", v)
}

// addMember adds a member of staff under a one-time password, shown once.
func (k *console) addMember(c *gin.Context) {
	ctx := c.Request.Context()
	form, err := readForm(c)
	if err != nil {
		k.failed(c, err)
		return
	}
	v := teamView{ID: form.Get("id"), Name: form.Get("name"), Email: form.Get("email"),
		Roles: options("role", ticket.Roles(), form.Get("role"))}
	id, ok := ticket.CheckAgentID(v.ID)
	role, knownRole := ticket.ParseOne(form.Get("role"), ticket.Roles())
	wrong := func(field, key string) {
		v.Problems = append(v.Problems, templates.Problem{Field: field, Text: k.say(c, key)})
	}
	if !ok {
		wrong("id", "console.team.id_wrong")
	}
	if n := len([]rune(v.Name)); n == 0 || n > 60 {
		wrong("name", "console.team.name_wrong")
	}
	if _, ok := mail.Address(v.Email); !ok {
		wrong("email", "console.team.email_wrong")
	}
	if !knownRole {
		wrong("role", "console.team.role_wrong")
	}
	if len(v.Problems) > 0 {
		k.showTeam(c, http.StatusUnprocessableEntity, v)
		return
	}
	password := NewOneTimePassword()
	hash, err := k.passwords.hashed(ctx, password)
	if err != nil {
		k.failed(c, err)
		return
	}
	email, _ := mail.Address(v.Email)
	err = k.Store.CreateAgent(ctx, store.Agent{ID: id, Name: v.Name, Email: email, Role: role, PasswordHash: hash,
		MustChange: true, CreatedAt: k.Now()}, store.StaffEvent{At: k.Now(), Actor: memberOf(c).ID, Act: store.StaffAdded, Code: string(role)})
	if errors.Is(err, store.ErrExists) {
		wrong("id", "console.team.id_taken")
		k.showTeam(c, http.StatusUnprocessableEntity, v)
		return
	}
	if err != nil {
		k.failed(c, err)
		return
	}
	k.Log.Info("member of staff added", "by", memberOf(c).ID, "member", id, "role", role)
	k.showTeam(c, http.StatusOK, teamView{Password: password, PasswordFor: id})
}

// teamMember is the member the address names, and the form about them.
func (k *console) teamMember(c *gin.Context) (store.Agent, *sentForm, bool) {
	form, err := readForm(c)
	if err != nil {
		k.failed(c, err)
		return store.Agent{}, nil, false
	}
	member, err := k.Store.Agent(c.Request.Context(), ticket.AgentID(c.Param("agent")))
	if err != nil {
		k.failed(c, err)
		return store.Agent{}, nil, false
	}
	return member, form, true
}

// notOneself refuses what would take a manager's own rights away by mistake: the
// desk would be left without one.
func (k *console) notOneself(c *gin.Context, member store.Agent) bool {
	if member.ID != memberOf(c).ID {
		return true
	}
	k.showTeam(c, http.StatusConflict, teamView{Frame: templates.Frame{
		Problems: []templates.Problem{{Text: k.say(c, "console.team.not_oneself")}}}})
	return false
}

// saveMember stores a change, with what goes on record about it.
func (k *console) saveMember(c *gin.Context, member store.Agent, events ...store.StaffEvent) {
	for i := range events {
		events[i].At, events[i].Actor = k.Now(), memberOf(c).ID
	}
	if err := k.Store.UpdateAgent(c.Request.Context(), member, events...); err != nil {
		k.failed(c, err)
		return
	}
	k.Log.Info("member of staff changed", "by", memberOf(c).ID, "member", member.ID)
	k.done(c, "console.team.saved", "/desk/team")
}

// deskZone is the zone of the policy that new tickets get; UTC if its calendar
// can't be read.
func (k *console) deskZone(ctx context.Context) *time.Location {
	if zone, err := k.Planner.Zone(ctx, k.Policy.Calendar); err == nil {
		return zone
	}
	return time.UTC
}
