package verify

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/accounts"
)

var secret = []byte(strings.Repeat("s", accounts.MinSecret))

// service is a real HTTP server that checks signatures and answers as told.
func service(t *testing.T, status int, answer string) (*Gateway, func() (path, key string, body map[string]any)) {
	t.Helper()
	var path, key string
	var body map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.NoError(t, accounts.Verify(r.Header.Get(accounts.HeaderTimestamp), r.Header.Get(accounts.HeaderSignature), raw, time.Now(), secret))
		path, key = r.URL.Path, r.Header.Get(accounts.HeaderIdempotencyKey)
		assert.NoError(t, json.Unmarshal(raw, &body))
		if status == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	g, err := New(Config{URL: server.URL + "/desk/", Secret: secret, Timeout: 2 * time.Second})
	require.NoError(t, err)
	return g, func() (string, string, map[string]any) { return path, key, body }
}

func TestATextMessageIsSentSignedAndKeyed(t *testing.T) {
	g, asked := service(t, 200, `{"reference":"sms-1"}`)
	reference, err := g.SendText(t.Context(), Text{To: "+8613800138001", Body: "123456", Key: "DSR-1/sms_code-2"})
	require.NoError(t, err)
	assert.Equal(t, "sms-1", reference)
	path, key, body := asked()
	assert.Equal(t, "/desk/text", path)
	assert.Equal(t, "DSR-1/sms_code-2", key)
	assert.Equal(t, map[string]any{"to": "+8613800138001", "text": "123456"}, body)
}

func TestTheRegistrySaysYesOrNoAndNothingElseIsTakenForEither(t *testing.T) {
	ask := func(answer string) (Verdict, error) {
		g, _ := service(t, 200, answer)
		return g.CheckRealName(t.Context(), RealName{Name: "张伟", IDNumber: "11010519491231002X", Phone: "+8613800138001"})
	}
	v, err := ask(`{"match":true,"reference":"rn-7"}`)
	require.NoError(t, err)
	assert.Equal(t, Verdict{Match: true, Reference: "rn-7"}, v)
	v, err = ask(`{"match":false}`)
	require.NoError(t, err)
	assert.False(t, v.Match)
	for _, answer := range []string{`{}`, `{"match":"yes"}`, `{"match":null}`, `[]`, ``, `{"match":true,"reference":"张伟"}`, `{"match":true,"reference":"` + strings.Repeat("a", 129) + `"}`} {
		_, err := ask(answer)
		require.Error(t, err, answer)
		assert.NotContains(t, err.Error(), "张伟")
	}
}

func TestAPaymentNamesItsAmountInFen(t *testing.T) {
	g, asked := service(t, 200, `{"reference":"pay-1"}`)
	_, err := g.Pay(t.Context(), Payment{Company: "示例公司", CreditCode: "91350100M000100Y43", BankAccount: "6222000011112222", Fen: 317, Key: "k"})
	require.NoError(t, err)
	_, _, body := asked()
	assert.Equal(t, float64(317), body["amount_fen"])
	assert.Equal(t, "CNY", body["currency"])
}

func TestARefusalIsToldFromTroubleAndNeitherQuotesAnything(t *testing.T) {
	for status, refused := range map[int]bool{409: true, 422: true, 500: false, 401: false, 302: false, 201: false} {
		g, _ := service(t, status, `{"secret":"张伟"}`)
		_, err := g.SendText(t.Context(), Text{To: "+8613800138001"})
		require.Error(t, err)
		assert.Equal(t, refused, errorsIs(err), status)
		assert.NotContains(t, err.Error(), "138001")
		assert.NotContains(t, err.Error(), "张伟")
	}
}

func errorsIs(err error) bool { return strings.Contains(err.Error(), ErrRefused.Error()) }

func TestAServiceThatHangsIsGivenUpInTime(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not see the client go
		<-r.Context().Done()
	}))
	defer server.Close()
	g, err := New(Config{URL: server.URL, Secret: secret, Timeout: 100 * time.Millisecond})
	require.NoError(t, err)
	begun := time.Now()
	_, err = g.SendText(context.Background(), Text{To: "+8613800138001"})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "138001")
	assert.Less(t, time.Since(begun), 5*time.Second)
}

func TestAnAddressThatLeaksOrASecretThatIsShortIsRefused(t *testing.T) {
	for _, c := range []Config{
		{URL: "http://gateway.example.com", Secret: secret}, {URL: "", Secret: secret}, {URL: "file:///etc/passwd", Secret: secret},
		{URL: "https://u:p@gateway.example.com", Secret: secret}, {URL: "https://gateway.example.com?a=b", Secret: secret},
		{URL: "https://gateway.example.com", Secret: []byte("short")},
	} {
		_, err := New(c)
		require.Error(t, err, c.URL)
		assert.NotContains(t, err.Error(), "short")
	}
}
