package workflows_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// What came of a story, in words that a test can compare.

// day is how instants are told: "02-13 10:00", with seconds where there are any.
func day(at time.Time) string {
	at = at.In(shanghai)
	if at.Second() == 0 {
		return at.Format("01-02 15:04")
	}
	return at.Format("01-02 15:04:05")
}

// last is the ticket as it was last recorded.
func (s *story) last() contract.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.records) == 0 {
		s.Fatal("nothing was recorded")
	}
	return s.records[len(s.records)-1].State
}

// stages tells when the ticket came into which stage.
func (s *story) stages() []string {
	if len(s.records) == 0 {
		return nil
	}
	stage := ticket.Received // where each begins
	out := []string{day(s.records[0].at) + " " + string(stage)}
	for _, r := range s.records {
		if r.State.Stage != stage {
			stage = r.State.Stage
			out = append(out, day(r.at)+" "+string(stage))
		}
	}
	return out
}

// posted tells which letters left when; those refused are marked.
func (s *story) posted(but ...contract.Letter) []string {
	var out []string
	for _, l := range s.letters {
		if slices.Contains(but, l.Letter) {
			continue
		}
		line := day(l.at) + " " + string(l.Letter)
		if l.MailOrder.Code && l.Letter != contract.LetterCode {
			line += " with code"
		}
		if l.result.Refused {
			line += " refused"
		}
		out = append(out, line)
	}
	return out
}

func (s *story) postedOnly(letters ...contract.Letter) []string {
	var others []contract.Letter
	for _, l := range contract.Letters() {
		if !slices.Contains(letters, l) {
			others = append(others, l)
		}
	}
	return s.posted(others...)
}

// ledger tells the clock's ledger: what happened, which rung, and whether the
// clock runs from there on.
func (s *story) ledger() []string {
	var out []string
	for _, e := range s.entries() {
		line := day(e.At) + " " + string(e.Event)
		if e.Rung != "" && e.Event == ticket.ClockRung {
			line = day(e.At) + " rung " + string(e.Rung)
		}
		if !e.Running {
			line += ", stands"
		}
		out = append(out, line)
	}
	return out
}

func (s *story) entries() []contract.LedgerEntry {
	var out []contract.LedgerEntry
	for _, r := range s.records {
		out = append(out, r.Ledger...)
	}
	return out
}

// toldOf tells who heard of which rung when; acts are left out.
func (s *story) toldOf() []string {
	var out []string
	for _, n := range s.notices {
		if n.Rung != "" {
			out = append(out, day(n.at)+" "+string(n.Rung)+" → "+whom(n.StaffNotice))
		}
	}
	return out
}

// called tells who was called by which act when; rungs are left out.
func (s *story) called() []string {
	var out []string
	for _, n := range s.notices {
		if n.Rung == "" {
			out = append(out, day(n.at)+" "+string(n.Act)+" → "+whom(n.StaffNotice))
		}
	}
	return out
}

func whom(n contract.StaffNotice) string {
	var who []string
	for _, a := range n.Agents {
		who = append(who, string(a))
	}
	for _, r := range n.Roles {
		who = append(who, string(r))
	}
	return strings.Join(who, ", ")
}

// happened tells the audit trail, without the changes of stage.
func (s *story) happened(only ...contract.Act) []string {
	var out []string
	for _, r := range s.records {
		for _, e := range r.Events {
			if e.Act == contract.ActStage || len(only) > 0 && !slices.Contains(only, e.Act) {
				continue
			}
			line := day(e.At) + " " + string(e.Act)
			if e.Code != "" {
				line += " " + string(e.Code)
			}
			if e.Agent != "" {
				line += " by " + string(e.Agent)
			}
			out = append(out, line)
		}
	}
	return out
}

// didAtAccount tells what the account system was asked to do.
func (s *story) didAtAccount() []string {
	var out []string
	for _, a := range s.acted {
		line := fmt.Sprint(day(a.at), " ", a.Act)
		if a.Field != "" {
			line += " " + string(a.Field)
		}
		switch {
		case a.Failed:
			line += " refused"
		case a.Pending:
			line += " by hand"
		}
		out = append(out, line)
	}
	return out
}

// inOrder sorts what left at one instant by the number of its step: it left side
// by side.
func inOrder[T any](list []T, key func(T) (time.Time, contract.Step)) {
	slices.SortStableFunc(list, func(a, b T) int {
		x, first := key(a)
		y, second := key(b)
		return cmp.Or(x.Compare(y), cmp.Compare(count(first), count(second)))
	})
}

func count(step contract.Step) int {
	n, err := strconv.Atoi(string(step[strings.LastIndex(string(step), "-")+1:]))
	if err != nil {
		panic(err)
	}
	return n
}
