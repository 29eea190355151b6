package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"rightsdesk/ticket"
)

type v1Document struct {
	OpenAPI    string `json:"openapi"`
	Paths      map[string]map[string]v1DocumentOp
	Components struct{ SecuritySchemes map[string]any }
}

type v1DocumentOp struct {
	OperationID, Summary, Description string
	Security                          []map[string][]string
	Responses                         map[string]struct{ Content map[string]any }
	Parameters                        []struct {
		Name, In string
		Required bool
	}
}

func (d *v1Desk) documentText() (v1Document, string) {
	d.t.Helper()
	a := d.get("/openapi.json", "")
	require.Equal(d.t, "application/openapi+json", a.Header.Get("Content-Type"))
	var doc v1Document
	a.into(http.StatusOK, &doc)
	return doc, a.Text
}

func TestV1TheDocumentNamesEveryRoute(t *testing.T) {
	d := newV1Desk(t)
	doc, text := d.documentText()
	assert.True(t, strings.HasPrefix(doc.OpenAPI, "3.1."))
	_, routes := d.routes()
	n := 0
	for _, r := range routes {
		path := "/"
		for _, part := range strings.Split(strings.Trim(r.Path, "/"), "/") {
			if name, ok := strings.CutPrefix(part, ":"); ok {
				part = "{" + name + "}"
			}
			path += part + "/"
		}
		_, ok := doc.Paths[strings.TrimSuffix(path, "/")][strings.ToLower(r.Method)]
		assert.True(t, ok, "%s %s", r.Method, path)
		n++
	}
	documented := 0
	for _, item := range doc.Paths {
		documented += len(item)
	}
	assert.Equal(t, n, documented)
	assert.NotContains(t, text, "example.com")
	for _, host := range []string{"unpkg.com", "http://", "localhost"} {
		assert.NotContains(t, text, host)
	}
	var asYAML map[string]any
	y := d.get("/openapi.yaml", "")
	require.NoError(t, yaml.Unmarshal([]byte(y.Text), &asYAML))
	assert.Equal(t, "3.1.0", asYAML["openapi"])
}

func TestV1TheDocumentSaysEverythingOfEveryOperation(t *testing.T) {
	d := newV1Desk(t)
	doc, _ := d.documentText()
	ids := map[string]bool{}
	for path, item := range doc.Paths {
		for method, op := range item {
			at := method + " " + path
			assert.False(t, ids[op.OperationID], at)
			ids[op.OperationID] = true
			assert.NotEmpty(t, op.Summary, at)
			assert.NotEmpty(t, op.Description, at)
			require.NotEmpty(t, op.Security, at)
			for _, way := range op.Security {
				for scheme := range way {
					assert.Contains(t, doc.Components.SecuritySchemes, scheme, at)
					assert.Contains(t, op.Responses, "401", at)
				}
			}
			for _, status := range []string{"404", "422", "429", "500", "503"} {
				assert.Contains(t, op.Responses[status].Content, v1ProblemMedia, "%s %s", at, status)
			}
			keyed := false
			for _, p := range op.Parameters {
				keyed = keyed || p.Name == v1KeyHeader && p.In == "header"
			}
			assert.Equal(t, method == "post", keyed, at)
		}
	}
}

// Addresses end up in logs and histories: no personal data may stand in them.
func TestV1NoPersonalDataStandsInAnAddress(t *testing.T) {
	d := newV1Desk(t)
	doc, _ := d.documentText()
	allowed := map[string]bool{"show": true, "kind": true, "stage": true, "sla": true, "assignee": true, "number": true, "order": true,
		"after": true, "limit": true, "received": true, "id": true, "agent": true, "year": true, "version": true, "code": true, "name": true}
	for path, item := range doc.Paths {
		for _, op := range item {
			for _, p := range op.Parameters {
				if p.In == "query" || p.In == "path" {
					assert.True(t, allowed[p.Name], "%s: %s", path, p.Name)
				}
			}
		}
	}
}

func TestV1EveryExampleFitsItsSchema(t *testing.T) {
	d := newV1Desk(t)
	a, _ := d.routes()
	schemas := a.api.OpenAPI().Components.Schemas
	n := 0
	for _, op := range d.operations() {
		if op.RequestBody == nil {
			continue
		}
		media := op.RequestBody.Content["application/json"]
		if media == nil {
			continue
		}
		require.NotNil(t, media.Example, op.OperationID)
		text, err := json.Marshal(media.Example)
		require.NoError(t, err)
		var value any
		require.NoError(t, json.Unmarshal(text, &value))
		var result huma.ValidateResult
		huma.Validate(schemas, media.Schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, value, &result)
		assert.Empty(t, result.Errors, op.OperationID)
		n++
	}
	assert.Greater(t, n, 20)
}

