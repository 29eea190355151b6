package api

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// v1Token is a token by which a program acts for its owner.
type v1Token struct {
	ID        int64      `json:"id"`
	Name      string     `json:"name"`
	CreatedAt time.Time  `json:"created_at"`
	LastUsed  *time.Time `json:"last_used,omitempty"`
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
}

// v1TokenList is one's own tokens.
type v1TokenList struct {
	Tokens []v1Token `json:"tokens" nullable:"false"`
}

// v1NewToken is a token to make.
type v1NewToken struct {
	Name string `json:"name" doc:"To know it by: 1 to 60 characters"`
}

// v1Secret is a new token.
type v1Secret struct {
	Token  v1Token `json:"token"`
	Secret string  `json:"secret" doc:"For Authorization: Bearer. It is shown this once"`
}

type (
	v1TokensOutput  struct{ Body v1TokenList }
	v1NewTokenInput struct{ Body v1NewToken }
	v1SecretOutput  struct{ Body v1Secret }
	v1TokenInput    struct {
		ID int64 `path:"id" doc:"Of the token"`
	}
)

func (a *v1) tokenRoutes() {
	op := func(id, method, path, summary, about string) v1Op {
		return v1Op{id: id, method: method, path: path, tag: v1TagTeam, who: v1Staff, may: ticket.MayKeepTokens, summary: summary, about: about}
	}
	addV1(a, op("list-tokens", http.MethodGet, "/tokens", "Your own tokens", "Revoked ones included, the newest first."), a.tokens)
	create := op("create-token", http.MethodPost, "/tokens", "Make a token", "It may do what you may.")
	create.status, create.example = http.StatusCreated, v1NewToken{"ticket importer"}
	addV1(a, create, a.createToken)
	revoke := op("revoke-token", http.MethodDelete, "/tokens/{id}", "Revoke a token", "At once and for ever; the one in use too.")
	revoke.bodyless = true
	addV1(a, revoke, a.revokeToken)
}

func newToken(t store.APIToken, zone *time.Location) v1Token {
	return v1Token{ID: t.ID, Name: t.Name, CreatedAt: t.CreatedAt.In(zone), LastUsed: instant(t.LastUsed, zone),
		RevokedAt: instant(t.RevokedAt, zone)}
}

func (a *v1) tokens(ctx context.Context, _ *struct{}) (*v1TokensOutput, error) {
	found, err := a.Store.APITokens(ctx, callOf(ctx).agent.ID)
	if err != nil {
		return nil, err
	}
	out, zone := v1TokenList{Tokens: []v1Token{}}, a.console.deskZone(ctx)
	for _, t := range found {
		out.Tokens = append(out.Tokens, newToken(t, zone))
	}
	return &v1TokensOutput{out}, nil
}

func (a *v1) createToken(ctx context.Context, in *v1NewTokenInput) (*v1SecretOutput, error) {
	name := strings.TrimSpace(in.Body.Name)
	if n := utf8.RuneCountInString(name); n == 0 || n > 60 {
		return nil, wrong("name", v1BadName)
	}
	secret, t, err := a.Store.CreateAPIToken(ctx, callOf(ctx).agent.ID, name)
	if err != nil {
		return nil, err
	}
	return &v1SecretOutput{v1Secret{Token: newToken(t, a.console.deskZone(ctx)), Secret: secret}}, nil
}

func (a *v1) revokeToken(ctx context.Context, in *v1TokenInput) (*v1NoContent, error) {
	return &v1NoContent{}, a.Store.RevokeAPIToken(ctx, callOf(ctx).agent.ID, in.ID)
}
