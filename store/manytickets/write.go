package manytickets

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
	"golang.org/x/sync/errgroup"

	"rightsdesk/seal"
)

// table is a table that is written to, and its columns in the order of a row.
type table struct{ name, columns string }

// tables are in an order in which each row's parent is there before it.
var tables = []table{
	{"tickets", `number kind category channel relation locale open stage awaiting outcome reason received_at filed_at filed_by
		policy_name policy_version policy_digest reply_due provisional calendar sla escalation assignee lease_number lease_holder
		lease_until level verified_at answered_at closed_at stopped_at breached_at appealed rev state kept_until locked_at purged_at
		unstarted`},
	{"ticket_secrets", "number data_key content account kept"},
	{"ticket_contacts", "hash number"},
	{"messages", "id number dedup kind agent at pending body"},
	{"events", "id number rev at actor agent act code object seq hash seal"},
	{"ledger_entries", "id number rev at event running due provisional calendar rung actor agent reason seq hash seal"},
	{"mails", "id number step letter recipient message due status attempts last_code message_id queued_at accepted_at last_tried_at"},
	{"links", "id token_hash number purpose proved expires_at contact_hash"},
	{"deliveries", "id number op name payload created_at attempts pending next_at done_at rejected message"},
}

// writer writes rows in bulk.
type writer struct {
	pool    *sql.DB
	sqlite  bool
	writers int // transactions at once
	rows    int // of one statement
}

func open(dsn string) (*writer, error) {
	kind, rest, _ := strings.Cut(dsn, ":")
	switch kind {
	case "sqlite":
		// Quick, and safe from nothing: the file is thrown away when this is cut off.
		pool, err := sql.Open("sqlite", rest+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)"+
			"&_pragma=cache_size(-400000)&_txlock=immediate&_time_format=sqlite")
		if err != nil {
			return nil, err
		}
		pool.SetMaxOpenConns(1)
		return &writer{pool: pool, sqlite: true, writers: 1, rows: 20}, nil
	case "mysql":
		settings, err := mysql.ParseDSN(rest)
		if err != nil {
			return nil, errors.New("the address can't be read")
		}
		settings.Loc, settings.InterpolateParams, settings.Collation = time.UTC, true, "utf8mb4_bin"
		settings.Params = map[string]string{"foreign_key_checks": "0", "unique_checks": "0", "sql_mode": "'STRICT_TRANS_TABLES'"}
		connector, err := mysql.NewConnector(settings)
		if err != nil {
			return nil, errors.New("the address can't be used")
		}
		return &writer{pool: sql.OpenDB(connector), writers: 4, rows: 400}, nil
	}
	return nil, errors.New(`the address must begin with "sqlite:" or "mysql:"`)
}

func (w *writer) close() { _ = w.pool.Close() }

// batch is how many tickets are written in one transaction.
const batch = 500

// write makes the rows and writes them, a batch at a time and several abreast.
func (d Desk) write(ctx context.Context, w *writer, vault *seal.Vault, progress func(int)) error {
	group, ctx := errgroup.WithContext(ctx)
	ready := make(chan rows, w.writers)
	var makers, done atomic.Int64
	var next atomic.Int64
	const many = 4
	makers.Store(many)
	for range many {
		group.Go(func() error {
			defer func() {
				if makers.Add(-1) == 0 {
					close(ready)
				}
			}()
			for {
				from := int(next.Add(batch)) - batch
				if from >= d.Tickets {
					return nil
				}
				made := rows{}
				for i := from; i < min(from+batch, d.Tickets); i++ {
					if err := d.ticket(made, vault, i); err != nil {
						return err
					}
				}
				select {
				case ready <- made:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		})
	}
	for range w.writers {
		group.Go(func() error {
			for made := range ready {
				if err := w.write(ctx, made); err != nil {
					return err
				}
				progress(int(done.Add(int64(len(made["tickets"])))))
			}
			return nil
		})
	}
	return group.Wait()
}

func (w *writer) write(ctx context.Context, made rows) error {
	tx, err := w.pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, t := range tables {
		if err := w.insert(ctx, tx, t, made[t.name]); err != nil {
			return fmt.Errorf("writing %s: %w", t.name, err)
		}
	}
	return tx.Commit()
}

func (w *writer) insert(ctx context.Context, tx *sql.Tx, t table, all [][]any) error {
	for len(all) > 0 {
		some := all[:min(w.rows, len(all))]
		all = all[len(some):]
		var values []any
		for _, row := range some {
			values = append(values, row...)
		}
		if _, err := tx.ExecContext(ctx, t.statement(len(some)), values...); err != nil {
			return err
		}
	}
	return nil
}

func (t table) statement(rows int) string {
	columns := strings.Fields(t.columns)
	row := "(?" + strings.Repeat(",?", len(columns)-1) + ")"
	return "INSERT INTO " + t.name + " (" + strings.Join(columns, ",") + ") VALUES " + row + strings.Repeat(","+row, rows-1)
}

// analyse makes the statistics by which the database plans its queries.
func (w *writer) analyse(ctx context.Context) error {
	if w.sqlite {
		_, err := w.pool.ExecContext(ctx, "ANALYZE")
		return err
	}
	for _, t := range tables {
		rows, err := w.pool.QueryContext(ctx, "ANALYZE TABLE "+t.name)
		if err != nil {
			return err
		}
		for rows.Next() { // what it has to say is of no interest
		}
		_ = rows.Close()
	}
	return nil
}
