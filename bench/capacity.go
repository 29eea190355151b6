package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"rightsdesk/bench/report"
	"rightsdesk/ticket"
)

// What the capacity page assumes, and says that it does.
const (
	workingHours = 8.0 // in which the tickets of a day come
	peak         = 3.0 // times the mean of these hours, at the worst moment
	loaded       = 0.5 // of a core: what is used at that moment, so that one machine of two may fail
	coresEach    = 2.0 // of one process
	openDays     = 40  // from the request to the end of the time for an appeal
	yearDays     = 365 // as far as the page looks
	closedDays   = 90  // Temporal keeps closed workflows
	connections  = 32  // of one process to the desk's database, at most
	least        = 2   // processes of each sort: one may fail
)

// mix is how many of a hundred tickets are of which kind.
var mix = map[ticket.Kind]float64{ticket.Complaint: 0.7, ticket.InfoCorrection: 0.15, ticket.AccountCancellation: 0.15}

// volumes are tickets a day.
var volumes = []int{100, 10_000, 1_000_000}

// meanBill is the mean ticket's share of each cost.
type meanBill struct {
	api, worker, engine time.Duration // processor time
	events, actions     float64
	transitions         float64
	mails, rows         float64
	deskBytes           float64
	engineBytes         float64
	keptBytes           float64 // of Temporal's database, to close and keep it
	keptDays            float64 // for which it is kept
}

func mean(bills map[ticket.Kind]bill, policy *ticket.Policy) (m meanBill) {
	for kind, part := range mix {
		b := bills[kind]
		if b.n == 0 {
			return meanBill{}
		}
		each := func(total float64) float64 { return part * total / float64(b.n) }
		m.api += time.Duration(each(float64(b.cpu["api"])))
		m.worker += time.Duration(each(float64(b.cpu["worker"])))
		m.engine += time.Duration(each(float64(b.cpu["devserver"])))
		m.events += each(float64(b.events))
		m.transitions += each(float64(b.transitions))
		m.actions += each(float64(b.actions.Total()))
		m.mails += each(float64(b.mails))
		kept, _ := b.rows.Sum()
		m.rows += each(float64(kept))
		m.deskBytes += each(float64(b.desk))
		m.engineBytes += each(float64(b.engine))
		m.keptBytes += each(float64(b.kept))
		m.keptDays += part * float64(policy.Kinds[kind].Retention)
	}
	return m
}

// perSecond is how many tickets come in a second at the worst moment.
func perSecond(aDay int) float64 { return float64(aDay) / (workingHours * 3600) * peak }

// cores is how many cores so much work for each ticket takes then.
func cores(aDay int, each time.Duration) float64 { return perSecond(aDay) * each.Seconds() / loaded }

// processes is how many processes of two cores that is, and two at least.
func processes(aDay int, each time.Duration) int {
	return max(least, int(math.Ceil(cores(aDay, each)/coresEach)))
}

func (m meanBill) tables() string {
	each := report.NewTable("the mean ticket, to its answer", "")
	each.Row("processor time of api", milliseconds(m.api))
	each.Row("processor time of worker", milliseconds(m.worker))
	each.Row("processor time of Temporal, with mail catcher and account system", milliseconds(m.engine))
	each.Row("events; state transitions; actions", report.Number(m.events)+"; "+report.Number(m.transitions)+"; "+report.Number(m.actions))
	each.Row("mails", m.mails)
	each.Row("rows kept; bytes of the desk's database", report.Number(m.rows)+"; "+report.Number(m.deskBytes))
	each.Row("bytes of Temporal's database; to close and keep it", report.Number(m.engineBytes)+"; "+report.Number(m.keptBytes))
	each.Row("days for which it is kept", m.keptDays)

	t := report.NewTable(append([]string{"tickets a day"}, columns()...)...)
	row := func(name string, cell func(aDay int) any) {
		cells := []any{name}
		for _, v := range volumes {
			cells = append(cells, cell(v))
		}
		t.Row(cells...)
	}
	row("tickets a second, at the peak", func(v int) any { return perSecond(v) })
	row("cores for api", func(v int) any { return cores(v, m.api) })
	row("cores for workers", func(v int) any { return cores(v, m.worker) })
	row("cores for Temporal, without its database", func(v int) any { return cores(v, m.engine) })
	row("processes of api", func(v int) any { return processes(v, m.api) })
	row("processes of workers", func(v int) any { return processes(v, m.worker) })
	row("connections to the desk's database, at most", func(v int) any {
		return connections * (processes(v, m.api) + processes(v, m.worker))
	})
	row("mails a second, at the peak", func(v int) any { return perSecond(v) * m.mails })
	row("state transitions a second, at the peak", func(v int) any { return perSecond(v) * m.transitions })
	row("Temporal's actions a day", func(v int) any { return large(float64(v) * m.actions) })
	row("workflows of open tickets", func(v int) any { return large(float64(v) * openDays) })
	row("workflows that keep what is closed", func(v int) any { return large(float64(v) * m.keptDays) })
	row("desk's database in a year", func(v int) any { return size(float64(v) * yearDays * m.deskBytes) })
	row("Temporal's database, open and lately closed", func(v int) any { return size(float64(v) * (openDays + closedDays) * m.engineBytes) })
	row("Temporal's database, what is kept", func(v int) any { return size(float64(v) * m.keptDays * m.keptBytes) })
	return strings.Join([]string{each.String(), t.String()}, "\n")
}

func columns() []string {
	var names []string
	for _, v := range volumes {
		names = append(names, "#"+large(float64(v)))
	}
	return names
}

func milliseconds(d time.Duration) string { return report.Milliseconds(d) + " ms" }

// large writes a large number in groups of three digits.
func large(f float64) string {
	text := fmt.Sprintf("%.0f", f)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + " " + text[i:]
	}
	return text
}

func size(bytes float64) string {
	for _, unit := range []string{"kB", "MB", "GB"} {
		if bytes /= 1000; bytes < 1000 {
			return report.Number(bytes) + " " + unit
		}
	}
	return report.Number(bytes/1000) + " TB"
}
