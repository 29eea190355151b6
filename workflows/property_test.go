package workflows_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.temporal.io/sdk/temporal"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// TestWhateverPeopleDoTheClockIsTrue has people do things at random: many of them
// senseless, some in the very instant of a rung, a deadline or another act, with
// mail servers and account systems that are away, refuse or leave the work to
// staff, calendars loaded in between, and runs that hand over at any time. What
// consistent demands holds all the same. A failing seed is told again by
// RIGHTSDESK_SEED=n, and many others by RIGHTSDESK_SEED=n+1000.
func TestWhateverPeopleDoTheClockIsTrue(t *testing.T) {
	first, runs := seeds(t, 300)
	for seed := first; seed < first+runs; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			newChance(seed).story(t).run()
		})
	}
}

// seeds are the first seed, and how many.
func seeds(t *testing.T, usual uint64) (first, runs uint64) {
	first, runs = 1, usual
	if text := os.Getenv("RIGHTSDESK_SEED"); text != "" {
		from, many, _ := strings.Cut(text, "+")
		var err error
		if first, err = strconv.ParseUint(from, 10, 64); err != nil {
			t.Fatal(err)
		}
		if runs, err = strconv.ParseUint(cmp.Or(many, "1"), 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	return first, runs
}

type chance struct{ *rand.Rand }

func newChance(seed uint64) *chance { return &chance{rand.New(rand.NewPCG(seed, 20260213))} }

func (c *chance) in100(n int) bool { return c.IntN(100) < n }

func oneOf[T any](c *chance, list ...T) T { return list[c.IntN(len(list))] }

func (c *chance) story(t *testing.T) *story {
	received := moment("2026-01-05 08:00").Add(time.Duration(c.IntN(365*24*60)) * time.Minute)
	s := begin(t, oneOf(c, ticket.Kinds()...), received.Format(time.DateTime))
	s.until, s.mayEnd = received.Add(100*24*time.Hour), true
	terms := &s.start.Terms
	if c.in100(40) {
		terms.Clock = ticket.ClockPauses
	}
	if c.in100(30) {
		terms.Extension = ticket.Term{Count: 10, Unit: ticket.WorkingDay}
	}
	terms.FourEyes = c.in100(20)
	terms.CoolingOff = oneOf(c, 0, 0, 3)
	if s.start.Kind == ticket.InfoCorrection {
		s.start.Fields = []contract.FieldTask{{Field: "address", Level: ticket.LevelAccount}, {Field: "real_name", Level: ticket.LevelReal, FourEyes: true}}
	}
	if s.start.Kind == ticket.Complaint {
		s.start.Category = oneOf(c, ticket.Categories()...)
	}
	c.outside(s)

	at := received.Add(time.Duration(c.IntN(600)) * time.Second)
	if c.in100(85) {
		c.plan(s, at, proves())
		c.plan(s, at.Add(time.Minute), confirms())
	}
	for range 5 + c.IntN(40) {
		at = c.later(at)
		c.plan(s, at, c.act(s))
		if c.in100(8) {
			s.handOverAt = append(s.handOverAt, c.later(at))
		}
		if c.in100(3) {
			c.loadCalendar(s, at)
		}
	}
	return s
}

// later is some time after: in the same instant, in minutes, or on the hour of a
// rung or a deadline days away.
func (c *chance) later(at time.Time) time.Time {
	switch c.IntN(8) {
	case 0:
		return at
	case 1, 2, 3, 4:
		return at.Add(time.Duration(c.IntN(40*60)) * time.Second)
	case 5:
		return at.Add(time.Duration(c.IntN(5*24*60)) * time.Minute)
	}
	y, m, d := at.In(shanghai).Date()
	return time.Date(y, m, d+1+c.IntN(4), oneOf(c, 0, 9), 0, 0, 0, shanghai)
}

// plan has something done, taken or refused, but never failing.
func (c *chance) plan(s *story, at time.Time, a act) {
	s.plan(at, a, func(refused *ticket.Error, err error) {
		assert.NoError(s, err, "%s %s", day(at), a.name)
		if refused != nil {
			for key := range refused.Facts {
				assert.Contains(s, []string{"agent", "at", "until", "stage", "role", "field"}, key, "a refusal carries no other facts")
			}
		}
	})
}

func (c *chance) act(s *story) act {
	p := oneOf(c, li, li, wang, zhao, sun, chen, qian)
	m := int64(100 + c.IntN(10000))
	switch c.IntN(32) {
	case 0:
		return resends()
	case 1:
		return proves()
	case 2, 3, 4:
		return replies(m)
	case 5:
		return oneOf(c, withdraws(), saysSolved(), replies(m), replies(m))
	case 6, 7:
		return confirms()
	case 8:
		return settles()
	case 9:
		return appeals(m)
	case 10:
		return act{name: contract.UpdateAnswerRead, arg: func(s *story) any {
			return contract.Plain{Message: s.last().Answer.Message}
		}}
	case 11:
		return p.releases()
	case 12:
		return p.assigns(oneOf(c, li, wang, zhao, chen))
	case 13:
		return p.notes(m)
	case 14, 15:
		return p.asks(m)
	case 16:
		return p.checks(oneOf(c, ticket.LevelAccount, ticket.LevelReal), c.in100(80))
	case 17:
		return p.approves(c.in100(80))
	case 18:
		return p.ticks(oneOf(c, contract.StepStopServices, contract.StepErase, contract.StepCorrect, contract.StepUndo))
	case 19:
		return p.escalates(m)
	case 20:
		return p.acknowledges()
	case 21:
		return p.extends(m)
	case 22:
		return p.sawBounce(m)
	case 23, 24, 25, 26, 27:
		return c.decision(p, s, m)
	}
	return p.claims()
}

func (c *chance) decision(p staff, s *story, m int64) act {
	d := contract.Decide{Outcome: oneOf(c, ticket.Accepted, ticket.Accepted, ticket.Partly, ticket.Declined), Message: m, Reason: ticket.ReasonUnfounded}
	for _, f := range s.start.Fields {
		word := yes(f.Field)
		if d.Outcome == ticket.Declined || d.Outcome == ticket.Partly && len(d.Fields) > 0 {
			word = no(f.Field)
		}
		d.Fields = append(d.Fields, word)
	}
	return p.decides(d)
}

// outside is how the counterparts behave in this story.
func (c *chance) outside(s *story) {
	late, refused, fails, byHand, found := c.IntN(40), c.IntN(15), c.IntN(25), c.IntN(30), c.IntN(40)
	s.post = func(o contract.MailOrder, try int) (contract.MailResult, error) {
		result := contract.MailResult{Accepted: s.now()}
		switch {
		case try == 1 && c.in100(late):
			wait := time.Duration(c.IntN(50)) * time.Hour
			return result, temporal.NewApplicationErrorWithOptions("away", "away", temporal.ApplicationErrorOptions{NextRetryDelay: wait + time.Second})
		case c.in100(refused):
			return contract.MailResult{Refused: true, Code: 550}, nil
		case try > 1 && c.in100(30):
			result.Accepted = s.now().Add(-time.Second) // its word was lost
		}
		return result, nil
	}
	s.act = func(a contract.AccountAct, try int) (contract.AccountActed, error) {
		switch {
		case try == 1 && c.in100(late):
			wait := time.Duration(c.IntN(50)) * time.Hour
			return contract.AccountActed{}, temporal.NewApplicationErrorWithOptions("away", "away", temporal.ApplicationErrorOptions{NextRetryDelay: wait + time.Second})
		case c.in100(fails):
			return contract.AccountActed{Failed: true}, nil
		case c.in100(byHand):
			return contract.AccountActed{Pending: true}, nil
		}
		return contract.AccountActed{At: s.now()}, nil
	}
	manual := c.in100(15)
	s.account = func() (contract.AccountFound, error) {
		return contract.AccountFound{Found: !manual, Manual: manual}, nil
	}
	s.obstacles = func() (contract.ObstaclesFound, error) {
		if c.in100(found) {
			return contract.ObstaclesFound{Count: 1}, nil
		}
		if c.in100(5) {
			return contract.ObstaclesFound{}, refusedForGood()
		}
		return contract.ObstaclesFound{}, nil
	}
}

// loadCalendar has a day off declared some days ahead, as has happened.
func (c *chance) loadCalendar(s *story, at time.Time) {
	off := at.In(shanghai).AddDate(0, 0, c.IntN(20)-3)
	s.meanwhile(at.In(shanghai).Format(time.DateTime), func() {
		s.loaded.load(off.Format(time.DateOnly) + "\tholiday\t临时\n")
	})
	a := act{name: contract.UpdateReplan, arg: func(s *story) any {
		return contract.Replan{Calendar: contract.CalendarVersion(len(s.loaded.texts))}
	}}
	c.plan(s, at, a)
}
