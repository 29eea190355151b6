package e2e

import (
	"bytes"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"rightsdesk/devserver/stack"
	"rightsdesk/ticket"
)

// receiver is a real OTLP receiver over HTTP that keeps what it gets.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	raw   [][]byte
	spans []span
}

type span struct {
	service string
	*tracepb.Span
}

func receive(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, in *http.Request) {
		body, err := io.ReadAll(in.Body)
		var batch collector.ExportTraceServiceRequest
		if err != nil || in.URL.Path != "/v1/traces" || proto.Unmarshal(body, &batch) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.raw = append(r.raw, body)
		for _, resource := range batch.ResourceSpans {
			service := ""
			for _, a := range resource.Resource.Attributes {
				if a.Key == "service.name" {
					service = a.Value.GetStringValue()
				}
			}
			for _, scope := range resource.ScopeSpans {
				for _, s := range scope.Spans {
					r.spans = append(r.spans, span{service, s})
				}
			}
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (s span) says(key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.GetStringValue()
		}
	}
	return ""
}

// named are the spans of that name, and of the trace if one is given.
func (r *receiver) named(name, trace string) (found []span) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.spans {
		if s.Name == name && (trace == "" || hex.EncodeToString(s.TraceId) == trace) {
			found = append(found, s)
		}
	}
	return found
}

// await waits for a span, which leaves some seconds after it ended.
func (r *receiver) await(t *testing.T, name, trace string, is func(span) bool) span {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		for _, s := range r.named(name, trace) {
			if is == nil || is(s) {
				return s
			}
		}
	}
	var names []string
	r.mu.Lock()
	for _, s := range r.spans {
		names = append(names, s.Name)
	}
	r.mu.Unlock()
	t.Fatalf("no span %q in trace %q; there are %s", name, trace, strings.Join(names, ", "))
	return span{}
}

// leadsTo reports that a span descends from another one.
func (r *receiver) leadsTo(from, to span) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	parents := map[string]string{}
	for _, s := range r.spans {
		parents[string(s.SpanId)] = string(s.ParentSpanId)
	}
	for id := string(to.SpanId); id != ""; id = parents[id] {
		if id == string(from.SpanId) {
			return true
		}
	}
	return false
}

// visitor is a browser without scripts.
type visitor struct {
	t *testing.T
	w *world
	*http.Client
}

func visit(t *testing.T, w *world) *visitor {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &visitor{t, w, &http.Client{Jar: jar}}
}

