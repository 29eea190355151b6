package api

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
	"github.com/stretchr/testify/require"

	"rightsdesk/seal"
)

// provider is a small OpenID provider over HTTP: discovery, keys, the
// authorization code flow with PKCE, and ID tokens signed with RS256. What it
// says about somebody is for each test to choose.
type provider struct {
	t   *testing.T
	url string
	key *rsa.PrivateKey
	now func() time.Time

	mu    sync.Mutex
	codes map[string]url.Values // by code, what was asked for; each is good once
	// says makes the payload of the next ID tokens, out of the claims that every
	// one has.
	says func(every map[string]any) string
	info string // what the userinfo endpoint says; there is none if empty
}

const (
	clientID     = "rightsdesk"
	clientSecret = "a secret of the client"
)

func newProvider(t *testing.T, now func() time.Time) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	p := &provider{t: t, key: key, now: now, codes: map[string]url.Values{}}
	keys := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "one", Algorithm: oidc.RS256}}}
	mux := http.NewServeMux()
	mux.Handle("GET /keys", keys)
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userinfo)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	keys.SetIssuer(srv.URL)
	p.url = srv.URL
	return p
}

func (p *provider) discovery(w http.ResponseWriter, _ *http.Request) {
	d := map[string]any{"issuer": p.url, "authorization_endpoint": p.url + "/authorize", "token_endpoint": p.url + "/token",
		"jwks_uri": p.url + "/keys", "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "code_challenge_methods_supported": []string{"S256"}}
	if p.info != "" {
		d["userinfo_endpoint"] = p.url + "/userinfo"
	}
	_ = json.NewEncoder(w).Encode(d)
}

// authorize lets everybody in at once, and holds the desk to the protocol.
func (p *provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for name, want := range map[string]string{"client_id": clientID, "response_type": "code", "code_challenge_method": "S256"} {
		if q.Get(name) != want {
			http.Error(w, name, http.StatusBadRequest)
			return
		}
	}
	if len(q.Get("code_challenge")) != 43 || len(q.Get("state")) < 43 || len(q.Get("nonce")) < 43 ||
		!strings.Contains(q.Get("scope"), "openid") || !strings.HasSuffix(q.Get("redirect_uri"), "/desk/single-sign-on/done") {
		http.Error(w, "weak", http.StatusBadRequest)
		return
	}
	code := seal.NewToken()
	p.mu.Lock()
	p.codes[code] = q
	p.mu.Unlock()
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	id, secret, basic := r.BasicAuth()
	if basic {
		secret, _ = url.QueryUnescape(secret)
	} else {
		id, secret = r.Form.Get("client_id"), r.Form.Get("client_secret")
	}
	p.mu.Lock()
	asked := p.codes[r.Form.Get("code")]
	delete(p.codes, r.Form.Get("code"))
	says := p.says
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
	w.Header().Set("Content-Type", "application/json")
	if id != clientID || secret != clientSecret || asked == nil || asked.Get("redirect_uri") != r.Form.Get("redirect_uri") ||
		asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	every := map[string]any{"iss": p.url, "aud": clientID, "sub": "248289761001", "nonce": asked.Get("nonce"),
		"iat": p.now().Unix(), "exp": p.now().Add(5 * time.Minute).Unix()}
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "at", "token_type": "Bearer", "expires_in": 300,
		"id_token": oidctest.SignIDToken(p.key, "one", oidc.RS256, says(every))})
}

func (p *provider) userinfo(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer at" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(p.info))
}

// speaks chooses what the provider says of whoever comes next; a claim of nil is
// left out.
func (p *provider) speaks(of map[string]any) {
	p.saysText(func(every map[string]any) string {
		for name, value := range of {
			every[name] = value
			if value == nil {
				delete(every, name)
			}
		}
		text, err := json.Marshal(every)
		require.NoError(p.t, err)
		return string(text)
	})
}

func (p *provider) saysText(says func(map[string]any) string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.says = says
}

// newSignOnOffice is an office whose staff come by single sign-on.
func newSignOnOffice(t *testing.T, change ...func(*Config)) (*office, *provider) {
	t.Helper()
	var o *office
	p := newProvider(t, func() time.Time { return o.now })
	on := func(c *Config) {
		c.SignOn = &SignOn{Issuer: p.url, ClientID: clientID, ClientSecret: clientSecret}
	}
	o = newOffice(t, append([]func(*Config){on}, change...)...)
	return o, p
}

// comesBack is the browser's way to the provider, and the address it is sent back
// to, at this test's own desk.
func (o *office) comesBack(b *browser, next string) string {
	o.t.Helper()
	p := b.get("/desk/single-sign-on?next=" + url.QueryEscape(next))
	require.Equal(o.t, http.StatusSeeOther, p.Status, p.Body)
	resp, err := b.client.Get(p.Header.Get("Location"))
	require.NoError(o.t, err)
	_ = resp.Body.Close()
	require.Equal(o.t, http.StatusFound, resp.StatusCode)
	back, err := url.Parse(resp.Header.Get("Location"))
	require.NoError(o.t, err)
	return back.RequestURI()
}

func (o *office) signsOn(b *browser) answerPage {
	o.t.Helper()
	return b.get(o.comesBack(b, ""))
}
