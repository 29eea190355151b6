// Package metrics is what the desk tells a Prometheus server of itself: what
// happened in this process, what the database holds, and what Temporal's SDK
// measures. docs/metrics.md lists every metric, and a test holds the two against
// each other.
//
// Nothing is registered anywhere by itself: a registry is handed in. Labels take
// only words of the product's own vocabulary, route patterns and status codes;
// never a ticket's number, a name or an address.
package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

const namespace = "rightsdesk"

// Buckets of the histograms, in seconds.
var (
	requestBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	updateBuckets  = []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	mailBuckets    = []float64{1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600, 3 * 24 * 3600, 10 * 24 * 3600}
)

// Metrics counts what happens in this process. It may be used by many goroutines
// at once; nil counts nothing.
type Metrics struct {
	filed         *prometheus.CounterVec
	verifications *prometheus.CounterVec
	updates       *prometheus.HistogramVec
	mails         *prometheus.CounterVec
	mailDelay     *prometheus.HistogramVec
	accountActs   *prometheus.CounterVec
	attempts      *prometheus.CounterVec
	requests      *prometheus.HistogramVec
	temporalUp    prometheus.Gauge
}

// Build names this program.
type Build struct {
	Version   string // release or commit
	Workflows string // revision of its workflows
}

// New registers what counts events.
func New(to prometheus.Registerer, b Build) (*Metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels)
	}
	m := &Metrics{
		filed:         counter("tickets_filed_total", "Tickets taken in.", "kind", "channel"),
		verifications: counter("verifications_total", "Tries to prove who somebody is.", "method", "outcome"),
		updates:       histogram("updates_seconds", "Time to tell a ticket's workflow of an act and hear its word.", updateBuckets, "update", "outcome"),
		mails:         counter("mails_total", "Attempts to hand a letter to the mail server.", "letter", "outcome"),
		mailDelay:     histogram("mail_delay_seconds", "Time from ordering a letter to its being accepted by the mail server.", mailBuckets, "letter"),
		accountActs:   counter("account_acts_total", "Attempts to have the account system act.", "act", "outcome"),
		attempts:      counter("activity_attempts_total", "Attempts of activities.", "activity", "outcome"),
		requests:      histogram("http_request_seconds", "Time to answer a request.", requestBuckets, "method", "route", "status"),
		temporalUp: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "temporal_up",
			Help: "1 if Temporal answered when it was last asked, else 0."}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "build_info", Help: "This program; always 1.",
		ConstLabels: prometheus.Labels{"version": b.Version, "workflows": b.Workflows}})
	build.Set(1)
	for _, c := range []prometheus.Collector{m.filed, m.verifications, m.updates, m.mails, m.mailDelay, m.accountActs, m.attempts,
		m.requests, m.temporalUp, build} {
		if err := to.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Filed counts a ticket that was taken in.
func (m *Metrics) Filed(k ticket.Kind, c ticket.Channel) {
	if m != nil {
		m.filed.WithLabelValues(string(k), string(c)).Inc()
	}
}

// Verified is how a try to prove who somebody is came out.
type Verified string

const (
	Passed  Verified = "passed"
	Wrong   Verified = "wrong"
	Expired Verified = "expired"
	Refused Verified = "refused" // by a limit, the policy, the workflow, or the service asked
	Away    Verified = "away"    // the service asked, or the database, did not answer
)

// Verification counts a try to prove who somebody is.
func (m *Metrics) Verification(by ticket.Method, v Verified) {
	if m != nil {
		m.verifications.WithLabelValues(string(by), string(v)).Inc()
	}
}

// Told is what became of telling a workflow something.
type Told string

const (
	TellAccepted Told = "accepted"
	TellRefused  Told = "refused" // in words, by the workflow
	TellAway     Told = "away"    // Temporal or the worker did not answer in time
	TellFailed   Told = "failed"
)

// Updated measures how long it took to tell a workflow of an act.
func (m *Metrics) Updated(update string, t Told, took time.Duration) {
	if m != nil {
		m.updates.WithLabelValues(update, string(t)).Observe(took.Seconds())
	}
}

// MailOutcome is what the mail server did with a letter.
type MailOutcome string

const (
	MailAccepted MailOutcome = "accepted"
	MailRefused  MailOutcome = "refused"  // for good
	MailDeferred MailOutcome = "deferred" // it will be tried again
)

// Letters to others than the person of a ticket.
const (
	StaffNotice  contract.Letter = "staff_notice"
	TrackingLink contract.Letter = "tracking_link"
)

// Mailed counts an attempt to send a letter.
func (m *Metrics) Mailed(l contract.Letter, o MailOutcome) {
	if m != nil {
		m.mails.WithLabelValues(string(l), string(o)).Inc()
	}
}

// MailDelayed measures how long a letter took from its order to the server's word.
func (m *Metrics) MailDelayed(l contract.Letter, took time.Duration) {
	if m != nil {
		m.mailDelay.WithLabelValues(string(l)).Observe(max(took, 0).Seconds())
	}
}

// AccountOutcome is what the account system made of an act.
type AccountOutcome string

const (
	AccountDone    AccountOutcome = "done"
	AccountPending AccountOutcome = "pending" // a person has to do it
	AccountRefused AccountOutcome = "refused" // for good
	AccountFailed  AccountOutcome = "failed"  // it will be tried again
)

// AccountAct counts an attempt to have the account system act.
func (m *Metrics) AccountAct(s contract.AccountStep, o AccountOutcome) {
	if m != nil {
		m.accountActs.WithLabelValues(string(s), string(o)).Inc()
	}
}

// Attempted counts an attempt of an activity.
func (m *Metrics) Attempted(activity string, ok bool) {
	if m == nil {
		return
	}
	outcome := "ok"
	if !ok {
		outcome = "failed"
	}
	m.attempts.WithLabelValues(activity, outcome).Inc()
}

// Requested measures a request: its method, the pattern of its route, its status.
func (m *Metrics) Requested(method, route string, status int, took time.Duration) {
	if m != nil {
		m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
	}
}

// TemporalAnswers notes whether Temporal answered when it was last asked.
func (m *Metrics) TemporalAnswers(yes bool) {
	switch {
	case m == nil:
	case yes:
		m.temporalUp.Set(1)
	default:
		m.temporalUp.Set(0)
	}
}
