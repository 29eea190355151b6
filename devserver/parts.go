package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"rightsdesk/devserver/mailcatcher"
	"rightsdesk/devserver/sampleaccounts"
	"rightsdesk/devserver/samplegateways"
	"rightsdesk/devserver/stack"
	"rightsdesk/devserver/temporal"
)

type temporalCommand struct {
	Data          string `required:"" help:"Folder for its state and its log." placeholder:"DIR"`
	Port          int    `required:"" help:"Temporal's frontend."`
	UIPort        int    `name:"ui-port" help:"Temporal UI."`
	MySQL         string `name:"mysql" help:"MySQL server to keep its state in, instead of a file." placeholder:"HOST:PORT"`
	MySQLUser     string `name:"mysql-user" default:"root" help:"Who may make databases there."`
	MySQLPassword string `name:"mysql-password" help:"Their password."`
}

func (c *temporalCommand) Run() error {
	o := temporal.Options{DataDir: c.Data, FrontendPort: c.Port, UIPort: c.UIPort, SearchAttributes: stack.SearchAttributes()}
	if c.MySQL != "" {
		o.MySQL = &temporal.MySQL{Addr: c.MySQL, User: c.MySQLUser, Password: c.MySQLPassword}
	}
	s, err := temporal.Start(context.Background(), o)
	if err != nil {
		return err
	}
	defer s.Stop()
	untilTold()
	return nil
}

type mailCommand struct {
	Data         string `required:"" help:"Folder for its state." placeholder:"DIR"`
	SMTPPort     int    `name:"smtp-port" required:"" help:"SMTP."`
	Port         int    `required:"" help:"Page of the mail catcher."`
	GatewaysPort int    `required:"" help:"Sample gateways."`
}

func (c *mailCommand) Run() error {
	mails, err := mailcatcher.Start(mailcatcher.Options{SMTPAddr: loopback(c.SMTPPort), HTTPAddr: loopback(c.Port), DataDir: c.Data})
	if err != nil {
		return err
	}
	defer mails.Stop()
	gateways, err := samplegateways.Start(samplegateways.Options{Addr: loopback(c.GatewaysPort), DataDir: c.Data,
		Deliver: func(to, subject, text string) error { return mails.Show("sample gateways", to, subject, text) }})
	if err != nil {
		return err
	}
	defer gateways.Stop()
	untilTold()
	return nil
}

type accountsCommand struct {
	Data           string `required:"" help:"Folder for its state." placeholder:"DIR"`
	Port           int    `required:"" help:"The contract, and the page."`
	SampleAccounts int    `help:"So many invented accounts more, sample-1 and on." placeholder:"N"`
}

func (c *accountsCommand) Run() error {
	s, err := sampleaccounts.Start(sampleaccounts.Options{Addr: loopback(c.Port), DataDir: c.Data})
	if err != nil {
		return err
	}
	defer s.Stop()
	if err := s.AddMany(context.Background(), c.SampleAccounts); err != nil {
		return err
	}
	untilTold()
	return nil
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// untilTold waits for Ctrl-C or SIGTERM.
func untilTold() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	<-ctx.Done()
}
