package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// Sizes of request bodies.
const (
	quietBody  = 64 << 10 // what any request may send without a place; a filled form is smaller
	smallBody  = 1 << 20  // forms without files, JSON
	largeBody  = 55 << 20 // five files of 10 MB, and the words around them
	uploadBody = 12 << 20 // one call of the JSON interface with files
)

// pace is how fast a body has to come. The deadline moves with what came, so
// that a slow line gets through and one that withholds its last bytes doesn't.
type pace struct {
	stall     time.Duration // without a byte
	grace     time.Duration // before the rate counts
	leastRate int64         // bytes a second, on average after the grace
	longest   time.Duration // a body in all
	answer    time.Duration // from then on: to be worked on and written out
	download  time.Duration // to be written out, for a file
	patience  time.Duration // to wait for a place
}

func usualPace() pace {
	return pace{stall: 15 * time.Second, grace: 20 * time.Second, leastRate: 32 << 10, longest: 6 * time.Minute,
		answer: time.Minute, download: 5 * time.Minute, patience: 3 * time.Second}
}

// errSlowBody: the body did not come in time.
var errSlowBody = errors.New("the body did not come in time")

// incoming is the body of a request. What goes beyond quietBody needs a place
// among the large bodies under way, and counts against the hour's bytes before
// it is read.
type incoming struct {
	body    io.ReadCloser
	control *http.ResponseController
	server  *server
	ctx     context.Context
	room    *room
	network string
	budgets []budget
	length  int64 // Content-Length, or -1
	limit   int64

	began time.Time
	read  int64
	paid  int64  // bytes counted so far
	leave func() // gives the place back
	tired error  // why nothing more is read
}

const incomingKey = "incoming"

// bounded limits a request's body to what the route can need, its pace, and the
// time that the whole request may take.
func (s *server) bounded(c *gin.Context) {
	files := s.uploads[c.FullPath()]
	limit, longest := int64(smallBody), s.pace.answer+s.pace.grace
	if files {
		limit, longest = largeBody, s.pace.longest+s.pace.answer
	}
	if c.Request.ContentLength > limit && !files {
		s.fault(c, http.StatusRequestEntityTooLarge)
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), longest)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	if strings.Contains(c.FullPath(), "/files/") {
		longest = s.pace.download
	}
	control := http.NewResponseController(c.Writer)
	_ = control.SetWriteDeadline(time.Now().Add(longest)) // a test's recorder has none
	if c.Request.Body == nil || c.Request.Body == http.NoBody {
		c.Next()
		return
	}
	in := &incoming{body: c.Request.Body, control: control, server: s, ctx: ctx,
		room: s.roomFor(c), network: network(c), length: c.Request.ContentLength, limit: limit, began: time.Now()}
	if in.room != s.rooms.staff {
		in.budgets = []budget{{"network/" + in.network, bytesOfNetwork}, {"everybody", bytesOfAll}}
	}
	defer in.done()
	c.Set(incomingKey, in)
	c.Request.Body = http.MaxBytesReader(c.Writer, in, limit)
	c.Next()
}

// counts has the body count against one more budget, of a ticket.
func (s *server) counts(c *gin.Context, b budget) {
	if in, ok := c.Get(incomingKey); ok {
		in := in.(*incoming)
		in.budgets = append(in.budgets, b)
	}
}

func (in *incoming) Read(p []byte) (int, error) {
	if in.tired == nil && in.read >= quietBody && in.leave == nil {
		in.tired = in.takePlace()
	}
	if in.tired == nil && in.read >= in.paid && in.read >= quietBody {
		in.tired = in.pay()
	}
	if in.tired != nil {
		return 0, in.tired
	}
	if room := quietBody - in.read; room > 0 && int64(len(p)) > room {
		p = p[:room]
	}
	_ = in.control.SetReadDeadline(in.deadline())
	n, err := in.body.Read(p)
	in.read += int64(n)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		in.tired = errSlowBody
		err = in.tired
	case errors.Is(err, io.EOF): // or an act that waits for a workflow would be broken off
		_ = in.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// deadline is by when the next bytes have to be there.
func (in *incoming) deadline() time.Time {
	p := in.server.pace
	at := time.Now().Add(p.stall)
	if rate := in.began.Add(p.grace + time.Duration(in.read/p.leastRate)*time.Second); rate.Before(at) {
		at = rate
	}
	if last := in.began.Add(p.longest); last.Before(at) {
		at = last
	}
	return at
}

func (in *incoming) takePlace() error {
	if in.length > in.limit { // by its own account: nothing of it is worth reading
		return &http.MaxBytesError{Limit: in.limit}
	}
	leave, err := in.room.take(in.ctx, in.network, in.server.pace.patience)
	if err != nil {
		return err
	}
	in.leave = leave
	return nil
}

// pay counts what comes next against the budgets: the whole body where its
// length was told, else a part at a time.
func (in *incoming) pay() error {
	amount := int64(5 << 20)
	if in.length >= 0 {
		amount = max(in.length-in.paid, 1<<20)
	}
	for _, b := range in.budgets {
		if err := in.server.spend(in.ctx, b, amount); err != nil {
			return err
		}
	}
	in.paid += amount
	return nil
}

func (in *incoming) Close() error { return in.body.Close() }

// done gives the place back, and reads on for a moment where the body was
// refused: a browser shows an answer only after it could send what it had.
func (in *incoming) done() {
	if in.leave != nil {
		in.leave()
	}
	if in.tired != nil && !errors.Is(in.tired, errSlowBody) {
		_ = in.control.Flush()
		_ = in.control.SetReadDeadline(time.Now().Add(in.server.pace.stall))
		_, _ = io.CopyN(io.Discard, in.body, largeBody)
	}
}

// roomFor is where a request's large body waits for a place: strangers can't
// fill the rooms of those whose ticket or session is checked before their body
// is read.
func (s *server) roomFor(c *gin.Context) *room {
	path := c.FullPath()
	switch {
	case !s.uploads[path]:
	case strings.HasPrefix(path, "/desk/"):
		return s.rooms.staff
	case strings.HasPrefix(path, "/ticket/"):
		return s.rooms.people
	}
	return s.rooms.strangers
}