func (v *visitor) read(resp *http.Response, err error) string {
	v.t.Helper()
	require.NoError(v.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(v.t, err)
	require.Equal(v.t, http.StatusOK, resp.StatusCode, string(text))
	return string(text)
}

func (v *visitor) get(address string) string { v.t.Helper(); return v.read(v.Get(address)) }

func (v *visitor) post(path string, form url.Values) string {
	v.t.Helper()
	r, err := http.NewRequest(http.MethodPost, v.w.Form+path, strings.NewReader(form.Encode()))
	require.NoError(v.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	// what a stranger sends along must not reach the traces
	r.Header.Set("Traceparent", "00-"+strangersTrace+"-00f067aa0ba902b7-01")
	r.Header.Set("Tracestate", "mark=MARKSTATE")
	r.Header.Set("Baggage", "name=MARKBAGGAGE")
	return v.read(v.Do(r))
}

const strangersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"

// files fills a form in and sends it; it returns the ticket's number.
func (v *visitor) files(kind string, answers url.Values) string {
	v.t.Helper()
	token := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(v.get(v.w.Form + "request/" + kind))
	require.Len(v.t, token, 2)
	answers.Set("form", token[1])
	v.post("request/"+kind, answers)
	return regexp.MustCompile(`DSR-\d{8}-[0-9A-Z]{8}`).FindString(v.post("request/"+kind+"/send", answers))
}

var linkMailed = regexp.MustCompile(`http://\S+/track/\S+`)

// One trace leads from the request that filed a ticket through its workflow to the
// receipt's conversation with the mail server; and of all that was typed, nothing
// stands in any span.
func TestOneTraceLeadsFromTheFormToTheReceiptAndHoldsNothingPersonal(t *testing.T) {
	r := receive(t)
	w := beginWith(t, stack.Options{OTLPEndpoint: r.URL})
	v := visit(t, w)
	complaint := v.files("complaint", url.Values{"category": {"privacy"}, "text": {markText}, "name": {markName}, "email": {markMail},
		"phone": {"+86 139 1234 5678"}, "account": {"mark-account-zq"}, "relation": {"guardian"}, "relation_note": {"标记关系ZQ"},
		"behalf_name": {"标记孩子ZQ"}})
	v.get(linkMailed.FindString(w.mailed(markMail, "receipt")))
	v.post("ticket/code?of="+complaint, url.Values{"code": {w.code(markMail)}})
	v.post("ticket/reply?of="+complaint, url.Values{"text": {"标记回复ZQ"}})
	cancelled := v.files("account_cancellation", url.Values{"name": {"张伟"}, "email": {"typed-zq@example.net"}, "account": {"zhangwei"}, "relation": {"self"}})

	byTicket := func(number string) func(span) bool { return func(s span) bool { return s.says("ticket") == number } }
	filed := r.await(t, "desk: file", "", byTicket(complaint))
	trace := hex.EncodeToString(filed.TraceId)
	assert.NotEqual(t, strangersTrace, trace)
	request := r.await(t, "POST /request/:kind/send", trace, nil)
	assert.Empty(t, request.ParentSpanId)
	assert.Equal(t, "rightsdesk-api", request.service)
	receipt := r.await(t, "RunActivity:SendMail", trace, func(s span) bool { return s.says("letter") == "receipt" })
	assert.Equal(t, "rightsdesk-worker", receipt.service)
	assert.Equal(t, complaint, receipt.says("ticket"))
	sent := r.await(t, "mail: send", trace, nil)
	assert.Equal(t, "accepted", sent.says("outcome"))
	for _, step := range []string{"desk: file", "StartWorkflow:Complaint", "StartActivity:Record", "RunActivity:Record", "StartActivity:SendMail", "database: insert"} {
		s := r.await(t, step, trace, nil)
		assert.True(t, r.leadsTo(request, s), "%s belongs to the request", step)
	}
	assert.True(t, r.leadsTo(receipt, sent))
	assert.True(t, r.leadsTo(r.await(t, "StartWorkflow:Complaint", trace, nil), receipt))

	looked := r.await(t, "account system: look up", "", nil)
	assert.Equal(t, "answered", looked.says("outcome"))
	assert.Equal(t, hex.EncodeToString(r.await(t, "desk: file", "", byTicket(cancelled)).TraceId), hex.EncodeToString(looked.TraceId))
	proved := r.await(t, "UpdateWorkflow:identity_proved", "", nil)
	assert.NotEqual(t, trace, hex.EncodeToString(proved.TraceId), "another request, another trace")
	r.await(t, "UpdateWorkflow:reply", "", nil)
	time.Sleep(6 * time.Second) // what is left in the processors leaves too

	assert.Empty(t, r.named("GET /readyz", ""), "nobody looks for health checks")
	r.mu.Lock()
	defer r.mu.Unlock()
	require.NotEmpty(t, r.raw)
	for _, mark := range []string{markName, markMail, markText, "ZQ", "139 1234 5678", "13912345678", "mark-account", "typed-zq", "张伟", "zhangwei", "zhang.wei",
		"13800138001", "MARKSTATE", "MARKBAGGAGE", "request/complaint", "of=DSR", "INSERT", "SELECT"} {
		for _, raw := range r.raw {
			assert.False(t, bytes.Contains(raw, []byte(mark)), "%q stands in a span", mark)
		}
	}
}

// A ticket that was filed while Temporal was away is still one trace.
func TestAStartThatWaitedKeepsItsTrace(t *testing.T) {
	r := receive(t)
	w := beginWith(t, stack.Options{OTLPEndpoint: r.URL})
	w.StopTemporal()
	number := visit(t, w).files("complaint", url.Values{"category": {"privacy"}, "text": {"What do you keep about me, and for how long?"},
		"name": {"Ada"}, "email": {"ada@example.net"}, "relation": {"self"}})
	time.Sleep(12 * time.Second) // until the request's own attempt to start it is over
	require.NoError(t, w.StartTemporal(t.Context()))
	filed := r.await(t, "desk: file", "", func(s span) bool { return s.says("ticket") == number })
	trace := hex.EncodeToString(filed.TraceId)
	sent := r.await(t, "mail: send", trace, nil)
	assert.True(t, r.leadsTo(filed, sent))
	starts := r.named("StartWorkflow:Complaint", trace)
	assert.Equal(t, "rightsdesk-worker", starts[len(starts)-1].service, "the courier started it")
}

// Tickets go on when traces are switched on and off under them.
func TestTracesAreSwitchedUnderAnOpenTicket(t *testing.T) {
	r := receive(t)
	data := t.TempDir()
	off := inOneProcess(t, stack.Options{DataDir: data})
	v := visit(t, off)
	number := v.files("complaint", url.Values{"category": {"privacy"}, "text": {"What do you keep about me, and for how long?"}, "name": {"Ada"},
		"email": {"ada@example.net"}, "relation": {"self"}})
	link := linkMailed.FindString(off.mailed("ada@example.net", "receipt"))
	code := off.code("ada@example.net")
	base := strings.TrimSuffix(off.Form, "/")
	off.Stop()
	require.Empty(t, r.spans)

	on := inOneProcess(t, stack.Options{DataDir: data, OTLPEndpoint: r.URL})
	v = visit(t, on)
	v.get(strings.Replace(link, base, strings.TrimSuffix(on.Form, "/"), 1))
	v.post("ticket/code?of="+number, url.Values{"code": {code}})
	proved := r.await(t, "UpdateWorkflow:identity_proved", "", nil)
	verified := r.await(t, "RunActivity:Record", hex.EncodeToString(proved.TraceId), nil)
	assert.Equal(t, number, verified.says("temporalWorkflowID"))
	late := visit(t, on).files("complaint", url.Values{"category": {"privacy"}, "text": {"What do you keep about me, and for how long?"}, "name": {"Eve"},
		"email": {"eve@example.net"}, "relation": {"self"}})
	link = linkMailed.FindString(on.mailed("eve@example.net", "receipt"))
	code, base = on.code("eve@example.net"), strings.TrimSuffix(on.Form, "/")
	on.Stop()

	again := inOneProcess(t, stack.Options{DataDir: data})
	v = visit(t, again)
	v.get(strings.Replace(link, base, strings.TrimSuffix(again.Form, "/"), 1))
	v.post("ticket/code?of="+late, url.Values{"code": {code}})
	records, err := again.Records()
	require.NoError(t, err)
	defer records.Close()
	require.Eventually(t, func() bool {
		row, err := records.Ticket(t.Context(), ticket.Number(late))
		return err == nil && row.Level == ticket.LevelContact
	}, time.Minute, 50*time.Millisecond)
}
