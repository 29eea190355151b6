package command

import (
	"context"
	"errors"
	"fmt"
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
	Reset    agentReset `cmd:"" help:"Give a member of staff a new one-time password."`
}

type agentAdd struct {
	ID    string `arg:"" help:"Sign-in name: 2 to 32 of a-z, 0-9, dot, hyphen."`
	Name  string `required:"" help:"Name as colleagues see it."`
	Email string `required:"" help:"Address for notices."`
	Role  string `default:"agent" enum:"agent,lead,manager,privacy_officer" help:"agent, lead, manager or privacy_officer."`
}

func (a *agentAdd) Run(ctx context.Context, s streams, all *commandLine) error {
	r, err := openRecords(ctx, all.Agent.Database)
	if err != nil {
		return err
	}
	defer r.store.Close()
	password, err := AddAgent(ctx, r.store, a.ID, a.Name, a.Email, ticket.Role(a.Role))
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s %s, one-time password: %s\n", a.ID, a.Role, password)
	return nil
}

// AddAgent adds a member of staff and returns the password to hand over once.
func AddAgent(ctx context.Context, records *store.Store, id, name, email string, role ticket.Role) (string, error) {
	agent, ok := ticket.CheckAgentID(id)
	if !ok {
		return "", errors.New("sign-in name: must be 2 to 32 of a-z, 0-9, dot and hyphen, beginning with a letter")
	}
	password := api.NewOneTimePassword()
	hash, err := api.HashPassword(password)
	if err != nil {
		return "", err
	}
	err = records.CreateAgent(ctx, store.Agent{ID: agent, Name: name, Email: email, Role: role,
		PasswordHash: hash, MustChange: true, CreatedAt: time.Now()})
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
	fmt.Fprintln(w, "SIGN-IN NAME\tROLE\tNAME\tSTATE")
	for _, a := range agents {
		state := "active"
		switch {
		case a.Disabled:
			state = "disabled"
		case a.MustChange:
			state = "one-time password not used yet"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", a.ID, a.Role, a.Name, state)
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
	if err := r.store.SetPassword(ctx, ticket.AgentID(a.ID), hash, true); errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("there is no member of staff %q; list them with: rightsdesk agent list", a.ID)
	} else if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s, one-time password: %s\n", a.ID, password)
	return nil
}
