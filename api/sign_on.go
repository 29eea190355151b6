package api

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// SignOn says how staff sign in elsewhere: at an OpenID provider of the operator,
// which says who they are and in which role.
type SignOn struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	RoleClaim    string // names the roles; "roles" if empty
	RolePrefix   string // before the names of ours
}

// SignIn says how people whose data it is about sign in at the operator's provider,
// to prove that an account is theirs.
type SignIn struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	AccountClaim string // names the account, by the account system's own key; "sub" if empty
}

// signOn is the desk's side of the authorization code flow, with state, nonce and
// PKCE. The provider is found when first needed: the desk starts without it.
type signOn struct {
	SignOn
	back   string   // where the provider sends browsers
	needs  []string // claims that have to be there
	now    func() time.Time
	client *http.Client

	mu       sync.Mutex
	provider *oidc.Provider
}

func newSignOn(c Config) *signOn {
	if c.SignOn == nil {
		return nil
	}
	s := &signOn{SignOn: *c.SignOn, back: c.BaseURL + "/desk/single-sign-on/done", now: c.Now,
		client: &http.Client{Timeout: 10 * time.Second}}
	if s.RoleClaim == "" {
		s.RoleClaim = "roles"
	}
	s.needs = []string{"preferred_username", s.RoleClaim}
	return s
}

// newSignIn is the same flow for people.
func newSignIn(c Config) *signOn {
	if c.SignIn == nil {
		return nil
	}
	claim := c.SignIn.AccountClaim
	if claim == "" {
		claim = "sub"
	}
	return &signOn{SignOn: SignOn{Issuer: c.SignIn.Issuer, ClientID: c.SignIn.ClientID, ClientSecret: c.SignIn.ClientSecret},
		back: c.BaseURL + "/ticket/sign-in/done", needs: []string{claim}, now: c.Now, client: &http.Client{Timeout: 10 * time.Second}}
}

// signOnTry is what is kept here while a browser is at the provider, under its
// state: for one use, and for the browser that began.
type signOnTry struct {
	Browser  string    `json:"browser"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Next     string    `json:"next"`
	Until    time.Time `json:"until"`
}

// Why a sign-on came to nothing: ends of the keys of the sentences.
type signOnRefusal string

const (
	signOnAway     signOnRefusal = "away"     // the provider does not answer
	signOnStale    signOnRefusal = "stale"    // not begun by this browser, used before, or too long ago
	signOnDenied   signOnRefusal = "denied"   // the provider did not let them in
	signOnInvalid  signOnRefusal = "invalid"  // what the provider says can't be relied on
	signOnBadName  signOnRefusal = "bad_name" // no sign-in name can be made of theirs
	signOnNoRole   signOnRefusal = "no_role"
	signOnManyRole signOnRefusal = "many_roles"
	signOnTaken    signOnRefusal = "taken"   // somebody else has the sign-in name here
	signOnRenamed  signOnRefusal = "renamed" // they have another sign-in name here
	signOnDisabled signOnRefusal = "disabled"
)

func (r signOnRefusal) Error() string { return "single sign-on: " + string(r) }

// found is the provider, by its discovery document.
func (s *signOn) found() (*oidc.Provider, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.provider != nil {
		return s.provider, nil
	}
	// Its keys are fetched by this context later on too.
	p, err := oidc.NewProvider(oidc.ClientContext(context.Background(), s.client), s.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", signOnAway, err)
	}
	s.provider = p
	return p, nil
}

func (s *signOn) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: s.ClientID, ClientSecret: s.ClientSecret, Endpoint: p.Endpoint(), RedirectURL: s.back,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}
}

// address is where the browser goes.
func (s *signOn) address(state string, t signOnTry) (string, error) {
	p, err := s.found()
	if err != nil {
		return "", err
	}
	return s.oauth(p).AuthCodeURL(state, oidc.Nonce(t.Nonce), oauth2.S256ChallengeOption(t.Verifier)), nil
}

// exchange turns the code that came back into which member of staff it is.
func (s *signOn) exchange(ctx context.Context, code string, t signOnTry) (claimed, error) {
	all, err := s.said(ctx, code, t)
	if err != nil {
		return claimed{}, err
	}
	return s.read(all)
}

// said turns the code that came back into what the provider says. All of it is
// checked: signature, issuer, audience, expiry, nonce.
func (s *signOn) said(ctx context.Context, code string, t signOnTry) (claims, error) {
	p, err := s.found()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, s.client), 15*time.Second)
	defer cancel()
	token, err := s.oauth(p).Exchange(ctx, code, oauth2.VerifierOption(t.Verifier))
	if err != nil {
		return nil, exchangeTrouble(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return nil, fmt.Errorf("%w: no ID token", signOnInvalid)
	}
	id, err := p.Verifier(&oidc.Config{ClientID: s.ClientID, Now: s.now}).Verify(ctx, raw)
	if err != nil {
		var expired *oidc.TokenExpiredError
		if errors.As(err, &expired) {
			return nil, fmt.Errorf("%w: the ID token has expired", signOnInvalid)
		}
		return nil, fmt.Errorf("%w: the ID token is not for us, or not theirs", signOnInvalid) // the cause may quote it
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(t.Nonce)) != 1 {
		return nil, fmt.Errorf("%w: another nonce", signOnInvalid)
	}
	all, err := s.claims(ctx, p, token, id)
	if err != nil {
		return nil, err
	}
	azp := all.text("azp")
	if all.text("sub") != id.Subject || azp != "" && azp != s.ClientID || len(id.Audience) > 1 && azp == "" {
		return nil, fmt.Errorf("%w: claims that contradict each other", signOnInvalid)
	}
	return all, nil
}

// claims are those of the ID token, and of what is missing there those that the
// provider gives at its userinfo endpoint, if that speaks of the same person:
// many providers keep all but the subject out of the token.
func (s *signOn) claims(ctx context.Context, p *oidc.Provider, token *oauth2.Token, id *oidc.IDToken) (claims, error) {
	var raw json.RawMessage
	if err := id.Claims(&raw); err != nil {
		return nil, fmt.Errorf("%w: no claims", signOnInvalid)
	}
	all, err := claimsOf(raw)
	if err != nil {
		return nil, err
	}
	missing := slices.ContainsFunc(s.needs, func(name string) bool { return all[name] == nil })
	if !missing || p.UserInfoEndpoint() == "" {
		return all, nil
	}
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, fmt.Errorf("%w: no user information", signOnAway)
	}
	if err := info.Claims(&raw); err != nil {
		return nil, fmt.Errorf("%w: no user information", signOnInvalid)
	}
	more, err := claimsOf(raw)
	if err != nil {
		return nil, err
	}
	if more.text("sub") != id.Subject {
		return nil, fmt.Errorf("%w: the user information is about somebody else", signOnInvalid)
	}
	for name, value := range more {
		if _, said := all[name]; !said {
			all[name] = value
		}
	}
	return all, nil
}

// exchangeTrouble says why there is no token, without what the provider wrote.
func exchangeTrouble(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < 500 {
		return fmt.Errorf("%w: the provider refused the code with status %d", signOnInvalid, refused.Response.StatusCode)
	}
	return fmt.Errorf("%w: no token", signOnAway)
}
