package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// staffRecordView is what was done to whose access, the latest first.
type staffRecordView struct {
	templates.Frame
	Events []staffEventLine
	Next   string // address of the page with older ones
}

type staffEventLine struct {
	At                   time.Time
	Who, Subject, Detail string
	Act                  store.StaffAct
}

const staffRecordPage = 100

func (k *console) staffRecord(c *gin.Context) {
	ctx := c.Request.Context()
	before, _ := strconv.ParseInt(c.Query("before"), 10, 64)
	events, err := k.Store.StaffEvents(ctx, before, staffRecordPage)
	if err != nil {
		k.failed(c, err)
		return
	}
	v := staffRecordView{Frame: k.staffFrame(c, "console.staff_record.title")}
	zone := k.deskZone(ctx)
	for _, e := range events {
		line := staffEventLine{At: e.At.In(zone), Who: string(e.Actor), Subject: string(e.Subject), Act: e.Act, Detail: k.staffDetail(c, e)}
		if e.Actor == store.ByCommandLine {
			line.Who = k.say(c, "console.staff_record.command_line")
		}
		v.Events = append(v.Events, line)
	}
	if len(events) == staffRecordPage {
		v.Next = "/desk/team/record?before=" + strconv.FormatInt(events[len(events)-1].ID, 10)
	}
	k.page(c, http.StatusOK, "console/staff_record", v)
}

// staffDetail says to what something was changed.
func (k *console) staffDetail(c *gin.Context, e store.StaffEvent) string {
	switch e.Act {
	case store.StaffAdded, store.StaffRoleChanged:
		return k.sentence(c, "role."+e.Code, e.Code)
	case store.StaffQueuesChanged:
		if e.Code == "" {
			return k.say(c, "console.team.queues_all")
		}
		var names []string
		for _, name := range strings.Split(e.Code, ",") {
			names = append(names, k.queueWords(c, ticket.Queue(name)))
		}
		return strings.Join(names, k.say(c, "console.team.queues_and"))
	}
	return ""
}

// queueWords is a queue in words.
func (k *console) queueWords(c *gin.Context, q ticket.Queue) string {
	kind, category := q.Parts()
	words := k.sentence(c, "kind."+string(kind), string(kind))
	if category != "" {
		words += k.say(c, "page.colon") + k.sentence(c, "category."+string(category), string(category))
	}
	return words
}
