package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rightsdesk/bench/report"
	"rightsdesk/seal"
	"rightsdesk/ticket"
)

// The states of Temporal in which requests are taken in.
type engineState struct {
	name string
	set  func(*door) error
}

func engineStates() []engineState {
	return []engineState{
		{"there", (*door).open},
		{"down", func(d *door) error { d.shut(); return nil }},
		{"silent", func(d *door) error { d.hush(); return nil }},
	}
}

// intake measures how fast the form takes requests in, from the same api on the
// same database, with Temporal there, down (connections are refused) and silent
// (connections stand and nothing answers).
func (f *flags) intake(ctx context.Context, s *stand) (string, error) {
	if s.door == nil {
		return "", fmt.Errorf("the intake is measured on a desk of the bench's own: Temporal is taken away from it")
	}
	if _, err := s.office.filed(ctx, ticket.Complaint); err != nil { // the first of everything takes longer
		return "", err
	}
	took := report.NewTable("senders", "#Temporal there, tickets/s", "#down", "#ratio", "#silent", "#ratio")
	waits := report.NewTable("senders", "#there, median ms", "#p99", "#down, median ms", "#p99", "#silent, median ms", "#p99", "#longest")
	told, goal := result{}, report.Goal{Least: 1}
	for _, senders := range f.Senders {
		by := map[string]*result{}
		for range f.Rounds {
			for _, state := range engineStates() {
				r, caught, err := f.intakeBlock(ctx, s, state, senders)
				if err != nil {
					return "", fmt.Errorf("%d senders, Temporal %s: %w", senders, state.name, err)
				}
				if by[state.name] == nil {
					by[state.name] = &result{}
				}
				by[state.name].add(r)
				told.add(caught)
			}
		}
		there, down, silent := *by["there"], *by["down"], *by["silent"]
		goal.See(fmt.Sprintf("%d senders, down", senders), report.Ratio(down.rate(), there.rate()))
		goal.See(fmt.Sprintf("%d senders, silent", senders), report.Ratio(silent.rate(), there.rate()))
		took.Row(senders, there.rate(), down.rate(), report.Ratio(down.rate(), there.rate()), silent.rate(), report.Ratio(silent.rate(), there.rate()))
		waits.Row(senders, there.accepted.Median(), there.accepted.Percentile(99), down.accepted.Median(), down.accepted.Percentile(99),
			silent.accepted.Median(), silent.accepted.Percentile(99), silent.accepted.Percentile(100))
		f.say("%2d senders: %s tickets/s with Temporal there, %s with it down, %s with it silent", senders,
			report.Number(there.rate()), report.Number(down.rate()), report.Number(silent.rate()))
	}
	return fmt.Sprintf("%s\nWith Temporal away: %s\n\n%s\nWhen Temporal was back, what had waited was told to it at %s tickets a second; none was lost.\n",
		took, goal, waits, report.Number(told.rate())), nil
}

// intakeBlock files so many requests in one state, then lets Temporal catch up:
// every ticket must have been told to it, and every receipt mailed, before the
// next block. What had waited, and how long it took, is the second result.
func (f *flags) intakeBlock(ctx context.Context, s *stand, state engineState, senders int) (r, caught result, err error) {
	mails, err := s.office.inbox.count(ctx)
	if err == nil {
		err = state.set(s.door)
	}
	if err != nil {
		return r, caught, err
	}
	r, err = s.send(ctx, senders, f.Filings)
	if err != nil {
		return r, caught, err
	}
	waiting, err := s.records.PendingCount(ctx)
	if err != nil {
		return r, caught, err
	}
	began := time.Now()
	if err := s.door.open(); err != nil {
		return r, caught, err
	}
	err = await(ctx, 3*time.Minute, func() (bool, error) {
		n, err := s.records.PendingCount(ctx)
		return n == 0, err
	})
	if state.name != "there" {
		caught = result{n: waiting, window: time.Since(began)}
	}
	if err != nil {
		return r, caught, fmt.Errorf("telling Temporal what waited: %w", err)
	}
	err = await(ctx, 3*time.Minute, func() (bool, error) {
		now, err := s.office.inbox.count(ctx)
		return now >= mails+int64(r.n), err
	})
	if err != nil {
		return r, caught, fmt.Errorf("mailing %d receipts: %w", r.n, err)
	}
	return r, caught, nil
}

// await asks until it is so.
func await(ctx context.Context, patience time.Duration, so func() (bool, error)) error {
	for end := time.Now().Add(patience); ; {
		ok, err := so()
		if err != nil || ok {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("it had not come to that after %s", patience)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// send posts the form so many times, from so many senders at once.
func (s *stand) send(ctx context.Context, senders, filings int) (result, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var (
		mu   sync.Mutex
		r    result
		left atomic.Int64
		all  sync.WaitGroup
	)
	left.Store(int64(filings))
	began := time.Now()
	for range senders {
		all.Go(func() {
			for left.Add(-1) >= 0 && ctx.Err() == nil {
				took, err := s.office.post(ctx)
				if err != nil {
					stop(err)
					return
				}
				mu.Lock()
				r.n++
				r.accepted = append(r.accepted, took)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	r.window = time.Since(began)
	return r, context.Cause(ctx)
}

// post sends the public form once, as a browser does from the page with the
// answers, and reads the receipt.
func (o *office) post(ctx context.Context) (time.Duration, error) {
	form := url.Values{"form": {seal.NewToken()}, "name": {"Bench Person"}, "category": {string(ticket.CategoryPrivacy)},
		"email": {fmt.Sprintf("person-%d@example.net", o.people.Add(1))}, "subject": {"My telephone number"}, "text": {wish}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.web.base+"/request/complaint/send", strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("X-Forwarded-For", o.web.network())
	began := time.Now()
	answer, err := o.web.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	took := time.Since(began)
	if err == nil && (answer.StatusCode != http.StatusOK || !strings.Contains(string(page), "DSR-")) {
		err = fmt.Errorf("the form was answered by %s, without a ticket's number", answer.Status)
	}
	return took, err
}
