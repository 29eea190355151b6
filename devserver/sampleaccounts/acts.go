package sampleaccounts

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"time"

	"rightsdesk/accounts"
)

// failForGood are values of a correction that are refused, for tests.
var failForGood = []string{"永久失败", "fail-permanently"}

// once does an act unless its key is known, and records the answer in the
// same transaction: either both are on disk or neither.
func (s *system) once(ctx context.Context, operation string, act accounts.Act,
	do func(tx *sql.Tx, st accounts.Status) ([]accounts.KeptField, error)) (accounts.Done, error) {
	var done accounts.Done
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return done, err
	}
	defer tx.Rollback()
	var earlier struct{ operation, ref, answer string }
	err = tx.QueryRowContext(ctx, `SELECT operation, ref, answer FROM act WHERE key = ?`, act.IdempotencyKey).
		Scan(&earlier.operation, &earlier.ref, &earlier.answer)
	if err == nil {
		if earlier.operation != operation || earlier.ref != string(act.Ref) {
			return done, accounts.Permanent(accounts.CodeKeyReused, "", "the key belongs to another act")
		}
		return done, json.Unmarshal([]byte(earlier.answer), &done)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return done, err
	}
	st, err := status(ctx, tx, act.Ref)
	if err != nil {
		return done, err
	}
	kept, err := do(tx, st)
	if err != nil {
		return done, err
	}
	done = accounts.Done{Reference: "op-" + rand.Text()[:12], At: s.now().UTC(), Kept: kept}
	answer, err := json.Marshal(done)
	if err != nil {
		return done, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO act (key, operation, ref, ticket, answer) VALUES (?, ?, ?, ?, ?)`,
		act.IdempotencyKey, operation, act.Ref, act.Ticket, string(answer))
	if err != nil {
		return done, err
	}
	return done, tx.Commit()
}

// Done is an act that was done, under the key by which it is done once.
type Done struct {
	Key, Operation, Ticket string
}

// Done lists what was done, in order.
func (s *Server) Done(ctx context.Context) ([]Done, error) {
	rows, err := s.system.db.QueryContext(ctx, `SELECT key, operation, ticket FROM act ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Done
	for rows.Next() {
		var d Done
		if err := rows.Scan(&d.Key, &d.Operation, &d.Ticket); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// StopServices implements accounts.System.
func (s *system) StopServices(ctx context.Context, act accounts.Act) (accounts.Done, error) {
	return s.once(ctx, "stop-services", act, func(tx *sql.Tx, st accounts.Status) ([]accounts.KeptField, error) {
		standing, err := obstacles(ctx, tx, act.Ref)
		if err != nil {
			return nil, err
		}
		if len(standing) > 0 {
			return nil, accounts.Permanent(accounts.CodeObstacles, "", "obstacles stand in the way")
		}
		_, err = tx.ExecContext(ctx, `UPDATE account SET status = ? WHERE ref = ? AND status = ?`,
			accounts.Stopped, act.Ref, accounts.Active)
		return nil, err
	})
}

// Erase implements accounts.System.
func (s *system) Erase(ctx context.Context, act accounts.Act, plan []accounts.ErasePlanItem) (accounts.Done, error) {
	return s.once(ctx, "erase", act, func(tx *sql.Tx, st accounts.Status) ([]accounts.KeptField, error) {
		if st == accounts.Active {
			return nil, accounts.Permanent(accounts.CodeNotStopped, "", "services have not been stopped")
		}
		planned := map[string]accounts.ErasePlanItem{}
		for _, item := range plan {
			if !slices.Contains(fields, item.Field) {
				return nil, accounts.Permanent(accounts.CodeUnknownField, item.Field, "there is no such field")
			}
			planned[item.Field] = item
		}
		var kept []accounts.KeptField
		for _, field := range fields {
			item := planned[field] // not planned: deleted
			done, err := treat(ctx, tx, act.Ref, field, item)
			if err != nil {
				return nil, err
			}
			if done && item.Do == accounts.Keep {
				kept = append(kept, accounts.KeptField{Field: field, Until: item.Until, Basis: item.Basis})
			}
		}
		_, err := tx.ExecContext(ctx, `UPDATE account SET status = ? WHERE ref = ?`, accounts.Erased, act.Ref)
		return kept, err
	})
}

// treat does to one field what the plan says, and reports whether the account
// has the field.
func treat(ctx context.Context, tx *sql.Tx, ref accounts.Ref, field string, item accounts.ErasePlanItem) (bool, error) {
	var r sql.Result
	var err error
	switch item.Do {
	case accounts.Keep:
		r, err = tx.ExecContext(ctx, `UPDATE field SET until = ?, basis = ? WHERE ref = ? AND name = ?`,
			item.Until.UTC().Format(time.RFC3339), item.Basis, ref, field)
	case accounts.Anonymise:
		r, err = tx.ExecContext(ctx, `UPDATE field SET value = ?, until = '', basis = '' WHERE ref = ? AND name = ?`,
			"匿名-"+rand.Text()[:8], ref, field)
	default:
		r, err = tx.ExecContext(ctx, `DELETE FROM field WHERE ref = ? AND name = ?`, ref, field)
	}
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

// Correct implements accounts.System.
func (s *system) Correct(ctx context.Context, act accounts.Act, changes []accounts.Change) (accounts.Done, error) {
	return s.once(ctx, "correct", act, func(tx *sql.Tx, st accounts.Status) ([]accounts.KeptField, error) {
		if st == accounts.Erased {
			return nil, accounts.ErrNoAccount
		}
		for _, c := range changes {
			if err := change(ctx, tx, act.Ref, c); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

func change(ctx context.Context, tx *sql.Tx, ref accounts.Ref, c accounts.Change) error {
	if !slices.Contains(fields, c.Field) {
		return accounts.Permanent(accounts.CodeUnknownField, c.Field, "there is no such field")
	}
	value := c.Value
	if c.Field == accounts.FieldPhone {
		value = phone(value)
	}
	var current string
	err := tx.QueryRowContext(ctx, `SELECT value FROM field WHERE ref = ? AND name = ?`, ref, c.Field).Scan(&current)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if c.Expected != nil && *c.Expected != current {
		return accounts.Permanent(accounts.CodeChangedMeanwhile, c.Field, "the value on file is another one by now")
	}
	if why := objection(ctx, tx, ref, c.Field, value); why != "" {
		return accounts.Permanent(accounts.CodeInvalidValue, c.Field, why)
	}
	if value == "" {
		_, err = tx.ExecContext(ctx, `DELETE FROM field WHERE ref = ? AND name = ?`, ref, c.Field)
	} else {
		_, err = tx.ExecContext(ctx, `INSERT INTO field (ref, name, value) VALUES (?, ?, ?)
			ON CONFLICT (ref, name) DO UPDATE SET value = excluded.value`, ref, c.Field, value)
	}
	return err
}

// objection says why a value cannot be taken; "" if it can.
func objection(ctx context.Context, tx *sql.Tx, ref accounts.Ref, field, value string) string {
	if slices.Contains(failForGood, value) {
		return "refused, as the value asks for"
	}
	switch field {
	case accounts.FieldEmail:
		if a, err := mail.ParseAddress(value); value != "" && (err != nil || a.Address != value) {
			return "not an e-mail address"
		}
	case accounts.FieldPhone, fieldAccountName:
	default:
		return ""
	}
	if value == "" {
		return ""
	}
	switch owner, err := find(ctx, tx, value); {
	case errors.Is(err, accounts.ErrNoAccount), err == nil && owner == ref:
		return ""
	default:
		return fmt.Sprintf("another account has this %s", field)
	}
}

// Purge implements accounts.System.
func (s *system) Purge(ctx context.Context, act accounts.Act) (accounts.Done, error) {
	return s.once(ctx, "purge", act, func(tx *sql.Tx, st accounts.Status) ([]accounts.KeptField, error) {
		if st != accounts.Erased {
			return nil, accounts.Permanent(accounts.CodeNotErased, "", "the account has not been erased")
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM account WHERE ref = ?`, act.Ref)
		return nil, err
	})
}
