package api

import (
	"net/http"
	"strings"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"

	"rightsdesk/ticket"
)

// console is the agents' side of the desk.
type console struct {
	*server
	sessions  *sessions
	passwords *passwords
	lockouts  *lockouts
	signOn    *signOn // nil: there is none
}

// consoleRoute is one page or act of the console, and the permission without
// which it answers 403. Signing in is needed for all of them.
type consoleRoute struct {
	method, path string
	may          ticket.Permission
	handle       gin.HandlerFunc
}

// consoleRoutes adds the console. Who may open what stands in one table, which
// a test walks cell by cell.
func (s *server) consoleRoutes(r *gin.Engine) {
	k := s.console
	open := r.Group("/desk", k.withSession)
	open.GET("/sign-in", k.signInForm)
	open.POST("/sign-in", k.signIn)
	open.POST("/sign-out", k.signOut)
	open.GET("/single-sign-on", k.signOnBegin)
	open.GET("/single-sign-on/done", k.signOnDone)

	own := r.Group("", k.withSession, k.signedIn)
	own.GET(pagePassword, k.mayChangePassword, k.passwordForm)
	own.POST(pagePassword, k.mayChangePassword, k.changePassword)
	own.GET(pageFactor, k.owes(pageFactor), k.factorForm)
	own.POST(pageFactor, k.owes(pageFactor), k.giveFactor)
	own.GET(pageEnrol, k.owes(pageEnrol), k.enrolForm)
	own.POST(pageEnrol, k.owes(pageEnrol), k.enrol)
	own.GET(pageEnrol+"/picture", k.owes(pageEnrol), k.enrolPicture)

	staff := r.Group("", k.withSession, k.signedIn, k.finished)
	for _, route := range k.routes() {
		steps := []gin.HandlerFunc{k.permitted(route.may)}
		if strings.Contains(route.path, ":number") {
			steps = append(steps, k.inQueue)
		}
		staff.Handle(route.method, route.path, append(steps, route.handle)...)
	}
	s.takesFiles("/desk/tickets/new", "/desk/calendar")
}

func newConsole(s *server) *console {
	kept := s.Store.SessionStore()
	counts, ok := kept.(scs.CtxStore)
	if !ok {
		panic("api: the session store takes no context") // a programming error
	}
	return &console{server: s, sessions: newSessions(kept, s.cookieName("desk"), s.Secure),
		passwords: s.passwords, lockouts: newLockouts(counts, s.Now), signOn: newSignOn(s.Config)}
}

func (k *console) routes() []consoleRoute {
	const get, post = http.MethodGet, http.MethodPost
	const one = "/desk/tickets/:number"
	return []consoleRoute{
		{get, "/desk", ticket.MaySeeTickets, k.queue},
		{post, "/desk/search", ticket.MayReadPersonal, k.searchContact},
		{get, "/desk/tickets/new", ticket.MayHandle, k.newTicketForm},
		{post, "/desk/tickets/new", ticket.MayHandle, k.newTicket},

		{get, one, ticket.MaySeeTickets, k.ticketPage},
		{get, one + "/files/:file", ticket.MayReadPersonal, k.attachment},
		{get, one + "/evidence", ticket.MayExportEvidence, k.evidence},
		{post, one + "/draft", ticket.MayHandle, k.saveDraft},
		{post, one + "/presence", ticket.MayHandle, k.presence},
		{post, one + "/claim", ticket.MayHandle, k.act(actClaim, k.claim)},
		{post, one + "/release", ticket.MayHandle, k.act(actRelease, k.release)},
		{post, one + "/assign", ticket.MayAssign, k.act(actAssign, k.assign)},
		{post, one + "/categorise", ticket.MayHandle, k.act(actCategorise, k.categorise)},
		{post, one + "/note", ticket.MayHandle, k.act(actNote, k.note)},
		{post, one + "/ask", ticket.MayHandle, k.act(actAsk, k.ask)},
		{post, one + "/check-identity", ticket.MayHandle, k.act(actCheckIdentity, k.checkIdentity)},
		{get, one + "/proofs/:file", ticket.MayReadPersonal, k.proofFile},
		{post, one + "/review-proof", ticket.MayHandle, k.act(actReviewProof, k.reviewProof)},
		{post, one + "/decide", ticket.MayHandle, k.act(actDecide, k.decide)},
		{post, one + "/approve", ticket.MayApprove, k.act(actApprove, k.approve)},
		{post, one + "/task-done", ticket.MayHandle, k.act(actTaskDone, k.taskDone)},
		{post, one + "/escalate", ticket.MayHandle, k.act(actEscalate, k.escalate)},
		{post, one + "/acknowledge", ticket.MayAcknowledge, k.act(actAcknowledge, k.acknowledge)},
		{post, one + "/extend", ticket.MayExtend, k.act(actExtend, k.extend)},
		{post, one + "/bounced", ticket.MayHandle, k.act(actBounced, k.bounced)},

		{get, "/desk/team", ticket.MayRunTeam, k.team},
		{post, "/desk/team", ticket.MayRunTeam, k.addMember},
		{post, "/desk/team/:agent/reset", ticket.MayRunTeam, k.resetMember},
		{post, "/desk/team/:agent/role", ticket.MayRunTeam, k.changeRole},
		{post, "/desk/team/:agent/disabled", ticket.MayRunTeam, k.disableMember},
		{post, "/desk/team/:agent/away", ticket.MayRunTeam, k.markAway},
		{post, "/desk/team/:agent/queues", ticket.MayRunTeam, k.changeQueues},
		{post, "/desk/team/:agent/reset-second-factor", ticket.MayRunTeam, k.resetFactor},
		{get, "/desk/team/record", ticket.MaySeeStaffEvents, k.staffRecord},

		{get, "/desk/recovery-codes", ticket.MaySignIn, k.recovery},
		{post, "/desk/recovery-codes", ticket.MaySignIn, k.renewCodes},

		{get, "/desk/tokens", ticket.MayKeepTokens, k.tokens},
		{post, "/desk/tokens", ticket.MayKeepTokens, k.createToken},
		{post, "/desk/tokens/:id/revoke", ticket.MayKeepTokens, k.revokeToken},

		{get, "/desk/retained/:number", ticket.MayOpenRetention, k.retainedForm},
		{post, "/desk/retained/:number", ticket.MayOpenRetention, k.openRetained},

		{get, "/desk/calendar", ticket.MaySeeCalendar, k.calendar},
		{post, "/desk/calendar", ticket.MayLoadCalendar, k.loadCalendar},
	}
}
