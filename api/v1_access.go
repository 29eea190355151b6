package api

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// How often one network may call, in an hour.
const (
	mostPublicCalls = 1200 // without a token
	mostPersonCalls = 1200 // with a ticket link
	mostDenials     = 300  // with a token that is none
)

// v1Call is one call: who makes it, and what came with it.
type v1Call struct {
	gin    *gin.Context
	key    string       // Idempotency-Key
	link   store.Link   // of who has one
	ticket store.Ticket // the link's, or the one that the address names
	agent  store.Agent  // the member of staff
}

type v1CallKey struct{}

func callOf(ctx context.Context) *v1Call { return ctx.Value(v1CallKey{}).(*v1Call) }

// staff is who acts, under a claim of this number.
func (c *v1Call) staff(lease int) desk.Staff {
	return desk.Staff{ID: c.agent.ID, Role: c.agent.Role, Lease: lease}
}

// enter lets those in who may call the operation.
func (a *v1) enter(ctx huma.Context, next func(huma.Context)) {
	call := &v1Call{gin: humagin.Unwrap(ctx)}
	ctx = huma.WithValue(ctx, v1CallKey{}, call)
	var err error
	switch o := v1OpOf(ctx); o.who {
	case v1Public:
		err = a.within(ctx.Context(), "public", mostPublicCalls)
	case v1Caller:
		err = a.admitCaller(ctx.Context(), call, o)
	case v1Holder, v1Proved:
		err = a.admitPerson(ctx.Context(), call, o)
	case v1Staff:
		err = a.admitStaff(ctx.Context(), call, o)
	}
	if err != nil {
		a.refuse(ctx, err)
		return
	}
	next(ctx)
}

// admitCaller lets anybody in; who shows a token is taken for its owner, and one
// that is none is refused.
func (a *v1) admitCaller(ctx context.Context, call *v1Call, o v1Op) error {
	switch token := bearer(call.gin); {
	case call.gin.GetHeader("Authorization") == "":
		return a.within(ctx, "public", mostPublicCalls)
	case strings.HasPrefix(token, store.APITokenPrefix):
		return a.admitStaff(ctx, call, o)
	}
	return a.admitPerson(ctx, call, o)
}

// within counts a call against the network's hourly limit. A database that is
// away refuses nobody here: what comes next will say so.
func (a *v1) within(ctx context.Context, what string, most int) error {
	return a.counted(ctx, "v1/"+what, most)
}

// limited counts an act against the same hourly limit as the form's.
func (a *v1) limited(ctx context.Context, act string, most int) error {
	return a.counted(ctx, "web/"+act, most)
}

func (a *v1) counted(ctx context.Context, what string, most int) error {
	ok, retryAt, err := a.Store.Allow(ctx, what+"/"+network(callOf(ctx).gin), most, time.Hour, a.Now())
	if err != nil || ok {
		return nil
	}
	return ticket.Refuse(desk.CodeTooManyTries, "retry_at", retryAt.Format(time.RFC3339))
}

// admitPerson finds the ticket of a link. Links that are unknown, expired or
// revoked are all alike.
func (a *v1) admitPerson(ctx context.Context, call *v1Call, o v1Op) error {
	if err := a.within(ctx, "person", mostPersonCalls); err != nil {
		return err
	}
	token := bearer(call.gin)
	link, err := a.Store.LinkByToken(ctx, token, a.Now())
	if err == nil && link.Purpose != store.LinkTrack && link.Purpose != store.LinkSession {
		err = store.ErrNotFound
	}
	if err == nil {
		call.link = link
		call.ticket, err = a.Store.Ticket(ctx, link.Number)
	}
	switch {
	case token == "" || errors.Is(err, store.ErrNotFound):
		return a.denied(ctx)
	case err != nil:
		return err
	case o.who == v1Proved && !link.Proved:
		return v1Fault{code: v1NotProved}
	}
	return nil
}

// admitStaff finds whose token it is. The role is read at every call, so that one
// that was taken away is gone at once.
func (a *v1) admitStaff(ctx context.Context, call *v1Call, o v1Op) error {
	token := bearer(call.gin)
	if !strings.HasPrefix(token, store.APITokenPrefix) {
		return a.denied(ctx)
	}
	agent, err := a.Store.AgentByToken(ctx, token)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return a.denied(ctx)
	case err != nil:
		return err
	case agent.MustChange:
		return v1Fault{code: v1PasswordFirst}
	case !agent.Role.May(o.may):
		return ticket.Refuse(desk.CodeNotAllowed, "role", string(agent.Role), "permission", string(o.may))
	}
	call.agent = agent
	if !strings.Contains(o.path, "{number}") {
		return nil
	}
	return a.inQueue(ctx, call)
}

// inQueue refuses a ticket that is not there and one outside the agent's queues
// alike, before anything else of the call is looked at.
func (a *v1) inQueue(ctx context.Context, call *v1Call) error {
	number, err := V1Numbered{call.gin.Param("number")}.number()
	if err != nil {
		return err
	}
	call.ticket, err = a.Store.Ticket(ctx, number)
	if err == nil && !call.agent.Sees(call.ticket) {
		err = store.ErrNotFound
	}
	return err
}

func (a *v1) denied(ctx context.Context) error {
	if err := a.within(ctx, "denied", mostDenials); err != nil {
		return err
	}
	return v1Fault{code: v1Unauthenticated}
}

// bearer is the token of the Authorization header, or nothing.
func bearer(c *gin.Context) string {
	scheme, token, _ := strings.Cut(c.GetHeader("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || len(token) > 200 {
		return ""
	}
	return strings.TrimSpace(token)
}

// refuse answers with a problem before the operation has begun.
func (a *v1) refuse(ctx huma.Context, err error) { a.problem(ctx.Context(), err).write(ctx) }