// The addresses in answers lead somewhere, on this desk.
func TestV1LinksLeadToThisDesk(t *testing.T) {
	d := newV1Desk(t)
	a := d.do(v1Ask{method: "GET", path: "/policy", header: map[string]string{"X-Forwarded-Host": "evil.example", "Host": "evil.example"}})
	assert.NotContains(t, a.Text, "$schema")
	link := a.Header.Get("Link")
	require.Equal(t, `<https://desk.example/api/v1/schemas/Policy>; rel="describedby"`, link)
	schema := d.get("/schemas/Policy", "")
	schema.into(http.StatusOK, nil)
	assert.Contains(t, schema.Text, "https://desk.example/api/v1/schemas/KindTerms")
	d.get("/schemas/Nothing", "").problem(http.StatusNotFound, "not_found")

	p := d.post("/tickets", "", v1Complaint().Person).problem(422, "invalid_input")
	var kind v1ProblemKind
	d.get(strings.TrimPrefix(p.Type, "https://desk.example/api/v1"), "").into(http.StatusOK, &kind)
	assert.Equal(t, p.Title, kind.Title)
	d.get("/problems/already_answered", "").into(http.StatusOK, &kind)
	d.get("/problems/made_up", "").problem(http.StatusNotFound, "not_found")
}

func TestV1EveryCodeHasWordsInBothLanguages(t *testing.T) {
	for code, w := range v1Words {
		assert.NotEmpty(t, w.zh, code)
		assert.NotEmpty(t, w.en, code)
	}
	d := newV1Desk(t)
	_, text := d.documentText()
	for _, kind := range ticket.Kinds() {
		assert.Contains(t, text, string(kind))
	}
}

func TestV1WrongBodiesAreToldApart(t *testing.T) {
	d := newV1Desk(t)
	d.post("/tickets", "", "").problem(http.StatusBadRequest, "body_required")
	d.post("/tickets", "", "{").problem(http.StatusBadRequest, "body_malformed")
	d.post("/tickets", "", `{} {}`).problem(http.StatusBadRequest, "body_malformed")
	d.do(v1Ask{method: "POST", path: "/tickets", key: "0123456789-0123456789-0123", body: []byte("kind=complaint"),
		header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}).problem(http.StatusUnsupportedMediaType, "media_type_not_taken")
	d.do(v1Ask{method: "POST", path: "/uploads", body: make([]byte, largeBody+1),
		header: map[string]string{v1UploadHeader: "0123456789-0123456789-0123", "Content-Type": "image/png"}}).
		problem(http.StatusRequestEntityTooLarge, "body_too_large")
}

// What goes wrong before or beside an operation is told like everything else.
func TestV1FaultsAreWholeProblemsInTheirLanguage(t *testing.T) {
	d := newV1Desk(t)
	foreign := map[string]string{"Sec-Fetch-Site": "cross-site"}
	for _, c := range []struct {
		ask    v1Ask
		status int
		code   string
	}{
		{v1Ask{method: "POST", path: "/tickets", body: v1Complaint(), header: foreign}, http.StatusForbidden, "cross_site"},
		{v1Ask{method: "POST", path: "/tickets", body: make([]byte, smallBody+1)}, http.StatusRequestEntityTooLarge, "body_too_large"},
		{v1Ask{method: "GET", path: "/nothing"}, http.StatusNotFound, "not_found"},
		{v1Ask{method: "GET", path: "/../v9/policy"}, http.StatusNotFound, "not_found"},
		{v1Ask{method: "DELETE", path: "/policy"}, http.StatusMethodNotAllowed, "method_not_allowed"},
	} {
		said := d.do(c.ask)
		p := said.problem(c.status, c.code)
		assert.Equal(t, v1Words[v1Code(c.code)].en, p.Detail)
		assert.Equal(t, "en", said.Header.Get("Content-Language"))
	}
	said := d.do(v1Ask{method: "GET", path: "/nothing", header: map[string]string{"Accept-Language": "zh"}})
	assert.Equal(t, "没有找到", said.problem(http.StatusNotFound, "not_found").Detail)
	assert.Equal(t, "zh-CN", said.Header.Get("Content-Language"))

	r := gin.New()
	r.Use(d.inner.recovered, d.inner.localised)
	r.GET(v1Prefix+"/panic", func(c *gin.Context) {
		c.Header("Content-Type", "application/json")
		panic("with 13800138012")
	})
	r.GET(v1Prefix+"/busy", func(c *gin.Context) { d.inner.tooMany(c, d.now.Add(time.Minute)) })
	d.http = r
	d.get("/panic", "").problem(http.StatusInternalServerError, "internal")
	assert.NotContains(t, d.log.String(), "13800138012")
	busy := d.get("/busy", "")
	busy.problem(http.StatusTooManyRequests, "too_many_tries")
	assert.Equal(t, "60", busy.Header.Get("Retry-After"))
}
