package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/store/manytickets"
	"rightsdesk/store/mariadbtest"
	"rightsdesk/ticket"
)

// place is a database server, or a folder of SQLite files.
type place struct {
	name   string
	dir    string
	server *mariadbtest.Server
}

func serve(dir, database, buffer string) (*place, error) {
	p := &place{name: database, dir: dir}
	if err := os.MkdirAll(dir, 0o700); err != nil || database == "sqlite" {
		return p, err
	}
	// As a small production server would be set, on one disk: what is committed is
	// on disk.
	var err error
	p.server, err = mariadbtest.Serve(dir, "--innodb-buffer-pool-size="+buffer, "--innodb-log-file-size=512M", "--innodb-file-per-table=1",
		"--innodb-flush-log-at-trx-commit=1", "--skip-log-bin", "--character-set-server=utf8mb4", "--max-connections=200",
		"--max-allowed-packet=64M")
	return p, err
}

func (p *place) stop() {
	if p.server != nil {
		p.server.Stop()
	}
}

// made says what stands beside a desk that was filled: by when, and under which key.
type made struct {
	Until time.Time
	Key   string
}

const agents = 60

func agent(i int) ticket.AgentID { return ticket.AgentID(fmt.Sprintf("agent%02d", i)) }

// desk opens a desk of so many tickets, and fills it if it is not there.
func (p *place) desk(ctx context.Context, tickets int) (*desk, error) {
	name := fmt.Sprintf("desk%d", tickets)
	dsn := "sqlite:" + filepath.Join(p.dir, name+".db")
	if p.server != nil {
		var err error
		if dsn, err = p.server.Database(name); err != nil {
			return nil, err
		}
	}
	// Half of a small desk is open, so that its pages are as full as those of a large one.
	shape := manytickets.Desk{Tickets: tickets, Open: min(tickets/2, 50_000)}
	for i := range agents {
		shape.Agents = append(shape.Agents, agent(i))
	}
	policy, text, err := ticket.EmbeddedPolicy("cn")
	if err != nil {
		return nil, err
	}
	shape.Policy = policy
	note := filepath.Join(p.dir, name+".json")
	was, err := readMade(note)
	if err != nil {
		return nil, err
	}
	fresh := was.Key == ""
	if fresh {
		was = made{Until: time.Now().UTC().Truncate(time.Microsecond), Key: seal.NewMasterKey()}
	}
	shape.Until = was.Until
	vault, err := seal.Open(was.Key)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(dsn, vault)
	if err != nil {
		return nil, err
	}
	if err := s.Migrate(ctx); err != nil {
		return nil, err
	}
	if fresh {
		if err := s.SavePolicy(ctx, policy.Ref(), text); err != nil {
			return nil, err
		}
		begun := time.Now()
		err := shape.Fill(ctx, dsn, vault, func(done int) {
			if done%50_000 == 0 {
				fmt.Fprintf(os.Stderr, "%s: %d of %d tickets after %s\n", p.name, done, tickets, time.Since(begun).Round(time.Second))
			}
		})
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(os.Stderr, "%s: %d tickets written in %s\n", p.name, tickets, time.Since(begun).Round(time.Second))
		noted, err := json.Marshal(was)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(note, noted, 0o600); err != nil {
			return nil, err
		}
	}
	return openDesk(ctx, s, shape, policy, text)
}

func readMade(file string) (made, error) {
	var m made
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}
