// Package attacks tries to get in, or to get data, as those do who have no right
// to: over real HTTP, against the running desk with its real engine, database,
// mail and account system. docs/threat-model.md lists what each test is for.
package attacks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/command"
	"rightsdesk/devserver/stack"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// One desk serves all the attacks; each comes from a network of its own and
// leaves the others' people alone.
var running struct {
	sync.Once
	*stack.Stack
	records *store.Store
	err     error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if running.records != nil {
		running.records.Close()
	}
	if running.Stack != nil {
		running.Stack.Stop()
		os.RemoveAll(running.DataDir)
	}
	os.Exit(code)
}

// attack is one attack on the desk.
type attack struct {
	*testing.T
	*stack.Stack
	records *store.Store
	network byte // the second-last number of the attacker's addresses
}

var networks atomic.Int32

func begin(t *testing.T) *attack {
	t.Helper()
	running.Do(func() {
		data, err := os.MkdirTemp("", "attacks")
		if err != nil {
			running.err = err
			return
		}
		if running.Stack, running.err = stack.Start(context.Background(), stack.Options{DataDir: data}); running.err == nil {
			running.records, running.err = running.Records()
		}
	})
	require.NoError(t, running.err)
	return &attack{T: t, Stack: running.Stack, records: running.records, network: byte(networks.Add(1))}
}

// from is a client whose connections come from one of the attacker's addresses.
func (a *attack) from(host byte) *http.Client {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 9, a.network, host)}}
	transport := &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 4}
	a.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// answer is a response read to its end.
type answer struct {
	status int
	header http.Header
	body   string
	took   time.Duration
}

func (a *attack) send(c *http.Client, method, url, token string, body any, headers ...string) answer {
	a.Helper()
	var r io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		require.NoError(a, err)
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, url, r)
	require.NoError(a, err)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Idempotency-Key", seal.NewToken())
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return a.do(c, req)
}

func (a *attack) do(c *http.Client, req *http.Request) answer {
	a.Helper()
	begun := time.Now()
	resp, err := c.Do(req)
	require.NoError(a, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(a, err)
	return answer{resp.StatusCode, resp.Header, string(text), time.Since(begun)}
}

// api calls the JSON interface.
func (a *attack) api(c *http.Client, method, path, token string, body any, headers ...string) answer {
	a.Helper()
	return a.send(c, method, a.Form+"api/v1"+path, token, body, headers...)
}

func (a *attack) into(ans answer, status int, v any) {
	a.Helper()
	require.Equal(a, status, ans.status, ans.body)
	if v != nil {
		require.NoError(a, json.Unmarshal([]byte(ans.body), v))
	}
}

// filed is a ticket as its filer holds it.
type filed struct {
	Number ticket.Number `json:"number"`
	Link   string        `json:"link"`
}

type person map[string]any

func complaint(email, text string) map[string]any {
	return map[string]any{"kind": "complaint", "category": "privacy", "locale": "en", "text": text,
		"person": person{"name": "Mallory", "email": email}}
}

func cancellation(email, account string) map[string]any {
	return map[string]any{"kind": "account_cancellation", "locale": "en", "person": person{"name": "Mallory", "email": email, "account": account}}
}

func correction(email, account, field, value string) map[string]any {
	return map[string]any{"kind": "info_correction", "locale": "en", "person": person{"name": "Mallory", "email": email, "account": account},
		"changes": []map[string]any{{"field": field, "proposed": value}}}
}

func (a *attack) file(c *http.Client, request map[string]any) filed {
	a.Helper()
	var f filed
	a.into(a.api(c, "POST", "/tickets", "", request), http.StatusCreated, &f)
	return f
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// mails are those to an address that name the ticket, newest first.
func (a *attack) mails(to string, n ticket.Number) (texts []string) {
	a.Helper()
	messages, err := a.Mails.Messages(a.Context(), to, 500)
	require.NoError(a, err)
	for _, m := range messages {
		if n == "" || strings.Contains(m.Subject+m.Text, string(n)) {
			texts = append(texts, m.Subject+"\n"+m.Text+"\n"+m.HTML)
		}
	}
	return texts
}

// code is the code mailed for a ticket to an address.
func (a *attack) code(to string, n ticket.Number) string {
	a.Helper()
	var code string
	a.eventually("a code is mailed", func() bool {
		for _, text := range a.mails(to, n) {
			if code = sixDigits.FindString(strings.ReplaceAll(text, string(n), "")); code != "" {
				return true
			}
		}
		return false
	})
	return code
}

func (a *attack) eventually(what string, is func() bool) {
	a.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(30 * time.Millisecond) {
		require.True(a, time.Now().Before(end), "%s: not so", what)
	}
}

func (a *attack) ticket(n ticket.Number) store.Ticket {
	a.Helper()
	t, err := a.records.Ticket(a.Context(), n)
	require.NoError(a, err)
	return t
}

func (a *attack) stage(n ticket.Number, stages ...ticket.Stage) {
	a.Helper()
	a.eventually(fmt.Sprint(stages), func() bool {
		for _, s := range stages {
			if a.ticket(n).Stage == s {
				return true
			}
		}
		return false
	})
}

// proved enters the code mailed to an address, and returns a link that may act.
func (a *attack) proved(c *http.Client, f filed, to string) string {
	a.Helper()
	var proof struct {
		Link string `json:"link"`
	}
	a.into(a.api(c, "POST", "/ticket/code", f.Link, map[string]string{"code": a.code(to, f.Number)}), http.StatusOK, &proof)
	return proof.Link
}

// staff adds a member of staff and returns a token of theirs.
func (a *attack) staff(id string, role ticket.Role) string {
	a.Helper()
	_, err := command.AddAgent(a.Context(), a.records, id, id, id+"@rightsdesk.example", role)
	require.NoError(a, err)
	require.NoError(a, a.records.SetPassword(a.Context(), ticket.AgentID(id), "unused", false))
	token, _, err := a.records.CreateAPIToken(a.Context(), ticket.AgentID(id), "attack")
	require.NoError(a, err)
	return token
}

// claimed takes a ticket and returns the claim's number.
func (a *attack) claimed(c *http.Client, token string, n ticket.Number) int {
	a.Helper()
	var done struct {
		Lease int `json:"lease"`
	}
	a.into(a.api(c, "POST", "/tickets/"+string(n)+"/claim", token, nil), http.StatusOK, &done)
	return done.Lease
}
