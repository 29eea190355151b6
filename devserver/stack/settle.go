package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"rightsdesk/command"
	"rightsdesk/seal"
)

// prepareRecords makes the master key and the schema, where they are missing.
func (s *Stack) prepareRecords(ctx context.Context) error {
	key := filepath.Join(s.options.DataDir, "master.key")
	if _, err := os.Stat(key); errors.Is(err, os.ErrNotExist) {
		if err := seal.CreateFile(key); err != nil {
			return err
		}
	}
	s.Database = command.Database{Database: s.options.Database, MasterKeyFile: key}
	if s.shape != nil {
		s.Database.Database = s.shape.database.DSN("rightsdesk")
	} else if s.Database.Database == "" {
		s.Database.Database = "sqlite:" + filepath.Join(s.options.DataDir, "rightsdesk.db")
	}
	if err := command.Migrate(ctx, s.Database); err != nil {
		return err
	}
	return s.firstManager(ctx)
}

// settle fills the settings in that the product's own commands would be given.
func (s *Stack) settle() error {
	ports := []int{s.options.Port, s.options.MetricsPort, s.options.WorkerMetricsPort}
	for i := range ports {
		if ports[i] != 0 {
			continue
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close() // held until all are chosen
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	base := fmt.Sprintf("http://127.0.0.1:%d", ports[0])
	s.Metrics, s.WorkerMetrics = "http://"+loopback(ports[1])+"/metrics", "http://"+loopback(ports[2])+"/metrics"
	s.Form, s.Desk = base+"/", base+"/desk"
	s.Mail, s.SMTP = s.Mails.URL(), s.Mails.SMTPAddr()
	s.Namespace = "rightsdesk"
	if s.shape != nil {
		s.Temporal, s.TemporalUI = s.shape.addresses()
	} else {
		s.Temporal, s.TemporalUI = s.temporal.HostPort(), s.temporal.UIURL()
	}
	s.Accounts, s.DataDir = s.People.URL(), s.options.DataDir
	s.settings = command.Service{
		Database: s.Database,
		Temporal: command.Temporal{TemporalAddress: s.Addresses.Temporal, TemporalNamespace: s.Namespace},
		Operator: command.Operator{OperatorName: "和信会", OperatorNameEN: "Hexinhui",
			OperatorContact: "privacy@example.com", BaseURL: base},
		Mail: command.Mail{SMTPAddress: s.SMTP, SMTPTLS: "none", MailFrom: "desk@rightsdesk.example", SMTPTimeout: 10 * time.Second},
		Verifiers: command.Verifiers{
			TextsURL: s.Gateways.URL(), TextsSecret: string(s.Gateways.Secret()),
			RealNamesURL: s.Gateways.URL(), RealNamesSecret: string(s.Gateways.Secret()),
			PaymentsURL: s.Gateways.URL(), PaymentsSecret: string(s.Gateways.Secret()),
		},
	}
	return nil
}
