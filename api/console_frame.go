package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// consoleMessage is a page that says one thing.
type consoleMessage struct {
	templates.Frame
	Text string
}

// staffFrame begins a page for whoever is signed in, and says what the last act
// left to say.
func (k *console) staffFrame(c *gin.Context, title string, facts ...any) templates.Frame {
	f := k.frame(c, title, facts...)
	member := memberOf(c)
	f.SignedIn = &templates.SignedIn{ID: member.ID, Name: member.Name, Role: member.Role,
		SignOn: k.sessions.GetBool(c.Request.Context(), sessionSignOn)}
	f.Wide = true
	if said, ok := k.sessions.Pop(c.Request.Context(), sessionNotice).([]string); ok && len(said) > 0 {
		facts := make([]any, len(said)-1)
		for i := range facts {
			facts[i] = said[i+1]
		}
		f.Notice = k.say(c, said[0], facts...)
	}
	return f
}

// done says a sentence of the catalogue, with its facts, on the page that follows.
func (k *console) done(c *gin.Context, notice, to string, facts ...string) {
	k.sessions.Put(c.Request.Context(), sessionNotice, append([]string{notice}, facts...))
	c.Redirect(http.StatusSeeOther, to)
	c.Abort()
}

// failed is the server's answer for an error, and 404 for what isn't there.
func (k *console) failed(c *gin.Context, err error) {
	if isNotFound(err) {
		k.fault(c, http.StatusNotFound)
		return
	}
	k.server.failed(c, err)
}

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }

// stageWords is the stage as staff read it: the common words speak to the person.
func (k *console) stageWords(c *gin.Context, s ticket.Stage) string {
	if s == ticket.WaitingOnSubject {
		return k.say(c, "console.stage.waiting_on_subject")
	}
	return k.say(c, "stage."+string(s))
}
