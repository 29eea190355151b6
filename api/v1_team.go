package api

import (
	"context"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	"rightsdesk/mail"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// v1Member is a member of staff.
type v1Member struct {
	ID          ticket.AgentID `json:"id" doc:"Sign-in name"`
	Name        string         `json:"name"`
	Email       string         `json:"email"`
	Role        ticket.Role    `json:"role"`
	Disabled    bool           `json:"disabled"`
	OneTime     bool           `json:"one_time_password" doc:"Has not changed the one-time password yet"`
	AwayUntil   *time.Time     `json:"away_until,omitempty"`
	LastSeen    *time.Time     `json:"last_seen,omitempty"`
	Factor      bool           `json:"second_factor" doc:"Has enrolled a second factor"`
	SignOn      bool           `json:"single_sign_on" doc:"Comes by single sign-on, which gives the role"`
	Queues      []ticket.Queue `json:"queues" nullable:"false" doc:"An agent sees tickets of these only; empty: of all"`
	Permissions []string       `json:"permissions" nullable:"false"`
}

// v1Team is the members of staff.
type v1Team struct {
	Members []v1Member `json:"members" nullable:"false"`
}

// v1NewMember is a member of staff to add.
type v1NewMember struct {
	ID    string      `json:"id" doc:"Sign-in name: 2 to 32 of a-z, 0-9, dot and hyphen, beginning with a letter"`
	Name  string      `json:"name" doc:"1 to 60 characters"`
	Email string      `json:"email"`
	Role  ticket.Role `json:"role"`
}

// v1Password is a one-time password, to be handed over once.
type v1Password struct {
	Member   ticket.AgentID `json:"member"`
	Password string         `json:"password" doc:"To be changed at the first sign-in in the console"`
}

type (
	v1MemberOutput    struct{ Body v1Member }
	v1TeamOutput      struct{ Body v1Team }
	v1NewMemberInput  struct{ Body v1NewMember }
	v1PasswordOutput  struct{ Body v1Password }
	v1TeamMemberInput struct {
		Agent string `path:"agent" maxLength:"32" doc:"Sign-in name"`
	}
)

func (a *v1) teamRoutes() {
	addV1(a, v1Op{id: "whoami", method: http.MethodGet, path: "/me", tag: v1TagTeam, who: v1Staff, may: ticket.MaySignIn,
		summary: "Whose token this is", about: "And what they may do."}, a.me)
	addV1(a, v1Op{id: "list-team", method: http.MethodGet, path: "/team", tag: v1TagTeam, who: v1Staff, may: ticket.MayRunTeam,
		summary: "The members of staff", about: "Disabled ones included."}, a.team)
	addV1(a, v1Op{id: "add-member", method: http.MethodPost, path: "/team", tag: v1TagTeam, who: v1Staff, may: ticket.MayRunTeam,
		status:  http.StatusCreated,
		example: v1NewMember{ID: "li.wei", Name: "Li Wei", Email: "li.wei@desk.example", Role: ticket.Agent},
		summary: "Add a member of staff", about: "The answer has a one-time password, shown this once."}, a.addMember)
	addV1(a, v1Op{id: "reset-member", method: http.MethodPost, path: "/team/{agent}/reset", tag: v1TagTeam, who: v1Staff,
		may: ticket.MayRunTeam, conflicts: true, bodyless: true, summary: "Give a new one-time password",
		about: "Every session of the member ends, and tokens rest until the password is changed. Not for oneself."}, a.resetMember)
	addV1(a, v1Op{id: "reset-second-factor", method: http.MethodPost, path: "/team/{agent}/reset-second-factor", tag: v1TagTeam, who: v1Staff,
		may: ticket.MayRunTeam, conflicts: true, bodyless: true, summary: "Take a member's second factor away",
		about: "A new one is enrolled at the next sign-in. Every session of the member ends. Not for oneself."}, a.resetFactor)
	addV1(a, v1Op{id: "list-staff-events", method: http.MethodGet, path: "/team/record", tag: v1TagTeam, who: v1Staff,
		may: ticket.MaySeeStaffEvents, summary: "What was done to whose access", about: "The latest first; nothing is ever taken out of it."}, a.staffEvents)
}

func (a *v1) newMember(ctx context.Context, m store.Agent) v1Member {
	zone := a.console.deskZone(ctx)
	out := v1Member{ID: m.ID, Name: m.Name, Email: m.Email, Role: m.Role, Disabled: m.Disabled, OneTime: m.MustChange,
		AwayUntil: instant(m.AwayUntil, zone), LastSeen: instant(m.LastSeen, zone), Permissions: []string{},
		Factor: !m.FactorAt.IsZero(), SignOn: m.Subject != "", Queues: append([]ticket.Queue{}, m.Queues...)}
	for _, p := range ticket.Permissions() {
		if m.Role.May(p) {
			out.Permissions = append(out.Permissions, string(p))
		}
	}
	return out
}

func (a *v1) me(ctx context.Context, _ *struct{}) (*v1MemberOutput, error) {
	return &v1MemberOutput{a.newMember(ctx, callOf(ctx).agent)}, nil
}

func (a *v1) team(ctx context.Context, _ *struct{}) (*v1TeamOutput, error) {
	members, err := a.Store.Agents(ctx)
	if err != nil {
		return nil, err
	}
	out := v1Team{Members: []v1Member{}}
	for _, m := range members {
		out.Members = append(out.Members, a.newMember(ctx, m))
	}
	return &v1TeamOutput{out}, nil
}

func (a *v1) addMember(ctx context.Context, in *v1NewMemberInput) (*v1PasswordOutput, error) {
	var mend v1Wrong
	id, ok := ticket.CheckAgentID(in.Body.ID)
	if !ok {
		mend = append(mend, wrong("id", v1BadAgentID)...)
	}
	if n := utf8.RuneCountInString(in.Body.Name); n == 0 || n > 60 {
		mend = append(mend, wrong("name", v1BadName)...)
	}
	email, ok := mail.Address(in.Body.Email)
	if !ok {
		mend = append(mend, v1FieldError{In: "body", Field: "email", Code: "email_invalid"})
	}
	if len(mend) > 0 {
		return nil, mend
	}
	password := NewOneTimePassword()
	hash, err := a.console.passwords.hashed(ctx, password)
	if err != nil {
		return nil, err
	}
	err = a.Store.CreateAgent(ctx, store.Agent{ID: id, Name: in.Body.Name, Email: email, Role: in.Body.Role, PasswordHash: hash,
		MustChange: true, CreatedAt: a.Now()}, a.onRecord(ctx, store.StaffAdded, string(in.Body.Role)))
	if errors.Is(err, store.ErrExists) {
		return nil, wrong("id", v1AgentTaken)
	}
	if err != nil {
		return nil, err
	}
	a.Log.Info("member of staff added", "by", callOf(ctx).agent.ID, "member", id, "role", in.Body.Role)
	return &v1PasswordOutput{v1Password{Member: id, Password: password}}, nil
}

// other finds a member of staff, who must not be the one who asks: the desk would
// be left without a manager by mistake.
func (a *v1) other(ctx context.Context, in v1TeamMemberInput) (store.Agent, error) {
	member, err := a.Store.Agent(ctx, ticket.AgentID(in.Agent))
	if err == nil && member.ID == callOf(ctx).agent.ID {
		err = v1Fault{code: v1NotOneself}
	}
	return member, err
}

func (a *v1) resetMember(ctx context.Context, in *v1TeamMemberInput) (*v1PasswordOutput, error) {
	member, err := a.other(ctx, *in)
	if err != nil {
		return nil, err
	}
	password := NewOneTimePassword()
	hash, err := a.console.passwords.hashed(ctx, password)
	if err == nil {
		err = a.Store.SetPassword(ctx, member.ID, hash, true, a.onRecord(ctx, store.StaffPasswordReset, ""))
	}
	if err == nil {
		err = a.console.lockouts.cleared(ctx, string(member.ID))
	}
	if err != nil {
		return nil, err
	}
	a.Log.Info("password reset", "by", callOf(ctx).agent.ID, "member", member.ID)
	return &v1PasswordOutput{v1Password{Member: member.ID, Password: password}}, nil
}
