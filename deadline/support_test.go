package deadline

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

var shanghai = func() *time.Location {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return zone
}()

// loaded is Schedules whose texts the test loads one by one; it counts how often
// they are read, and how often their version.
type loaded struct {
	texts            map[string][][]byte
	reads, questions atomic.Int64
}

func (l *loaded) load(name, text string) {
	if l.texts == nil {
		l.texts = map[string][][]byte{}
	}
	l.texts[name] = append(l.texts[name], []byte(text))
}

func (l *loaded) Calendars(_ context.Context, name string) ([][]byte, contract.CalendarVersion, error) {
	l.reads.Add(1)
	return l.texts[name], contract.CalendarVersion(len(l.texts[name])), nil
}

func (l *loaded) CalendarVersion(_ context.Context, name string) (contract.CalendarVersion, error) {
	l.questions.Add(1)
	return contract.CalendarVersion(len(l.texts[name])), nil
}

// kept is Policies by digest; it counts the reads.
type kept struct {
	texts map[string][]byte
	reads int
}

func (k *kept) Policy(_ context.Context, digest string) ([]byte, error) {
	k.reads++
	text, ok := k.texts[digest]
	if !ok {
		return nil, fmt.Errorf("no such policy")
	}
	return text, nil
}

func policyRef(t *testing.T, name string) ticket.PolicyRef {
	t.Helper()
	p, _, err := ticket.EmbeddedPolicy(name)
	require.NoError(t, err)
	return p.Ref()
}

// local reads "2026-02-13 10:00" or "2026-02-13" (noon) in Shanghai.
func local(t *testing.T, s string) time.Time {
	t.Helper()
	if len(s) == len(time.DateOnly) {
		s += " 12:00:00"
	}
	if len(s) == len("2026-02-13 10:00") {
		s += ":00"
	}
	at, err := time.ParseInLocation(time.DateTime, s, shanghai)
	require.NoError(t, err)
	return at
}

var fifteen = ticket.Term{Count: 15, Unit: ticket.WorkingDay}

func rungs(plan contract.ClockPlan) map[ticket.Rung]string {
	out := map[ticket.Rung]string{}
	for _, r := range plan.Rungs {
		out[r.Name] = r.At.In(shanghai).Format(time.DateTime)
	}
	return out
}
