// Package api is the web side of the desk: the public form and tracking pages,
// the agents' console and the JSON interface. It reads from the store and acts
// through the desk; it decides nothing about a ticket by itself.
//
// Every page action has a file named for it. Pages are rendered on the server
// and work without scripts; nothing a browser loads comes from another host.
package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"rightsdesk/deadline"
	"rightsdesk/desk"
	"rightsdesk/health"
	"rightsdesk/metrics"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// Config is what the web side is made of.
type Config struct {
	Desk      *desk.Desk
	Store     *store.Store
	Planner   *deadline.Planner
	Templates *templates.Set
	Policy    *ticket.Policy // what tickets filed from now on are promised

	SignIn         *SignIn          // where people sign in, to prove that an account is theirs; nil: nowhere
	BaseURL        string           // where browsers reach the desk, without a slash at the end
	Secure         bool             // reached by https: cookies are Secure and carry the __Host- prefix
	TrustedProxies []string         // addresses or networks whose X-Forwarded-For is believed; nobody's if empty
	SignOn         *SignOn          // how staff sign in elsewhere; nil: by password only
	NoPasswords    bool             // staff sign in elsewhere only
	UI             string           // address of the Temporal UI, for the console's links
	Namespace      string           // of the tickets' workflows, in those links
	Log            *slog.Logger     // nil: the default one
	Now            func() time.Time // nil: the wall clock
	Health         *health.Health   // what /readyz says; nil: only the database counts
	Metrics        *metrics.Metrics // nil: nothing is counted
	Tracer         trace.Tracer     // nil: no spans

	pace      pace       // of bodies; none: the usual one
	rooms     rooms      // of large bodies; none: the usual ones
	passwords *passwords // that compares a few at a time; nil: a new one
}

// server is the web side. Files beside this one add its pages.
type server struct {
	Config
	origins  *http.CrossOriginProtection
	uploads  map[string]bool // route patterns that take files
	assetDir http.FileSystem
	signIn   *signOn  // of people; nil: there is no provider
	console  *console // the JSON interface reads tickets and keeps passwords by it too
}

// New builds the web side.
func New(c Config) (http.Handler, error) {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Health == nil {
		c.Health = health.New(health.Database(c.Store, c.Log))
	}
	if c.Tracer == nil {
		c.Tracer = noop.NewTracerProvider().Tracer("")
	}
	if c.pace == (pace{}) {
		c.pace = usualPace()
	}
	if c.rooms == (rooms{}) {
		c.rooms = newRooms(c.Now)
	}
	if c.passwords == nil {
		c.passwords = newPasswords()
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	s := &server{Config: c, origins: http.NewCrossOriginProtection(), uploads: map[string]bool{},
		assetDir: http.FS(templates.Static())}
	s.console = newConsole(s)
	s.signIn = newSignIn(c)

	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.HandleMethodNotAllowed = true
	r.RedirectTrailingSlash = false
	if err := r.SetTrustedProxies(c.TrustedProxies); err != nil {
		return nil, fmt.Errorf("trusted proxies: %w", err)
	}
	r.Use(s.traced, s.logged, s.recovered, s.secured, s.localised, s.sameOrigin, s.bounded)
	r.NoRoute(func(c *gin.Context) { s.fault(c, http.StatusNotFound) })
	r.NoMethod(func(c *gin.Context) { s.fault(c, http.StatusMethodNotAllowed) })

	r.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	r.GET("/readyz", gin.WrapF(c.Health.ServeReady))
	r.GET("/static/*file", s.static)
	s.publicRoutes(r)
	s.consoleRoutes(r)
	s.jsonRoutes(r)
	return headAsGet(r), nil
}

// publicRoutes are the pages for the people whose data it is about.
func (s *server) publicRoutes(r *gin.Engine) {
	s.takesFiles("/request/:kind", "/ticket/reply", "/ticket/proof")

	r.GET("/", s.start)
	r.GET("/privacy", s.privacy)
	r.GET("/request/:kind", s.requestForm)
	r.POST("/request/:kind", s.requestPost)
	r.POST("/request/:kind/send", s.requestSend)

	r.GET("/track", s.trackForm)
	r.POST("/track", s.trackRequestLink)
	r.GET("/track/:token", s.trackOpenLink)

	r.GET("/ticket", s.ticketPage)
	r.GET("/ticket/files/:id", s.ticketFile)
	r.GET("/ticket/withdraw", s.ticketWithdrawForm)
	r.POST("/ticket/withdraw", s.ticketWithdraw)
	r.POST("/ticket/code", s.ticketCode)
	r.POST("/ticket/resend", s.ticketResend)
	r.POST("/ticket/reply", s.ticketReply)
	r.POST("/ticket/confirm", s.ticketConfirm)
	r.POST("/ticket/obstacles", s.ticketObstacles)
	r.POST("/ticket/read", s.ticketRead)
	r.POST("/ticket/solved", s.ticketSolved)
	r.POST("/ticket/not-solved", s.ticketNotSolved)
	r.POST("/ticket/leave", s.ticketLeave)
	r.POST("/ticket/revoke", s.ticketRevoke)

	r.POST("/ticket/text", s.ticketText)
	r.GET("/ticket/sign-in", s.ticketSignIn)
	r.GET("/ticket/sign-in/done", s.ticketSignedIn)
	r.POST("/ticket/real-name", s.ticketRealName)
	r.POST("/ticket/payment", s.ticketPayment)
	r.POST("/ticket/amount", s.ticketAmount)
	r.POST("/ticket/proof", s.ticketProof)
}

// takesFiles lets the routes of these patterns take large bodies.
func (s *server) takesFiles(patterns ...string) {
	for _, p := range patterns {
		s.uploads[p] = true
	}
}

// headAsGet answers HEAD as GET; net/http leaves out the body by itself.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			get := *r
			get.Method = http.MethodGet
			r = &get
		}
		next.ServeHTTP(w, r)
	})
}
