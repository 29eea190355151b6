package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"rightsdesk/api"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

type agentCommand struct {
	Database `embed:""`
	Add      agentAdd   `cmd:"" help:"Add a member of staff; prints a one-time password."`
	List     agentList  `cmd:"" help:"List the members of staff."`
	Reset    agentReset `cmd:"" help:"Give a member of staff a new one-time password, and have them set up a new second factor."`
}

type agentAdd struct {
	ID    string `arg:"" help:"Sign-in name: 2 to 32 of a-z, 0-9, dot, hyphen."`
	Name  string `required:"" help:"Name as colleagues see it."`
	Email string `required:"" help:"Address for notices."`
	Role  string `default:"agent" enum:"agent,lead,manager,privacy_officer,auditor,administrator" help:"agent, lead, manager, privacy_officer, auditor or administrator."`

	Queue []string `help:"Queue an agent is limited to: a kind such as info_correction, or one category of complaints such as complaint.security_incident. May be repeated; without it all." placeholder:"QUEUE"`
}

func (a *agentAdd) Run(ctx context.Context, s streams, all *commandLine) error {
	queues, ok := ticket.ParseQueues(a.Queue)
	if !ok {
		return fmt.Errorf("--queue: must be one of %s", strings.ReplaceAll(ticket.Queues(ticket.AllQueues()).String(), ",", ", "))
	}
	r, err := openRecords(ctx, all.Agent.Database)
	if err != nil {
		return err
	}
	defer r.store.Close()
	password, err := AddAgent(ctx, r.store, a.ID, a.Name, a.Email, ticket.Role(a.Role), queues...)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s %s, one-time password: %s\n", a.ID, a.Role, password)
	return nil
}

// AddAgent adds a member of staff, limited to queues if any are given, and
// returns the password to hand over once.
func AddAgent(ctx context.Context, records *store.Store, id, name, email string, role ticket.Role, queues ...ticket.Queue) (string, error) {
	agent, ok := ticket.CheckAgentID(id)
	if !ok {
		return "", errors.New("sign-in name: must be 2 to 32 of a-z, 0-9, dot and hyphen, beginning with a letter")
	}
	password := api.NewOneTimePassword()
	hash, err := api.HashPassword(password)
	if err != nil {
		return "", err
	}
	events := []store.StaffEvent{{Actor: store.ByCommandLine, Act: store.StaffAdded, Code: string(role)}}
	if limits := ticket.Queues(queues); len(limits) > 0 {
		events = append(events, store.StaffEvent{Actor: store.ByCommandLine, Act: store.StaffQueuesChanged, Code: limits.String()})
	}
	err = records.CreateAgent(ctx, store.Agent{ID: agent, Name: name, Email: email, Role: role, Queues: queues,
		PasswordHash: hash, MustChange: true, CreatedAt: time.Now()}, events...)
	if errors.Is(err, store.ErrExists) {
		return "", fmt.Errorf("there is a member of staff %s already; give them a new password with: rightsdesk agent reset %s", id, id)
	}
	return password, err
}

type agentList struct{}

func (a *agentList) Run(ctx context.Context, s streams, all *commandLine) error {
	r, err := openRecords(ctx, all.Agent.Database)
	if err != nil {
		return err
	}
	defer r.store.Close()
	agents, err := r.store.Agents(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "SIGN-IN NAME\tROLE\tNAME\tQUEUES\tSTATE")
	for _, a := range agents {
		state := "active"
		switch {
		case a.Disabled:
			state = "disabled"
		case a.Subject != "":
			state = "active, by single sign-on"
		case a.MustChange:
			state = "one-time password not used yet"
		case a.FactorAt.IsZero():
			state = "active, no second factor yet"
		}
		queues := "all"
		if limits := a.Limits(); len(limits) > 0 {
			queues = limits.String()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.ID, a.Role, a.Name, queues, state)
	}
	return w.Flush()
}

type agentReset struct {
	ID string `arg:"" help:"Sign-in name."`
}

func (a *agentReset) Run(ctx context.Context, s streams, all *commandLine) error {
	r, err := openRecords(ctx, all.Agent.Database)
	if err != nil {
		return err
	}
	defer r.store.Close()
	password := api.NewOneTimePassword()
	hash, err := api.HashPassword(password)
	if err != nil {
		return err
	}
	id := ticket.AgentID(a.ID)
	err = r.store.SetPassword(ctx, id, hash, true, store.StaffEvent{Actor: store.ByCommandLine, Act: store.StaffPasswordReset})
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("there is no member of staff %q; list them with: rightsdesk agent list", a.ID)
	}
	if err == nil {
		err = r.store.ResetFactor(ctx, id, store.StaffEvent{Actor: store.ByCommandLine, Act: store.StaffFactorReset})
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s, one-time password: %s\n", a.ID, password)
	return nil
}
