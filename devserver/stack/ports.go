package stack

import (
	"fmt"

	"rightsdesk/devserver/process"
)

// portsAreFree refuses to start beside somebody who has a port already: another desk
// would answer in this one's name. The error names the flag of make run.
func (o Options) portsAreFree() error {
	ports := []struct {
		flag string
		port int
		desk bool // needed by the desk's own parts alone
	}{
		{"port", o.Port, true}, {"mail-port", o.MailPort, false}, {"smtp-port", o.SMTPPort, false}, {"accounts-port", o.AccountsPort, false},
		{"gateways-port", o.GatewaysPort, false}, {"temporal-port", o.TemporalPort, false}, {"ui-port", o.UIPort, false},
		{"metrics-port", o.MetricsPort, true}, {"worker-metrics-port", o.WorkerMetricsPort, true},
	}
	for _, p := range ports {
		if p.port != 0 && (!p.desk || !o.NoDesk) && !process.PortIsFree(p.port) {
			return fmt.Errorf("--%s: somebody listens on %s already, another desk perhaps; stop it, or choose another port (0: a free one)", p.flag, process.Loopback(p.port))
		}
	}
	return nil
}
