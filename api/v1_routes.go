package api

import (
	"reflect"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
)

// v1Prefix is where the JSON interface lives. Its version changes only when
// something a client relies on does.
const (
	v1Prefix  = "/api/v1"
	v1Version = "1.0.0"
)

// v1 is the JSON interface: the third door to the desk, beside the form and the
// console. It decides nothing that they don't.
type v1 struct {
	*server
	api      huma.API
	document []byte // OpenAPI as JSON, made once all operations are known
	yaml     []byte
}

// jsonRoutes adds the JSON interface.
func (s *server) jsonRoutes(r *gin.Engine) { newV1(s, r) }

// exactNames has a field's name count as it is written: "Kind" is not "kind".
var exactNames = sync.OnceFunc(func() { huma.ValidateStrictCasing = true })

func newV1(s *server, r *gin.Engine) *v1 {
	exactNames()
	a := &v1{server: s}
	a.api = humagin.New(r, a.config())
	a.api.UseMiddleware(a.enter, a.once)
	s.takesFiles(v1Prefix + "/uploads")

	a.policyRoutes()
	a.uploadRoutes()
	a.filingRoutes()
	a.personRoutes()
	a.personActRoutes()
	a.verifyRoutes()
	a.queueRoutes()
	a.ticketRoutes()
	a.actRoutes()
	a.decisionRoutes()
	a.draftRoutes()
	a.retainedRoutes()
	a.evidenceRoutes()
	a.teamRoutes()
	a.memberRoutes()
	a.tokenRoutes()
	a.calendarRoutes()
	a.deadlineRoutes()
	a.documentRoutes()
	a.finish()
	return a
}

func (a *v1) config() huma.Config {
	schemas := huma.NewMapRegistry("#/components/schemas/", v1SchemaName)
	schemas.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[v1Problem]())
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    a.info(),
			Servers: []*huma.Server{{URL: a.BaseURL, Description: "this desk"}},
			Tags:    v1Tags(),
			Components: &huma.Components{Schemas: schemas, SecuritySchemes: map[string]*huma.SecurityScheme{
				v1TicketLink: {Type: "http", Scheme: "bearer", Description: "A ticket link: the token that a receipt gives, " +
					"that is the end of the link in each mail, or that a proved code gives. It opens one ticket."},
				v1AgentToken: {Type: "http", Scheme: "bearer", Description: "A token of a member of staff, made in the console " +
					"under /desk/tokens. It begins rightsdesk_ and may do what its owner may."},
			}},
		},
		Formats:                      huma.DefaultFormats,
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{a.transform},
	}
}
