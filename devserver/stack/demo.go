package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"rightsdesk/command"
	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// abreast is how many stories are played at once.
const abreast = 6

// demoStaff are the members of staff of the stories, invented like everybody in
// them.
var demoStaff = []struct {
	id          ticket.AgentID
	name, email string
	role        ticket.Role
}{
	{liWei, "李伟 Li Wei", "li.wei@desk.example.com", ticket.Agent},
	{chenJing, "陈静 Chen Jing", "chen.jing@desk.example.com", ticket.Agent},
	{zhaoMin, "赵敏 Zhao Min", "zhao.min@desk.example.com", ticket.Lead},
	{sunYue, "孙悦 Sun Yue", "sun.yue@desk.example.com", ticket.PrivacyOfficer},
}

// Demonstrate fills an empty desk with tickets of all kinds in all stages, each
// brought there through the product's own doors. A desk that has had a ticket is
// left alone. What it did is said on standard error.
func (s *Stack) Demonstrate(ctx context.Context) error {
	records, err := s.Records()
	if err != nil {
		return err
	}
	defer records.Close()
	if empty, err := isEmpty(ctx, records); err != nil {
		return err
	} else if !empty {
		s.say("The desk has tickets already: no demonstration was filed.")
		return nil
	}
	began := time.Now()
	d, err := s.newDemo(ctx, records)
	if err != nil {
		return err
	}
	defer d.close()
	if err := d.play(ctx, stories()); err != nil {
		return err
	}
	s.say(fmt.Sprintf("The desk was filled with %d tickets in %.1f s. Their staff are li.wei, chen.jing, zhao.min "+
		"and sun.yue; to sign in as one of them, have the manager reset their password.",
		len(stories()), time.Since(began).Seconds()))
	return nil
}

func (s *Stack) say(line string) {
	fmt.Fprintln(os.Stderr, line)
	s.log.Info(line)
}

// isEmpty reports that no ticket was ever filed; retained and purged ones show
// in the queue only when asked for.
func isEmpty(ctx context.Context, records *store.Store) (bool, error) {
	for _, stage := range []ticket.Stage{"", ticket.Retained, ticket.Purged} {
		page, err := records.Queue(ctx, store.Filter{Stage: stage, Limit: 1}, time.Now())
		if err != nil || page.Total > 0 {
			return false, err
		}
	}
	return true, nil
}

// demo is a desk beside the one that serves, at the same records and engine.
type demo struct {
	stack   *Stack
	store   *store.Store
	engine  client.Client
	planner *deadline.Planner
	policy  *ticket.Policy
	zone    *time.Location
	desk    *desk.Desk
	staff   map[ticket.AgentID]contract.Staff
}

func (s *Stack) newDemo(ctx context.Context, records *store.Store) (*demo, error) {
	policy, text, err := s.policy()
	if err != nil {
		return nil, err
	}
	d := &demo{stack: s, store: records, policy: policy, planner: deadline.NewPlanner(records, records)}
	calendar, _, err := d.planner.Calendar(ctx, policy.Calendar)
	if err != nil {
		return nil, err
	}
	d.zone = calendar.Location()
	if err := d.hire(ctx); err != nil {
		return nil, err
	}
	d.engine, err = client.DialContext(ctx, client.Options{HostPort: s.Addresses.Temporal, Namespace: s.Namespace,
		Logger: sdklog.NewStructuredLogger(s.log)})
	if err != nil {
		return nil, err
	}
	d.desk = desk.New(desk.Config{Store: records, Temporal: d.engine, Planner: d.planner, Policy: policy, PolicyText: text,
		Log: s.log, StartBudget: patience, ActBudget: patience, StaffBudget: patience})
	return d, nil
}

func (d *demo) close() {
	d.desk.Wait()
	d.engine.Close()
}

// policy is the one the web side serves.
func (s *Stack) policy() (*ticket.Policy, []byte, error) {
	name := s.options.Policy
	if name == "" {
		name = "cn"
	}
	if !strings.ContainsAny(name, `./\`) {
		return ticket.EmbeddedPolicy(name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	policy, err := ticket.ParsePolicy(text)
	return policy, text, err
}

// hire adds the members of staff that are missing.
func (d *demo) hire(ctx context.Context) error {
	d.staff = map[ticket.AgentID]contract.Staff{}
	for _, m := range demoStaff {
		_, err := d.store.Agent(ctx, m.id)
		if errors.Is(err, store.ErrNotFound) {
			_, err = command.AddAgent(ctx, d.store, string(m.id), m.name, m.email, m.role)
		}
		if err != nil {
			return err
		}
		d.staff[m.id] = contract.Staff{ID: m.id, Role: m.role}
	}
	return nil
}

// play plays the stories, some at once. The first that fails stops the rest.
func (d *demo) play(ctx context.Context, all []story) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var running sync.WaitGroup
	turns := make(chan struct{}, abreast)
	for i, one := range all {
		turns <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		running.Go(func() {
			defer func() { <-turns }()
			if err := d.tell(ctx, i, one); err != nil {
				stop(fmt.Errorf("ticket %d, of %s: %w", i+1, one.name, err))
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}

// tell files one story's request and plays its acts.
func (d *demo) tell(ctx context.Context, i int, one story) error {
	t := &telling{demo: d, story: one, network: fmt.Sprintf("192.0.2.%d", i+1)}
	request, err := t.request(ctx, i)
	if err != nil {
		return err
	}
	receipt, wrong, err := d.desk.File(ctx, request)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return fmt.Errorf("the form was refused: %v", wrong)
	}
	t.number = receipt.Number
	if err := t.until(ctx, "receipt", func(now store.Ticket) bool { return now.Stage != ticket.Received }); err != nil {
		return err
	}
	for _, act := range one.acts {
		if err := act(ctx, t); err != nil {
			return err
		}
	}
	return nil
}
