package e2e

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"rightsdesk/accounts"
	"rightsdesk/command"
	"rightsdesk/devserver/stack"
	"rightsdesk/ticket"
)

// provider is an OpenID provider of somebody else's making, with one person in
// it. It keeps profile and roles out of the ID token and gives them at its
// userinfo endpoint, as many do.
type provider struct {
	*storage.Storage
	url string

	mu    sync.Mutex
	roles []string
}

type person struct{}

var zhou = &storage.User{ID: "id-of-zhou", Username: "zhou.sso", Password: "verysecure", FirstName: "<script>pwned=1</script>Zhou", LastName: "Sso",
	Email: "zhou.sso@rightsdesk.example", EmailVerified: true}

func (person) GetUserByID(id string) *storage.User { return one(id == zhou.ID) }
func (person) GetUserByUsername(name string) *storage.User {
	return one(name == zhou.Username)
}
func (person) ExampleClientID() string { return "service" }

func one(is bool) *storage.User {
	if is {
		return zhou
	}
	return nil
}

func (p *provider) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, token, subject, origin string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	info.AppendClaims("roles", p.roles)
	return p.Storage.SetUserinfoFromToken(ctx, info, token, subject, origin)
}

func (p *provider) gives(roles ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.roles = roles
}

func openProvider(t *testing.T, back string) *provider {
	t.Helper()
	storage.RegisterClients(storage.WebClient("desk", "the secret of the desk", back))
	p := &provider{Storage: storage.NewStorage(person{})}
	var handler http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	p.url = srv.URL
	handler = exampleop.SetupServer(p.url, p, slog.New(slog.DiscardHandler), false)
	return p
}

var _ op.CanSetUserinfoFromRequest = (*provider)(nil)

func TestStaffSignOnAtAnOpenIDProviderInTheBrowser(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port, at := l.Addr().(*net.TCPAddr).Port, l.Addr().String()
	require.NoError(t, l.Close())
	p := openProvider(t, "http://"+at+"/desk/single-sign-on/done")
	s := started(t, stack.Options{Port: port, Staff: command.Staff{
		StaffOIDCIssuer: p.url, StaffOIDCClientID: "desk", StaffOIDCClientSecret: "the secret of the desk"}})

	b := openBrowser(t, "en", 1280)
	signOn := func() {
		b.open(s.Desk + "/team")
		b.shot("single-sign-on")
		b.send("#single-sign-on")
		b.fill("#username", zhou.Username)
		b.fill("#password", zhou.Password)
		b.send("button")
	}
	p.gives("staff", "manager")
	signOn()
	assert.Contains(t, b.text("h1"), "Team")
	assert.Contains(t, b.text(), "<script>pwned=1</script>Zhou Sso · Manager", "a claim is shown as the text it is")
	assert.True(t, ask[bool](b, "looking for what ran", `window.pwned===undefined`))
	b.send(`form[action="/desk/sign-out"] button`)

	p.gives("staff", "agent")
	signOn()
	assert.Contains(t, b.text("h1"), "Your role does not allow this")
	b.open(s.Desk)
	b.must("#filter")
	b.send(`form[action="/desk/sign-out"] button`)

	p.gives("staff")
	signOn()
	assert.Contains(t, b.text(), "gives you no role at this desk")
	b.shot("single-sign-on-refused")
	b.open(s.Desk)
	b.must("#single-sign-on")
}

func TestAPersonProvesTheirAccountBySigningInToIt(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port, at := l.Addr().(*net.TCPAddr).Port, l.Addr().String()
	require.NoError(t, l.Close())
	p := openProvider(t, "http://"+at+"/ticket/sign-in/done")
	s := started(t, stack.Options{Port: port, Person: command.Person{
		PersonOIDCIssuer: p.url, PersonOIDCClientID: "desk", PersonOIDCClientSecret: "the secret of the desk"}})
	w := &world{Stack: s, t: t}
	require.NoError(t, s.People.Add(t.Context(), accounts.Ref(zhou.ID), map[string]string{"account_name": "zhou", "email": "zhou@customers.example"}))
	require.NoError(t, s.People.Add(t.Context(), "somebody-else", map[string]string{"account_name": "other", "email": "other@customers.example"}))

	b := openBrowser(t, "en", 360)
	signIn := func(number string) {
		b.reloadUntil(s.Form+"ticket", "#account-sign-in")
		b.shot("account-sign-in")
		b.send("#account-sign-in")
		if b.has("#username") {
			b.fill("#username", zhou.Username)
			b.fill("#password", zhou.Password)
			b.send("button")
		}
	}
	others := w.file(b, "account_cancellation", func() { b.fill("#account", "other") })
	w.mailed("other@customers.example", "code")
	signIn(others)
	assert.Contains(t, b.text("#problems"), "not with the account this request is about")
	w.level(others, ticket.LevelNone)

	number := w.file(b, "account_cancellation", func() { b.fill("#account", "zhou") })
	w.mailed("zhou@customers.example", "code")
	signIn(number)
	w.level(number, ticket.LevelAccount)
	b.reloadUntil(s.Form+"ticket", "#understood")
	w.knowsNothingOf("zhou@customers.example", zhou.ID)
}
